import { IntSet } from './int-set.ts';
import type { Links } from './links.ts';
import { entryCells } from './lists.ts';
import { grown, roomFor } from './names.ts';

/** Above this many look-ups, forgetting everything is cheaper than finding what a change touches. */
const settleLimit = 500_000;

/** What an entry costs besides its table. */
const keepingCells = 50;

interface ChangedMembership {
  readonly role: number;
  readonly member: number;
  readonly added: boolean;
}

/**
 * What each role holds: itself and, transitively, every role that it is a member of. Closures
 * are kept until a change of memberships touches them; the least recently used go when all of
 * them outgrow the limit.
 */
export class Closures {
  readonly #memberships: Links;
  readonly #cellLimit: number;
  /** Two generations: what is used moves to the young one, and the old one is dropped whole. */
  #young = new Map<number, IntSet>();
  #old = new Map<number, IntSet>();
  #youngCells = 0;
  #changed: ChangedMembership[] = [];
  #marks = new Int32Array(0);
  #mark = 0;
  #found = new Int32Array(64);

  /** @param cellLimit of one generation, in numbers of 4 bytes */
  constructor(memberships: Links, cellLimit: number) {
    this.#memberships = memberships;
    this.#cellLimit = cellLimit;
  }

  /** To be told of every membership that comes or goes. */
  note(role: number, member: number, added: boolean): void {
    const kept = this.#young.size + this.#old.size;
    if (kept === 0) return;
    this.#changed.push({ role, member, added });
    if (this.#changed.length * kept > settleLimit) this.#forget();
  }

  of(node: number): IntSet {
    if (this.#changed.length > 0) this.#settle();
    const young = this.#young.get(node);
    if (young !== undefined) return young;
    const closure = this.#old.get(node) ?? this.#walk(node);
    this.#old.delete(node);
    if (this.#youngCells + closure.cells > this.#cellLimit) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#youngCells = 0;
    }
    this.#young.set(node, closure);
    this.#youngCells += closure.cells + keepingCells;
    return closure;
  }

  #forget(): void {
    this.#young.clear();
    this.#old.clear();
    this.#youngCells = 0;
    this.#changed = [];
  }

  #settle(): void {
    const changed = this.#changed;
    this.#changed = [];
    for (const generation of [this.#young, this.#old]) {
      for (const [node, closure] of generation) {
        if (this.#mend(closure, changed)) continue;
        generation.delete(node);
        if (generation === this.#young) this.#youngCells -= closure.cells + keepingCells;
      }
    }
  }

  /**
   * Brings a closure up to date where that is simple: a new role that holds nothing itself only
   * adds itself. Judges by the present memberships, so the order of the changes does not matter.
   * @returns false when the closure has to be found anew
   */
  #mend(closure: IntSet, changed: readonly ChangedMembership[]): boolean {
    for (const { role, member, added } of changed) {
      if (!closure.has(member) || added === closure.has(role)) continue;
      if (!added || this.#memberships.reaching.length(role) > 0) return false;
      closure.add(role);
    }
    return true;
  }

  #walk(start: number): IntSet {
    const { reaching } = this.#memberships;
    const mark = this.#nextMark();
    let count = 0;
    count = this.#reach(start, mark, count);
    for (let next = 0; next < count; next++) {
      const holder = this.#found[next] ?? start;
      const end = reaching.end(holder);
      for (let at = reaching.start(holder); at < end; at += entryCells) {
        count = this.#reach(reaching.neighbour(at), mark, count);
      }
    }
    const closure = new IntSet(count);
    for (let index = 0; index < count; index++) closure.add(this.#found[index] ?? start);
    return closure;
  }

  #reach(node: number, mark: number, count: number): number {
    if (node >= this.#marks.length)
      this.#marks = grown(this.#marks, roomFor(node + 1, this.#marks.length), 0);
    if (this.#marks[node] === mark) return count;
    this.#marks[node] = mark;
    if (count >= this.#found.length) this.#found = grown(this.#found, count * 2, 0);
    this.#found[count] = node;
    return count + 1;
  }

  #nextMark(): number {
    if (this.#mark === 0x7fffffff) {
      this.#marks.fill(0);
      this.#mark = 0;
    }
    return ++this.#mark;
  }
}
