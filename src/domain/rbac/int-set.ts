const empty = -1;
/** Spreads consecutive numbers over the table (the golden ratio, as a 32-bit fraction). */
const spread = 0x9e3779b1;

/** A set of numbers from 0 up, in one flat table that is at most half full. */
export class IntSet {
  #table: Int32Array;
  #shift: number;
  #size = 0;

  /** @param expected how many numbers it is likely to hold */
  constructor(expected = 0) {
    const bits = tableBits(expected);
    this.#table = new Int32Array(2 ** bits).fill(empty);
    this.#shift = 32 - bits;
  }

  get size(): number {
    return this.#size;
  }

  /** The length of the table: the set's cost in memory, in units of 4 bytes. */
  get cells(): number {
    return this.#table.length;
  }

  has(value: number): boolean {
    return value !== empty && this.#table[this.#slot(value)] === value;
  }

  /** @returns whether it was not there yet */
  add(value: number): boolean {
    const slot = this.#slot(value);
    if (this.#table[slot] === value) return false;
    this.#table[slot] = value;
    this.#size++;
    if (this.#size * 2 > this.#table.length) this.#resize(this.#size * 2);
    return true;
  }

  *[Symbol.iterator](): IterableIterator<number> {
    for (const value of this.#table) if (value !== empty) yield value;
  }

  /** Where the value is, or where it would go. */
  #slot(value: number): number {
    const last = this.#table.length - 1;
    let slot = Math.imul(value, spread) >>> this.#shift;
    for (;;) {
      const found = this.#table[slot];
      if (found === value || found === empty) return slot;
      slot = (slot + 1) & last;
    }
  }

  #resize(expected: number): void {
    const old = this.#table;
    const bits = tableBits(expected);
    this.#table = new Int32Array(2 ** bits).fill(empty);
    this.#shift = 32 - bits;
    for (const value of old) if (value !== empty) this.#table[this.#slot(value)] = value;
  }
}

function tableBits(expected: number): number {
  let bits = 2;
  while (2 ** bits < expected * 2) bits++;
  return bits;
}
