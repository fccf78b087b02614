/** Which batches of rows an account has. */

/** Up to so many edits in all, a log is short enough however little of it still counts. */
const freeEdits = 2_000;

/** The numbers of the batches and how many edits each has. */
export class RowLog {
  /** Ascending, as batches are only ever added with the next number. */
  readonly #edits = new Map<number, number>();
  #sum = 0;
  #newest = 0;

  /** The number of the next batch. */
  get next(): number {
    return this.#newest + 1;
  }

  has(number: number): boolean {
    return this.#edits.has(number);
  }

  /** Adds the next batch; one that is there already stays. */
  add(number: number, edits: number): void {
    if (this.#edits.has(number)) return;
    this.#edits.set(number, edits);
    this.#sum += edits;
    this.#newest = Math.max(this.#newest, number);
  }

  remove(number: number): void {
    this.#sum -= this.#edits.get(number) ?? 0;
    this.#edits.delete(number);
  }

  /**
   * The oldest batches that a commit is to take away, what still counts of them being written anew
   * with it. That keeps a log at about twice its rows, for work in proportion to each change.
   * @param rows how many there are
   * @param added how many edits the commit has
   */
  overdue(rows: number, added: number): readonly number[] {
    const numbers: number[] = [];
    let excess = this.#sum + added - 2 * rows - freeEdits;
    let taken = 0;
    for (const [number, edits] of this.#edits) {
      if (excess <= 0 || taken >= 2 * added) break;
      numbers.push(number);
      taken += edits;
      excess -= edits;
    }
    return numbers;
  }
}
