/**
 * Sealing anew what was sealed under another data key, while everything goes on: each value is put in the
 * place of the one that was read only if that is still there, so that no change of anybody's is lost.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { isFailure } from '../errors.ts';
import type { Account, RecordKey } from '../ids.ts';
import type { Keyring } from '../../ports/keyring.ts';
import type { Store, StoredRecord } from '../../ports/store.ts';
import { sealNameOfEntry } from './sealed-entries.ts';
import { sealedCollectionOf, sealedCollections, type Reseal } from './sealed-records.ts';

export interface SweepServices {
  readonly store: Store;
  readonly keyring: Keyring;
}

/** What one walk over everything found. */
export interface Swept {
  /** Records and entries that were looked at. */
  readonly seen: number;
  /** Of these, those that were sealed anew. */
  readonly resealed: number;
  /** Those that somebody else changed meanwhile; another walk looks at them again. */
  readonly postponed: number;
  /**
   * The names of those that cannot be opened under any key at hand, nor could before: altered, moved, or
   * sealed under a key that is lost. They are left as they are.
   */
  readonly damaged: readonly string[];
}

export interface SweepLimits {
  /** How many records a second are sealed anew at most. */
  readonly recordsPerSecond: number;
  /** Told after every batch. */
  readonly onProgress?: (swept: Swept) => void;
}

const batchLength = 100;
const batchBytes = 1024 * 1024;

/**
 * Walks over all records and entries of all accounts once, and seals anew under the keyring's present key
 * what is sealed under another. It can be broken off at any moment and begun again.
 */
export async function sweep(services: SweepServices, limits: SweepLimits): Promise<Swept> {
  const walk = new Walk(services, limits);
  for (const account of await services.store.accounts()) {
    for (const [collection, sealed] of Object.entries(sealedCollections)) {
      if (sealed !== undefined) await walk.records(account, collection, sealed.inMemory);
    }
    await walk.entries(account);
  }
  return walk.swept;
}

interface Rewritten {
  readonly key: RecordKey;
  readonly revision: number;
  readonly value: Uint8Array;
}

class Walk {
  readonly #services: SweepServices;
  readonly #limits: SweepLimits;
  readonly #damaged = new Set<string>();
  #seen = 0;
  #resealed = 0;
  #postponed = 0;

  constructor(services: SweepServices, limits: SweepLimits) {
    this.#services = services;
    this.#limits = limits;
  }

  get swept(): Swept {
    const [seen, resealed, postponed] = [this.#seen, this.#resealed, this.#postponed];
    return { seen, resealed, postponed, damaged: [...this.#damaged] };
  }

  async records(account: Account, collection: string, authority: boolean): Promise<void> {
    for await (const found of this.#services.store.scan(account, collection)) {
      // All of them before anything is waited for: what was read may not outlast this turn.
      const rewritten = found.flatMap(([key, record]) => this.#rewrite(key, record));
      for (const batch of batchesOf(rewritten)) await this.#commit(account, batch, authority);
    }
  }

  async entries(account: Account): Promise<void> {
    const { store, keyring } = this.#services;
    for await (const found of store.ephemeral.scan(account)) {
      for (const [key, value] of found) {
        this.#seen += 1;
        const id = keyring.sealedUnder(value);
        if (id === undefined || id === keyring.keyId) continue;
        const name = sealNameOfEntry(account, key);
        if (name === undefined) {
          // A kind that nobody told of: its key must not go.
          if (keyring.keyIds.includes(id)) this.#postponed += 1;
          continue;
        }
        const resealed = this.#reseal(value, name);
        if (resealed === value) continue;
        const startedAt = performance.now();
        if (await store.ephemeral.exchange(account, key, value, resealed)) this.#resealed += 1;
        await this.#rest(1, startedAt);
      }
    }
  }

  #rewrite(key: RecordKey, record: StoredRecord): readonly Rewritten[] {
    this.#seen += 1;
    const reseal: Reseal = (sealed, sealName) => this.#reseal(sealed, sealName);
    const value = sealedCollectionOf(key)?.reseal(key, record, reseal) ?? record.value;
    return value === record.value ? [] : [{ key, revision: record.revision, value: Buffer.from(value) }];
  }

  #reseal(sealed: Uint8Array, sealName: string): Uint8Array {
    const { keyring } = this.#services;
    if (keyring.sealedUnder(sealed) === keyring.keyId) return sealed;
    try {
      return keyring.seal(keyring.open(sealed, sealName), sealName);
    } catch (error) {
      if (!isFailure(error, 'SEALED_VALUE_INVALID', 'DATA_KEY_UNKNOWN')) throw error;
      this.#damaged.add(sealName);
      return sealed;
    }
  }

  async #commit(account: Account, batch: readonly Rewritten[], authority: boolean): Promise<void> {
    const startedAt = performance.now();
    if (await this.#tryToCommit(account, batch, authority)) this.#resealed += batch.length;
    else {
      for (const one of batch) {
        const committed = batch.length > 1 && (await this.#tryToCommit(account, [one], authority));
        if (committed) this.#resealed += 1;
        else this.#postponed += 1;
      }
    }
    await this.#rest(batch.length, startedAt);
  }

  async #tryToCommit(account: Account, batch: readonly Rewritten[], authority: boolean): Promise<boolean> {
    const { committed } = await this.#services.store.commit(account, {
      changes: batch.map(({ key, value }) => ({ key, value })),
      authority,
      expectRevisions: batch.map(({ key, revision }) => ({ key, revision })),
    });
    return committed;
  }

  async #rest(records: number, startedAt: number): Promise<void> {
    this.#limits.onProgress?.(this.swept);
    const restMs = (records / this.#limits.recordsPerSecond) * 1_000 - (performance.now() - startedAt);
    if (restMs >= 1) await pause(restMs);
  }
}

function* batchesOf(rewritten: readonly Rewritten[]): Generator<readonly Rewritten[]> {
  let batch: Rewritten[] = [];
  let bytes = 0;
  for (const one of rewritten) {
    if (batch.length === batchLength || (batch.length > 0 && bytes + one.value.length > batchBytes)) {
      yield batch;
      [batch, bytes] = [[], 0];
    }
    batch.push(one);
    bytes += one.value.length;
  }
  if (batch.length > 0) yield batch;
}

/** How many records and entries are sealed under each data key, by its id. */
export async function countByKey({ store, keyring }: SweepServices): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  const count = (value: Uint8Array): Uint8Array => {
    const id = keyring.sealedUnder(value);
    if (id !== undefined) counts.set(id, (counts.get(id) ?? 0) + 1);
    return value;
  };
  for (const account of await store.accounts()) {
    for (const [collection, sealed] of Object.entries(sealedCollections)) {
      if (sealed === undefined) continue;
      for await (const found of store.scan(account, collection)) {
        for (const [key, record] of found) sealed.reseal(key, record, count);
      }
    }
    for await (const found of store.ephemeral.scan(account)) {
      for (const [key, value] of found) if (sealNameOfEntry(account, key) !== undefined) count(value);
    }
  }
  return counts;
}
