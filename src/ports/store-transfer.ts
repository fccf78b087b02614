/**
 * Taking what a store holds out of it, and putting it into another one: what both drivers give
 * besides the {@link Store} itself, for whoever looks after the store and not for its services.
 *
 * Ephemeral entries are no part of it: codes, sessions and tokens that are used once must not
 * become usable again.
 */
import type { Account, RecordKey } from '../domain/ids.ts';
import type { Epoch } from './epoch.ts';

/** A record without its revision: that is the store's own and not carried over. */
export interface TransferredRecord {
  readonly key: RecordKey;
  readonly value: Uint8Array;
}

/** One state of an account: every record as it was right after the commit with this revision. */
export interface AccountSnapshot {
  readonly account: Account;
  readonly epoch: Epoch;
  readonly revision: number;
  /**
   * How many records each collection holds; collections without records are left out. Where it is
   * undefined, every record comes exactly once, and counting them tells.
   */
  readonly counts: ReadonlyMap<string, number> | undefined;
  /**
   * The records in batches of some megabytes at most, a single larger record apart. A record may
   * come twice, and is then the same. To be consumed once.
   * @throws LatchkeyError `STORE_UNAVAILABLE`: also where the snapshot was lost, as by a failover;
   *   what was read so far is then no snapshot
   */
  records(): AsyncIterable<readonly TransferredRecord[]>;
}

/**
 * A snapshot of the accounts that a store holds, taken while services read and commit. Each
 * account is one consistent state; whether all accounts are of one moment is the driver's to say.
 * It holds on to storage in the store until it is closed, or, should this process die, for a
 * minute at most.
 */
export interface StoreSnapshot {
  /**
   * The accounts in the order of their names. The records of one must be consumed before the next is asked for.
   * @throws LatchkeyError `STORE_UNAVAILABLE`
   * @throws LatchkeyError `STORE_BUSY`: another snapshot of the account is being taken
   */
  accounts(): AsyncIterable<AccountSnapshot>;
  close(): Promise<void>;
}

/** What an account that is put into a store goes on from. */
export interface TransferredAccount {
  readonly account: Account;
  /** The epoch counter that it had. */
  readonly counter: number;
  /** The revision that it had. */
  readonly revision: number;
}

/**
 * How far the revisions of a transferred account lie beyond those that it had: what was committed
 * where it came from after it was taken, and is lost, must not share its revisions with what is
 * committed now.
 */
export const transferredRevisionGap = 2 ** 40;

/**
 * Fills an empty store. As long as it is not published, no service can open the store or make an
 * account in it, and none of what was written counts: a process that dies leaves a store that
 * only another transfer can use, or discard.
 */
export interface StoreTransfer {
  /**
   * Begins an account; the records that are written next are its own.
   * @throws LatchkeyError `STORE_UNAVAILABLE`; `STORE_NOT_EMPTY`: the account is there;
   *   `TRANSFER_UNFINISHED`: another transfer took over
   */
  begin(account: TransferredAccount): Promise<void>;
  /**
   * Writes records of the account. Of one that is written twice the later one counts. All have one revision.
   * @throws LatchkeyError as {@link begin}; `INTERNAL`: beyond the limits of the store
   */
  write(records: readonly TransferredRecord[]): Promise<void>;
  /**
   * How many records of each of these collections the account has by now.
   * @throws LatchkeyError as {@link begin}
   */
  counts(collections: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /**
   * Makes every account that was begun there, each with a lineage of its own that is new, and
   * opens the store to services. Durable as a commit.
   * @throws LatchkeyError as {@link begin}
   */
  publish(): Promise<void>;
  /** Removes what was written, so that the store is empty, and open to services. */
  discard(): Promise<void>;
  /** Lets go of the database; what was not published or discarded stays as it is. */
  close(): Promise<void>;
}
