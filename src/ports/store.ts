/**
 * The store port: everything that Latchkey asks of a database, with its promises.
 *
 * Records live in accounts. A record is opaque bytes under a key; the part of the key
 * before its first tab is its collection. Every promise here is a test of the contract
 * suite (`test/contracts/store.contract.ts`), which each driver runs.
 */
import type { Account, RecordKey } from '../domain/ids.ts';
import type { EphemeralStore } from './ephemeral-store.ts';
import type { Epoch } from './epoch.ts';
import type { StoreSnapshot } from './store-transfer.ts';

/**
 * A record and the commit that wrote it: `revision` grows with every commit of the account, and
 * goes on growing when the account is removed and made again, so that none ever comes back.
 */
export interface StoredRecord {
  readonly value: Uint8Array;
  readonly revision: number;
}

/** What one read saw: all of it from one consistent state of the account. */
export interface Snapshot {
  readonly epoch: Epoch;
  /** In the order of the keys asked for; undefined where there is no such record. */
  readonly records: readonly (StoredRecord | undefined)[];
}

/** A record to write, or, with no value, to delete. Deleting what is not there is no fault. */
export interface Change {
  readonly key: RecordKey;
  readonly value: Uint8Array | undefined;
}

/** A condition on one record: the revision that it must still have; 0 means it must not exist. */
export interface ExpectedRevision {
  readonly key: RecordKey;
  readonly revision: number;
}

export interface Commit {
  readonly changes: readonly Change[];
  /** Whether the changes bear on authority: then the epoch grows and the change log records the keys. */
  readonly authority: boolean;
  /** Apply only if the account's epoch is still this one. */
  readonly expectEpoch?: Epoch;
  /** Apply only if the account's lineage is still this one: not to one that was removed or made anew. */
  readonly expectLineage?: string;
  /** Apply only if every one of these records still has its revision. */
  readonly expectRevisions?: readonly ExpectedRevision[];
}

export type CommitResult =
  | { readonly committed: true; readonly epoch: Epoch; readonly revision: number }
  | { readonly committed: false };

/** What changed since an epoch: the present state of every record that an authority commit touched. */
export type Catchup =
  | { readonly kind: 'changes'; readonly epoch: Epoch; readonly changes: readonly Change[] }
  | { readonly kind: 'reload'; readonly epoch: Epoch };

/**
 * A transactional record store.
 *
 * Limits every driver keeps: a key of up to 4 KiB, of which the collection takes up to 64 bytes,
 * a value of up to 16 MiB; keys that differ only by case or by Unicode normalisation are different
 * keys. A key that exceeds this, names no collection or is not well-formed Unicode is refused by
 * a commit (`INTERNAL`) and found by no read.
 *
 * Every method throws `STORE_UNAVAILABLE` when the database cannot be reached or does not
 * answer in time; no error of a driver's library passes.
 */
export interface Store {
  /** What lives only for a while, apart from the records. */
  readonly ephemeral: EphemeralStore;

  /**
   * Reads records together with the account's epoch, in one round trip and from one consistent
   * state, which includes every commit acknowledged (by any process) before the call.
   */
  read(account: Account, keys: readonly RecordKey[]): Promise<Snapshot>;

  /**
   * Writes all changes or none; of several changes to one key the last one counts.
   *
   * The result settles only when the change is durable: it survives `kill -9` of this process
   * and, for a networked store, whatever its configuration promises. A commit whose expectation
   * does not hold changes nothing and answers `committed: false`. The first commit to an account
   * makes it.
   *
   * @throws LatchkeyError `STORE_UNAVAILABLE`: the commit may have been applied all the same, or
   *   may yet be, as its outcome is not known
   */
  commit(account: Account, commit: Commit): Promise<CommitResult>;

  /**
   * Every record of a collection, in batches, in no promised order. Not a snapshot: what is
   * committed meanwhile may or may not be seen, and a record may come twice; read the epoch first
   * and call {@link changesSince} afterwards to arrive at a consistent state.
   */
  scan(account: Account, collection: string): AsyncIterable<readonly (readonly [RecordKey, StoredRecord])[]>;

  /**
   * What happened after an epoch, from one consistent state, each record once. `reload` when the log no longer
   * reaches back that far, the lineage is another, the counter lies ahead, or there is so much
   * that reading everything is cheaper.
   */
  changesSince(account: Account, epoch: Epoch): Promise<Catchup>;

  /**
   * Removes an account whole, if its epoch is still the one expected: every record and all that
   * was logged of it. Atomic and durable as a commit. What reads it afterwards sees an account
   * that does not exist; the next commit makes it anew, with a lineage of its own.
   *
   * @returns false when the epoch is another, or there is no such account
   * @throws LatchkeyError `STORE_UNAVAILABLE`: the account may have been removed all the same
   */
  remove(account: Account, expectEpoch: Epoch): Promise<boolean>;

  /**
   * Begins to read all accounts, each from one consistent state, while commits go on: for backups.
   * It is to be closed, and before the store is. See {@link StoreSnapshot}.
   * @param collections those whose records are read
   */
  snapshot(collections: readonly string[]): Promise<StoreSnapshot>;

  /** The accounts that have been made and not removed, sorted. */
  accounts(): Promise<readonly Account[]>;

  /** Settles when the store answers; throws `STORE_UNAVAILABLE` when it does not. */
  health(): Promise<void>;

  /** Waits for what is under way, then lets go of the database. No call may follow. */
  close(): Promise<void>;
}
