import { grown, roomFor } from './names.ts';

/** An entry: the neighbour, the entry's index in the neighbour's own list, and one more number. */
export const entryCells = 3;

const headCells = 3;
const START = 0;
const LENGTH = 1;
const CAPACITY = 2;

const noPiece = -1;
/** Pieces of up to this many entries are used again before all lists move. */
const smallCapacity = 64;

/**
 * A list of entries for every numbered node, each list in one piece of one array, so that walking
 * a list is walking memory in order. A list that outgrows its piece moves to the end; when the
 * array is full, all lists move together into a new one, and what was left behind is gone.
 */
export class Lists {
  #heads = new Int32Array(0);
  #cells = new Int32Array(0);
  #end = 0;
  /** By capacity, the first of the small pieces that were left behind; each names the next one. */
  readonly #freed = new Int32Array(smallCapacity + 1).fill(noPiece);

  /** Where a node's list starts; its entries lie {@link entryCells} apart. */
  start(node: number): number {
    return this.#heads[node * headCells + START] ?? 0;
  }

  /** Where a node's list ends. */
  end(node: number): number {
    return this.start(node) + this.length(node) * entryCells;
  }

  /** How many entries a node's list has. */
  length(node: number): number {
    return this.#heads[node * headCells + LENGTH] ?? 0;
  }

  /** Where the entry with an index is. */
  at(node: number, index: number): number {
    return this.start(node) + index * entryCells;
  }

  neighbour(at: number): number {
    return this.#cells[at] ?? 0;
  }
  twin(at: number): number {
    return this.#cells[at + 1] ?? 0;
  }
  extra(at: number): number {
    return this.#cells[at + 2] ?? 0;
  }
  setTwin(at: number, twin: number): void {
    this.#cells[at + 1] = twin;
  }
  setExtra(at: number, extra: number): void {
    this.#cells[at + 2] = extra;
  }

  /** Makes room for so many more entries of each node, so that pushing them moves no list. */
  reserve(more: ReadonlyMap<number, number>): void {
    let entries = 0;
    for (const [node, count] of more) {
      this.#reach(node);
      entries += capacityFor(this.length(node) + count);
    }
    if (this.#end + entries * entryCells > this.#cells.length) this.#moveAll(entries);
    for (const [node, count] of more) {
      const needed = this.length(node) + count;
      if (needed > (this.#heads[node * headCells + CAPACITY] ?? 0)) this.#widen(node, capacityFor(needed));
    }
  }

  push(node: number, neighbour: number, twin: number, extra: number): void {
    const head = node * headCells;
    this.#reach(node);
    const length = this.length(node);
    if (length === this.#heads[head + CAPACITY]) this.#widen(node, capacityFor(length + 1));
    const at = this.at(node, length);
    this.#cells[at] = neighbour;
    this.#cells[at + 1] = twin;
    this.#cells[at + 2] = extra;
    this.#heads[head + LENGTH] = length + 1;
  }

  /**
   * Removes an entry; the last one takes its place.
   * @returns where the entry that moved now is, or undefined when none did
   */
  removeAt(node: number, index: number): number | undefined {
    const last = this.length(node) - 1;
    this.#heads[node * headCells + LENGTH] = last;
    if (index === last) return undefined;
    const from = this.at(node, last);
    const to = this.at(node, index);
    copyCells(this.#cells, from, entryCells, this.#cells, to);
    return to;
  }

  #reach(node: number): void {
    const known = this.#heads.length / headCells;
    if (node >= known) this.#heads = grown(this.#heads, roomFor(node + 1, known) * headCells, 0);
  }

  #widen(node: number, capacity: number): void {
    const start = this.#piece(capacity);
    const head = node * headCells;
    const oldStart = this.start(node);
    const oldCapacity = this.#heads[head + CAPACITY] ?? 0;
    copyCells(this.#cells, oldStart, this.length(node) * entryCells, this.#cells, start);
    this.#heads[head + START] = start;
    this.#heads[head + CAPACITY] = capacity;
    if (oldCapacity === 0 || oldCapacity >= this.#freed.length) return;
    this.#cells[oldStart] = this.#freed[oldCapacity] ?? noPiece;
    this.#freed[oldCapacity] = oldStart;
  }

  /** Where there is room for a list of a capacity. May move every list. */
  #piece(capacity: number): number {
    const freed = this.#freed[capacity] ?? noPiece;
    if (freed !== noPiece) {
      this.#freed[capacity] = this.#cells[freed] ?? noPiece;
      return freed;
    }
    if (this.#end + capacity * entryCells > this.#cells.length) this.#moveAll(capacity);
    const start = this.#end;
    this.#end += capacity * entryCells;
    return start;
  }

  /** Moves every list into a new array, leaving room for so many more entries. */
  #moveAll(more: number): void {
    const heads = this.#heads;
    let entries = more;
    for (let head = 0; head < heads.length; head += headCells)
      entries += capacityFor(heads[head + LENGTH] ?? 0);
    const cells = new Int32Array(roomFor(0, entries * entryCells));
    let end = 0;
    for (let head = 0; head < heads.length; head += headCells) {
      const start = heads[head + START] ?? 0;
      const length = heads[head + LENGTH] ?? 0;
      const kept = capacityFor(length);
      copyCells(this.#cells, start, length * entryCells, cells, end);
      heads[head + START] = end;
      heads[head + CAPACITY] = kept;
      end += kept * entryCells;
    }
    this.#cells = cells;
    this.#end = end;
    this.#freed.fill(noPiece);
  }
}

/** The least of 0, 1, 2, 3, 4, 6, 8, 12, 16, 24, … that holds the entries. */
function capacityFor(entries: number): number {
  if (entries < 4) return entries;
  const half = 2 ** (30 - Math.clz32(entries - 1));
  return entries <= half * 3 ? half * 3 : half * 4;
}

/** Most lists are short, and a short copy is faster by hand. */
function copyCells(source: Int32Array, start: number, count: number, target: Int32Array, to: number): void {
  if (count > 100) target.set(source.subarray(start, start + count), to);
  else for (let index = 0; index < count; index++) target[to + index] = source[start + index] ?? 0;
}
