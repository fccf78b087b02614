/** The primaries of a cluster, most of which must have agreed before another node takes the place of one of them. */
import type { Cluster, Redis } from 'ioredis';
import { SharedQuestion } from './shared-question.ts';

const replyMs = 1_000;
const slotsAt = 8;

export class Electors {
  readonly #questions = new Map<string, SharedQuestion<boolean>>();

  /**
   * Whether a node still has its place, as asked for from now on: most primaries, itself among them, have it for a primary
   * with slots that has not failed. None votes for a successor of such a one, and two majorities have a member in common.
   * @param id the node's name in the cluster
   */
  confirm(cluster: Cluster, id: string): Promise<boolean> {
    let question = this.#questions.get(id);
    if (question === undefined) {
      question = new SharedQuestion(() => mostHold(cluster.nodes('master'), id));
      this.#questions.set(id, question);
    }
    return question.ask();
  }
}

/** Settles as soon as the answer is certain: one that hangs keeps nobody waiting for whom the others suffice. */
function mostHold(primaries: readonly Redis[], id: string): Promise<boolean> {
  return new Promise((resolve) => {
    let pending = primaries.length;
    let holding = 0;
    const timer = setTimeout(resolve, replyMs, false);
    const count = (holds: boolean): void => {
      pending -= 1;
      if (holds) holding += 1;
      const most = holding * 2 > primaries.length;
      if (!most && (holding + pending) * 2 > primaries.length) return;
      clearTimeout(timer);
      resolve(most);
    };
    for (const primary of primaries) {
      primary.cluster('NODES').then(
        (view) => {
          count(holdsPlace(String(view), id));
        },
        () => {
          count(false);
        },
      );
    }
    if (primaries.length === 0) resolve(false);
  });
}

/** @param view a line for each node: name, addresses, flags, its primary, four figures and states, slots */
function holdsPlace(view: string, id: string): boolean {
  const fields = view
    .split('\n')
    .map((line) => line.split(' '))
    .find(([name]) => name === id);
  const flags = fields?.[2]?.split(',') ?? [];
  const failed = flags.includes('fail') || flags.includes('fail?');
  return flags.includes('master') && !failed && fields?.[slotsAt] !== undefined;
}
