import { Names } from './names.ts';

export interface Annotation {
  readonly value: string;
  /** The number of the policy that defined it, or none. */
  readonly policy: number;
}

/** The annotations of numbered resources. Few resources have any, and few names are used. */
export class Annotations {
  readonly #names = new Names();
  readonly #byResource = new Map<number, Map<number, Annotation>>();

  find(resource: number, name: string): Annotation | undefined {
    return this.#byResource.get(resource)?.get(this.#names.find(name));
  }

  /** Makes room for what a resource is to be annotated with; {@link settle} must follow in the end. */
  reserve(resource: number): Map<number, Annotation> {
    let ofResource = this.#byResource.get(resource);
    if (ofResource === undefined) {
      ofResource = new Map();
      this.#byResource.set(resource, ofResource);
    }
    return ofResource;
  }

  /** Takes back the room of a resource that was not annotated. */
  settle(resource: number): void {
    if (this.#byResource.get(resource)?.size === 0) this.#byResource.delete(resource);
  }

  put(resource: number, name: string, annotation: Annotation): void {
    const ofResource = this.reserve(resource);
    const number = this.#names.enter(name);
    if (!ofResource.has(number)) this.#names.hold(number);
    ofResource.set(number, annotation);
  }

  remove(resource: number, name: string): void {
    const number = this.#names.find(name);
    const ofResource = this.#byResource.get(resource);
    if (ofResource?.delete(number) !== true) return;
    this.#names.drop(number);
    if (ofResource.size === 0) this.#byResource.delete(resource);
  }

  *of(resource: number): IterableIterator<readonly [name: string, annotation: Annotation]> {
    for (const [name, annotation] of this.#byResource.get(resource) ?? [])
      yield [this.#names.text(name), annotation];
  }

  /** The resources that have annotations. */
  resources(): IterableIterator<number> {
    return this.#byResource.keys();
  }
}
