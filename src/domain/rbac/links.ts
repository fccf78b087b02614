import { entryCells, Lists } from './lists.ts';

/** What {@link Links.find} answers when there is no such link. */
export const noLink = -1;

/** One link, spelled out. */
export interface Link {
  readonly from: number;
  readonly to: number;
  readonly label: number;
  readonly policy: number;
}

/**
 * Labelled links between numbered nodes, each an entry in two lists: that of the node it leaves
 * (with its policy) and that of the node it reaches (with its label). Each entry knows where the
 * other one is, so a link is removed in constant time however long the lists are.
 */
export class Links {
  readonly #keyMask: number;
  readonly #leaving = new Lists();
  readonly #reaching = new Lists();

  /** @param keyMask the bits of a label that, with both nodes, tell one link from another */
  constructor(keyMask: number) {
    this.#keyMask = keyMask;
  }

  /** The links' far ends, with their policies, for walking without a detour. */
  get leaving(): Lists {
    return this.#leaving;
  }

  /** The links' near ends, with their labels, for walking without a detour. */
  get reaching(): Lists {
    return this.#reaching;
  }

  /**
   * Looks through the shorter one of both nodes' lists.
   * @returns the index of the link in the list of `from`, or {@link noLink}
   */
  find(from: number, to: number, label: number): number {
    const leaving = this.#leaving;
    const reaching = this.#reaching;
    if (leaving.length(from) < reaching.length(to)) {
      const end = leaving.end(from);
      for (let at = leaving.start(from), index = 0; at < end; at += entryCells, index++) {
        if (leaving.neighbour(at) === to && this.#sameKey(reaching.at(to, leaving.twin(at)), label))
          return index;
      }
      return noLink;
    }
    const end = reaching.end(to);
    for (let at = reaching.start(to); at < end; at += entryCells) {
      if (reaching.neighbour(at) === from && this.#sameKey(at, label)) return reaching.twin(at);
    }
    return noLink;
  }

  /** The link with an index in the list of `from`. */
  get(from: number, index: number): Link {
    const at = this.#leaving.at(from, index);
    const to = this.#leaving.neighbour(at);
    const label = this.#reaching.extra(this.#reaching.at(to, this.#leaving.twin(at)));
    return { from, to, label, policy: this.#leaving.extra(at) };
  }

  /** Makes room for links to come: how many leave each node, and how many reach each. */
  reserve(leaving: ReadonlyMap<number, number>, reaching: ReadonlyMap<number, number>): void {
    this.#leaving.reserve(leaving);
    this.#reaching.reserve(reaching);
  }

  add(from: number, to: number, label: number, policy: number): void {
    const index = this.#leaving.length(from);
    this.#leaving.push(from, to, this.#reaching.length(to), policy);
    this.#reaching.push(to, from, index, label);
  }

  relabel(from: number, index: number, label: number, policy: number): void {
    const at = this.#leaving.at(from, index);
    this.#leaving.setExtra(at, policy);
    this.#reaching.setExtra(this.#reaching.at(this.#leaving.neighbour(at), this.#leaving.twin(at)), label);
  }

  delete(from: number, index: number): void {
    const at = this.#leaving.at(from, index);
    const to = this.#leaving.neighbour(at);
    const twin = this.#leaving.twin(at);
    removeEntry(this.#leaving, from, index, this.#reaching);
    removeEntry(this.#reaching, to, twin, this.#leaving);
  }

  *from(node: number): IterableIterator<Link> {
    for (let index = 0; index < this.#leaving.length(node); index++) yield this.get(node, index);
  }

  *to(node: number): IterableIterator<Link> {
    const reaching = this.#reaching;
    for (let at = reaching.start(node); at < reaching.end(node); at += entryCells) {
      yield this.get(reaching.neighbour(at), reaching.twin(at));
    }
  }

  #sameKey(reachingAt: number, label: number): boolean {
    return ((this.#reaching.extra(reachingAt) ^ label) & this.#keyMask) === 0;
  }
}

/** Removes an entry and tells the twin of the one that moved into its place. */
function removeEntry(lists: Lists, node: number, index: number, twins: Lists): void {
  const moved = lists.removeAt(node, index);
  if (moved !== undefined) twins.setTwin(twins.at(lists.neighbour(moved), lists.twin(moved)), index);
}
