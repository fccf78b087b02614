/** Long work in steps, so that the event loop gets its turn in between. */
import { setImmediate as nextTurn } from 'node:timers/promises';

/** Work that may be interrupted wherever it yields. */
export type Steps<Result> = Generator<undefined, Result>;

/** So many items are handled between two steps, each a microsecond or two. */
export const itemsOfStep = 256;
const sliceMs = 6;

/** Does the work at once. */
export function atOnce<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/**
 * Does the work a few milliseconds at a time.
 * @param goOn asked after each pause; where it says no, the rest is left undone
 * @returns undefined when it was left
 */
export async function inSlices<Result>(
  steps: Steps<Result>,
  goOn: () => boolean = () => true,
): Promise<Result | undefined> {
  for (;;) {
    const until = performance.now() + sliceMs;
    do {
      const step = steps.next();
      if (step.done === true) return step.value;
    } while (performance.now() < until);
    await nextTurn();
    if (!goOn()) {
      steps.return(undefined as never);
      return undefined;
    }
  }
}

/** The items of a list, with a step between some of them and the next. */
export function* stepping<Item>(items: readonly Item[], act: (item: Item) => void): Steps<void> {
  for (const [index, item] of items.entries()) {
    if (index % itemsOfStep === itemsOfStep - 1) yield;
    act(item);
  }
}

/** For work that awaits things anyway: says when it has gone on long enough, and pauses. */
export class Pace {
  #until = performance.now() + sliceMs;

  get due(): boolean {
    return performance.now() >= this.#until;
  }

  /** To be awaited when it is due. */
  async pause(): Promise<void> {
    await nextTurn();
    this.#until = performance.now() + sliceMs;
  }
}
