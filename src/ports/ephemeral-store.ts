/**
 * The ephemeral space of a store: what lives for a while and may be used up, such as authorization
 * codes, nonces, sessions and the artifacts of sign-ins. Every promise here is a test of the
 * contract suite (`test/contracts/store/ephemeral.ts`), which each driver runs.
 */
import type { Account } from '../domain/ids.ts';

/** Something to keep for a while. */
export interface EphemeralEntry {
  /** Up to 512 bytes of well-formed Unicode; what is there under the same key is replaced, used or not. */
  readonly key: string;
  /** Up to 1 MiB. */
  readonly value: Uint8Array;
  /** How long from now it is found; at least 1. */
  readonly ttlMs: number;
  /** What it is removed together with; up to 512 bytes. */
  readonly group?: string;
}

export interface EphemeralRecord {
  readonly value: Uint8Array;
  /** Whether it was used up by {@link EphemeralStore.use}. */
  readonly used: boolean;
}

/**
 * Short-lived entries of an account. They belong to no epoch and to no change log; every call is
 * seen by all processes that begin theirs after it was answered, and what was acknowledged
 * survives `kill -9` of the process. With its account go its entries.
 *
 * Every method throws `STORE_UNAVAILABLE` as those of the store do; what was asked for may then
 * have happened all the same. A key or value beyond the limits is refused (`INTERNAL`).
 */
export interface EphemeralStore {
  /** Keeps entries: all or none. */
  put(account: Account, entries: readonly EphemeralEntry[]): Promise<void>;

  /** Keeps an entry unless there is one under its key that has not expired, used or not. */
  add(account: Account, entry: EphemeralEntry): Promise<boolean>;

  /** In the order of the keys; undefined where there is none or it has expired. */
  get(account: Account, keys: readonly string[]): Promise<readonly (EphemeralRecord | undefined)[]>;

  /** Gets an entry and removes it, at once: of any number of callers in any number of processes one has it. */
  take(account: Account, key: string): Promise<EphemeralRecord | undefined>;

  /**
   * Marks an entry as used, at once: of any number of callers in any number of processes one is
   * told `first`, the others `again`. It stays until it expires, so that a second use can be told.
   * @param entries are kept along with the first use: all of it, or nothing; along with no other
   */
  use(
    account: Account,
    key: string,
    entries?: readonly EphemeralEntry[],
  ): Promise<'first' | 'again' | 'missing'>;

  /**
   * Adds to a counter and answers its new value; one that there is not begins at 0 and then expires
   * after `ttlMs`, which later additions do not put off; nor does a clock that was ahead when it began.
   * Counters and entries have keys of their own.
   */
  count(account: Account, key: string, ttlMs: number, amount?: number): Promise<number>;

  /**
   * The entries of an account that have not expired, in batches, in no promised order; counters are not
   * among them. Not a snapshot: what is put or removed meanwhile may or may not be seen, and an entry may
   * come twice. One whose key is longer than 256 bytes may be left out.
   */
  scan(account: Account): AsyncIterable<readonly (readonly [key: string, value: Uint8Array])[]>;

  /**
   * Puts a value in the place of another, if that is still there. When the entry expires, its group, and
   * whether it was used stay as they are.
   * @returns false when there is no such entry any more, or it has another value by now; then nothing changed
   */
  exchange(account: Account, key: string, present: Uint8Array, value: Uint8Array): Promise<boolean>;

  /** Removes entries; no fault where there are none. */
  remove(account: Account, keys: readonly string[]): Promise<void>;

  /** Removes every entry of a group. What is put into the group meanwhile may stay. */
  removeGroup(account: Account, group: string): Promise<void>;
}
