import type { ResourceId } from '../ids.ts';
import type { HostFactoryToken } from '../records/host-factory-tokens.ts';

/**
 * The host-factory tokens of one account in memory, by their hash and by their factory. Looking one
 * up by the hash of what was presented tells nothing through its timing: nobody can choose a hash.
 */
export class HostFactoryTokens {
  readonly #byHash = new Map<string, HostFactoryToken>();
  readonly #hashesOf = new Map<ResourceId, Set<string>>();

  put(token: HostFactoryToken): void {
    this.remove(token.hash);
    this.#byHash.set(token.hash, token);
    const hashes = this.#hashesOf.get(token.hostFactory);
    if (hashes === undefined) this.#hashesOf.set(token.hostFactory, new Set([token.hash]));
    else hashes.add(token.hash);
  }

  /** No fault when there is none. */
  remove(hash: string): void {
    const token = this.#byHash.get(hash);
    if (token === undefined) return;
    this.#byHash.delete(hash);
    const hashes = this.#hashesOf.get(token.hostFactory);
    hashes?.delete(hash);
    if (hashes?.size === 0) this.#hashesOf.delete(token.hostFactory);
  }

  /** Removes every token of a factory that goes. */
  removeAllOf(hostFactory: ResourceId): void {
    for (const { hash } of this.of(hostFactory)) this.remove(hash);
  }

  get(hash: string): HostFactoryToken | undefined {
    return this.#byHash.get(hash);
  }

  /** The tokens of a factory, in no promised order; expired ones may be among them. */
  of(hostFactory: ResourceId): readonly HostFactoryToken[] {
    const tokens: HostFactoryToken[] = [];
    for (const hash of this.#hashesOf.get(hostFactory) ?? []) {
      const token = this.#byHash.get(hash);
      if (token !== undefined) tokens.push(token);
    }
    return tokens;
  }

  /** Up to `limit` tokens that have expired. */
  expired(now: number, limit: number): readonly HostFactoryToken[] {
    const found: HostFactoryToken[] = [];
    for (const token of this.#byHash.values()) {
      if (found.length === limit) break;
      if (token.expiresAt <= now) found.push(token);
    }
    return found;
  }
}
