/**
 * A model of what clients were told, against which every answer is compared.
 *
 * A register is anything that requests write and read: the value of a variable, whether a role may
 * read it, whether a user exists, its API key, whether an authenticator is on. All requests are
 * made by this process, so that one order holds for all of them. Promises that are held:
 * - a read that begins after a write was acknowledged sees nothing older;
 * - once a read saw a newer value, no read that begins later sees an older one;
 * - what was never written, or refused (4xx, or nobody listened), is never seen;
 * - a write of unknown outcome (5xx, connection lost) takes effect once or never, until {@link History.settle}.
 *
 * ```ts
 * const history = new History();
 * history.initially('secret:x', 'first');
 * await history.write('secret:x', 'second', () => admin.send('POST', path, 'second'));
 * await history.read('secret:x', async () => seenSecret(await reader.send('GET', path)));
 * await history.write('may-read:x', false, () => admin.send('PATCH', policy, '- !deny …'));
 * await history.read('may-read:x', async () => seenStatus(await reader.send('GET', path), { 200: true, 404: false }));
 * assert.deepEqual(history.check(), []);
 * ```
 *
 * What one request writes whole or not at all, and another reads whole (two variables read in one batch), is
 * one register whose value is all of it together: half of it is then a value that was never written.
 */
import { linearize } from './linearize.ts';
import { isConnectionLost, isNeverSent, outcomeOf } from './outcome.ts';
import type { Mark, Operation, Value, Violation, WriteOutcome } from './operations.ts';
import { outOfOrder, type SeenVersion } from './versions.ts';

/** An answer that says nothing of the register: a 5xx, or no answer. */
export const unseen: unique symbol = Symbol('unseen');

/** What a read saw: a value, or `{ other: value }`, anything but that value. */
export type Seen = Value | { readonly other: Value } | typeof unseen;

export interface Attempt<A> {
  /** What it would write; a function of the answer for a value that the service chooses. */
  readonly writes?: Readonly<Record<string, Value | ((answer: A) => Value)>>;
  readonly act: () => Promise<A>;
  /** By default by status, as {@link outcomeOf}. */
  readonly outcome?: (answer: A) => WriteOutcome;
  /** What the answer says of registers, of which it may read several. */
  readonly sees?: (answer: A) => Readonly<Record<string, Seen>>;
}

export class History {
  readonly #operations = new Map<string, Operation[]>();
  readonly #initial = new Map<string, Value>();
  readonly #marks: Mark[] = [];
  readonly #versions: SeenVersion[] = [];
  readonly #startedMs = performance.now();
  #events = 0;
  #unknownValues = 0;
  #unknownOutcomes = 0;

  /** What a register holds before the first operation; otherwise nothing (undefined). */
  initially(register: string, value: Value): void {
    this.#initial.set(register, value);
  }

  /**
   * Sends a write and keeps how it ended.
   * @param value what is written; a function of the answer where the service chooses it (an API key)
   * @param act errors of a lost connection are an unknown outcome; others are thrown on
   * @returns the answer; undefined when the connection was lost
   */
  write<A extends { readonly status: number }>(
    register: string,
    value: Value | ((answer: A) => Value),
    act: () => Promise<A>,
    outcome: (answer: A) => WriteOutcome = outcomeOf,
  ): Promise<A | undefined> {
    return this.attempt({ writes: { [register]: value }, act, outcome });
  }

  /**
   * Sends a read and keeps what was seen.
   * @param act answers {@link unseen} where nothing can be concluded
   */
  async read(register: string, act: () => Promise<Seen>): Promise<Seen> {
    const seen = await this.attempt({
      act: async (): Promise<{ readonly status: number; readonly seen: Seen }> => ({
        status: 200,
        seen: await act(),
      }),
      sees: (answer) => ({ [register]: answer.seen }),
    });
    return seen === undefined ? unseen : seen.seen;
  }

  /** Reads one version of a value; a version is never seen with two values, and versions follow the order of writes. */
  async readVersion(register: string, version: number, act: () => Promise<Seen>): Promise<Seen> {
    const { answer: seen, failure, ...span } = await this.#timed(act);
    rethrowUnlessLost(failure);
    if (seen === unseen || typeof seen === 'object' || seen === undefined) return seen;
    this.#versions.push({ register, version, value: seen, ...span });
    return seen;
  }

