/** Up to this many elements an array doubles; beyond, idle room is worth more than a rare copy. */
const doublingLimit = 256 * 1024;

/** How many elements to make room for, so that growing is rare and of a large array at most a fifth lies idle. */
export function roomFor(needed: number, present: number): number {
  return Math.max(needed, present + (present > doublingLimit ? present >> 2 : present), 64);
}

/** A longer copy of an array. */
export function grown(array: Int32Array, length: number, fill: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(length);
  larger.set(array);
  if (fill !== 0) larger.fill(fill, array.length);
  return larger;
}

/** What {@link Names.find} answers for a name that is not in use. */
export const noName = -1;

/** A name that was entered; see {@link Names.enter}. */
export interface RecentName {
  text: string;
  number: number;
}

/**
 * Strings as small integers. A name is in use as long as it was held more often than
 * dropped; the number of one that is no longer in use goes to the next new name.
 */
export class Names {
  readonly #numbers = new Map<string, number>();
  readonly #texts: string[] = [];
  readonly #free: number[] = [];
  #uses = new Int32Array(0);

  /**
   * The name's number; a new one is to be held at once.
   * @param recent remembers one name between calls, for where the same one comes many times in a row
   */
  enter(text: string, recent?: RecentName): number {
    if (recent !== undefined && text === recent.text && this.#texts[recent.number] === recent.text) {
      return recent.number;
    }
    const number = this.#numbers.get(text) ?? this.#add(text);
    if (recent !== undefined) {
      recent.text = this.text(number);
      recent.number = number;
    }
    return number;
  }

  #add(text: string): number {
    const own = ownCopy(text);
    const number = this.#free.pop() ?? this.#texts.length;
    if (number >= this.#uses.length) {
      this.#uses = grown(this.#uses, roomFor(number + 1, this.#uses.length), 0);
    }
    this.#texts[number] = own;
    this.#numbers.set(own, number);
    return number;
  }

  /** Begins one use. */
  hold(number: number): void {
    this.#uses[number] = (this.#uses[number] ?? 0) + 1;
  }

  /** The name's number, or {@link noName}. */
  find(text: string): number {
    return this.#numbers.get(text) ?? noName;
  }

  text(number: number): string {
    return this.#texts[number] ?? '';
  }

  /** Ends one use. */
  drop(number: number): void {
    const left = (this.#uses[number] ?? 0) - 1;
    this.#uses[number] = left;
    if (left > 0) return;
    this.#numbers.delete(this.text(number));
    this.#texts[number] = '';
    this.#free.push(number);
  }

  /** Every number in use lies below. */
  get bound(): number {
    return this.#texts.length;
  }
}

/** A copy of a text: a piece cut from a larger one, such as a policy, would keep all of it in memory. */
export function ownCopy(text: string): string {
  const copy = Buffer.from(text).toString();
  return copy === text ? copy : text;
}
