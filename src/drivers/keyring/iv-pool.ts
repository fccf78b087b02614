import { randomFillSync } from 'node:crypto';

/** What GCM takes without hashing, in bytes. */
export const ivBytes = 12;
const ivsPerFill = 512;

/**
 * Random initialization vectors, each given out once. Random bytes are drawn for many at a time:
 * asking the system for 12 of them costs more than the encryption of a short value.
 */
export class IvPool {
  readonly #bytes = Buffer.alloc(ivBytes * ivsPerFill);
  #used = this.#bytes.length;

  /** The next one: a view that is valid until the next call. */
  next(): Buffer {
    if (this.#used === this.#bytes.length) {
      randomFillSync(this.#bytes);
      this.#used = 0;
    }
    const start = this.#used;
    this.#used += ivBytes;
    return this.#bytes.subarray(start, this.#used);
  }
}