  /** Sends a request that writes or reads any number of registers. */
  async attempt<A extends { readonly status: number }>(attempt: Attempt<A>): Promise<A | undefined> {
    const { writes = {}, act, outcome = outcomeOf, sees } = attempt;
    const { answer, failure, ...span } = await this.#timed(act);
    const ended = answer === undefined ? outcomeOfFailure(failure) : outcome(answer);
    if (ended === 'unknown' && Object.keys(writes).length > 0) this.#unknownOutcomes += 1;
    for (const [register, given] of Object.entries(writes)) {
      const value = typeof given !== 'function' ? given : this.#answered(answer, ended, given);
      this.#add({ kind: 'write', register, value, outcome: ended, ...span });
    }
    if (answer !== undefined && sees !== undefined) {
      for (const [register, seen] of Object.entries(sees(answer))) {
        if (seen === unseen) continue;
        const other = typeof seen === 'object';
        this.#add({ kind: 'read', register, value: other ? seen.other : seen, other, ...span });
      }
    }
    rethrowUnlessLost(failure);
    return answer;
  }

  /**
   * Says that what ended with an unknown outcome so far has taken effect by now or never will: the process
   * that had it is dead, and nothing is on its way to the store. Ends a doubt ({@link mayLose}).
   */
  settle(): void {
    this.#marks.push({ kind: 'settled', at: this.#next() });
  }

  /**
   * Says that what was acknowledged within the last `windowMs`, and from now on until {@link settle}, may be
   * undone: a failover without `WAIT`. Whatever was there before the window must stay.
   */
  mayLose(windowMs: number): void {
    this.#marks.push({ kind: 'doubt', at: this.#next(), sinceMs: this.#nowMs() - windowMs });
  }

  /** Every answer that no order of the operations explains. Asked after the requests have ended. */
  check(): readonly Violation[] {
    const registers = [...this.#operations].flatMap(([register, operations]) =>
      linearize(register, this.#initial.get(register), operations, this.#marks),
    );
    return [...registers, ...outOfOrder(this.#versions, this.#operations, this.#initial)];
  }

  /** How many reads and writes were kept, and how many writes had an unknown outcome. */
  counts(): { readonly operations: number; readonly registers: number; readonly unknown: number } {
    const operations = [...this.#operations.values()].reduce((sum, { length }) => sum + length, 0);
    return { operations, registers: this.#operations.size, unknown: this.#unknownOutcomes };
  }

  /** How the writes of a register ended. */
  writesOf(register: string): { readonly acknowledged: number; readonly unknown: number } {
    const writes = (this.#operations.get(register) ?? []).filter((each) => each.kind === 'write');
    const ended = (outcome: WriteOutcome): number => writes.filter((each) => each.outcome === outcome).length;
    return { acknowledged: ended('acknowledged'), unknown: ended('unknown') };
  }

  #answered<A>(answer: A | undefined, ended: WriteOutcome, given: (answer: A) => Value): Value {
    if (answer !== undefined && ended === 'acknowledged') return given(answer);
    this.#unknownValues += 1;
    return `(a value that was not told, ${String(this.#unknownValues)})`;
  }

  #add(operation: Operation): void {
    const known = this.#operations.get(operation.register);
    if (known === undefined) this.#operations.set(operation.register, [operation]);
    else known.push(operation);
  }

  async #timed<A>(act: () => Promise<A>): Promise<{
    readonly answer?: A;
    readonly failure?: unknown;
    readonly invoked: number;
    readonly returned: number;
    readonly invokedMs: number;
    readonly returnedMs: number;
  }> {
    const invoked = this.#next();
    const invokedMs = this.#nowMs();
    const end = (): { invoked: number; returned: number; invokedMs: number; returnedMs: number } => ({
      invoked,
      returned: this.#next(),
      invokedMs,
      returnedMs: this.#nowMs(),
    });
    try {
      const answer = await act();
      return { answer, ...end() };
    } catch (failure) {
      return { failure, ...end() };
    }
  }

  #next(): number {
    this.#events += 1;
    return this.#events;
  }

  #nowMs(): number {
    return performance.now() - this.#startedMs;
  }
}

function outcomeOfFailure(failure: unknown): WriteOutcome {
  return isNeverSent(failure) ? 'refused' : 'unknown';
}

/** A fault of the test itself is no unknown outcome. */
function rethrowUnlessLost(failure: unknown): void {
  if (failure instanceof Error && !isConnectionLost(failure)) throw failure;
}

/** What the answer to a fetch says of a variable's value; a value that is not there is undefined. */
export function seenSecret(answer: { readonly status: number; readonly text: string }): Seen {
  if (answer.status === 200) return answer.text;
  return answer.status === 404 ? undefined : unseen;
}

/** What a status says, by a table; {@link unseen} for those that are not in it. */
export function seenStatus(
  answer: { readonly status: number },
  meanings: Readonly<Record<number, Value | { readonly other: Value }>>,
): Seen {
  return answer.status in meanings ? meanings[answer.status] : unseen;
}
