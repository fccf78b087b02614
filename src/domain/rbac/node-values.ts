import type { Names } from './names.ts';

/** A value for some of the names, which are kept in use by it. */
export class NodeValues<Value> {
  readonly #names: Names;
  readonly #values = new Map<number, Value>();

  constructor(names: Names) {
    this.#names = names;
  }

  get(name: string): Value | undefined {
    return this.#values.get(this.#names.find(name));
  }

  /** @param value undefined takes it away */
  set(name: string, value: Value | undefined): void {
    const names = this.#names;
    if (value === undefined) {
      const node = names.find(name);
      if (this.#values.delete(node)) names.drop(node);
      return;
    }
    const node = names.enter(name);
    if (!this.#values.has(node)) names.hold(node);
    this.#values.set(node, value);
  }
}
