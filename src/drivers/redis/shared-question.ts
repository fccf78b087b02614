/** A question that many have at once, and that is not put for each of them. */
export class SharedQuestion<Answer> {
  readonly #put: () => Promise<Answer>;
  #current: Promise<unknown> = Promise.resolve();
  #next: Promise<Answer> | undefined;

  /** @param put never fails */
  constructor(put: () => Promise<Answer>) {
    this.#put = put;
  }

  /** Those who ask while the question is under way share the next one, which is put after they asked. */
  ask(): Promise<Answer> {
    this.#next ??= this.#current.then(() => {
      this.#next = undefined;
      const answer = this.#put();
      this.#current = answer;
      return answer;
    });
    return this.#next;
  }
}
