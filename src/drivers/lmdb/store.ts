/** The embedded store: one LMDB environment, shared by every process that opens its directory. */
import { stat } from 'node:fs/promises';
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import { storedAccount, type Account, type RecordKey } from '../../domain/ids.ts';
import type { EphemeralStore } from '../../ports/ephemeral-store.ts';
import type { Epoch } from '../../ports/epoch.ts';
import type { Catchup, Commit, CommitResult, Snapshot, Store, StoredRecord } from '../../ports/store.ts';
import type { StoreSnapshot } from '../../ports/store-transfer.ts';
import { write } from './apply.ts';
import { commitInBulk, fitsInline, removeInBulk } from './bulk.ts';
import { catchUp } from './catch-up.ts';
import { decodeRecord, EpochCache, isRemoved, noEpoch } from './codec.ts';
import { openEnvironment, type Environment } from './environment.ts';
import { LmdbEphemeralStore } from './ephemeral.ts';
import { toStoreFailure, unavailable } from './failures.ts';
import { recordAddress, type Address } from './keys.ts';
import { refuseUnfinished } from './restoring.ts';
import { checkChanges } from '../store-limits.ts';
import { nextBatch, type Batch } from './scan.ts';
import { takeLmdbSnapshot } from './snapshot.ts';

export interface LmdbStoreOptions {
  /** The environment's directory; made with mode 0700 where there is none. */
  readonly directory: string;
  /**
   * How long a commit may take, waiting for other writers included, before it fails; 30 s by
   * default. One that failed so may still be applied.
   */
  readonly commitTimeoutMs?: number;
  /** How long ephemeral entries are kept after they expired, for when the clock was ahead; 90 minutes by default. */
  readonly keepExpiredMs?: number;
}

const defaultCommitTimeoutMs = 30 * 1_000;
const defaultKeepExpiredMs = 90 * 60 * 1_000;
/** What a very large commit may take on top. */
const bulkAllowanceMs = 120 * 1_000;
const closeTimeoutMs = 5 * 1_000;

/**
 * Opens the embedded store. Any number of processes may open one directory on a local disk.
 *
 * A commit is seen by others, and acknowledged, once it has been synced to disk; commits
 * that are made while another is being synced share the next sync.
 *
 * @throws LatchkeyError `STORE_REFUSED`: the directory cannot be made or written, or what it
 *   holds is not a store of this release
 * @throws LatchkeyError `TRANSFER_UNFINISHED`: it is being filled from a backup, or was so in part
 */
export async function openLmdbStore(options: LmdbStoreOptions): Promise<Store> {
  const environment = openEnvironment(options.directory);
  try {
    refuseUnfinished(environment);
  } catch (error) {
    await environment.root.close();
    throw error;
  }
  return new LmdbStore(environment, options);
}

class LmdbStore implements Store {
  readonly ephemeral: EphemeralStore;
  readonly #environment: Environment;
  readonly #commitTimeoutMs: number;
  readonly #epochs = new Map<Account, EpochCache>();
  readonly #underWay = new Set<Promise<unknown>>();
  #closed = false;

  constructor(environment: Environment, options: LmdbStoreOptions) {
    const { commitTimeoutMs = defaultCommitTimeoutMs, keepExpiredMs = defaultKeepExpiredMs } = options;
    this.#environment = environment;
    this.#commitTimeoutMs = commitTimeoutMs;
    this.ephemeral = new LmdbEphemeralStore({
      read: (action) => this.#attempt(() => action(this.#open())),
      write: async (action) => this.#tracked(withinTime(action(this.#open()), commitTimeoutMs)),
      keepExpiredMs,
    });
  }

  async read(account: Account, keys: readonly RecordKey[]): Promise<Snapshot> {
    try {
      return this.#readNow(account, keys);
    } catch (error) {
      throw await toStoreFailure(error);
    }
  }

  /** Without an await between its reads, so that they see one state. */
  #readNow(account: Account, keys: readonly RecordKey[]): Snapshot {
    const { accounts, records } = this.#open();
    // LMDB's binding keeps one snapshot for a turn of the event loop; another process may have committed since.
    accounts.resetReadTxn();
    const state = accounts.getBinaryFast(account);
    const epoch = state === undefined ? noEpoch : this.#epochOf(account, state);
    const found: (StoredRecord | undefined)[] = [];
    for (const key of keys) {
      const address = recordAddress(account, key);
      const stored = records.getBinaryFast(address);
      found.push(stored === undefined ? undefined : decodeRecord(address, stored));
    }
    return { epoch, records: found };
  }

  #epochOf(account: Account, state: Buffer): Epoch {
    let cache = this.#epochs.get(account);
    if (cache === undefined) this.#epochs.set(account, (cache = new EpochCache()));
    return cache.of(state);
  }

  async commit(account: Account, commit: Commit): Promise<CommitResult> {
    const environment = this.#open();
    if (!fitsInline(commit.changes)) {
      const committing = commitInBulk(environment.directory, account, commit);
      return this.#tracked(withinTime(committing, this.#commitTimeoutMs + bulkAllowanceMs));
    }
    checkChanges(commit.changes);
    return this.#tracked(withinTime(write(environment, account, commit), this.#commitTimeoutMs));
  }

  async remove(account: Account, expectEpoch: Epoch): Promise<boolean> {
    const removing = removeInBulk(this.#open().directory, account, expectEpoch);
    return this.#tracked(withinTime(removing, this.#commitTimeoutMs + bulkAllowanceMs));
  }

  async *scan(account: Account, collection: string): AsyncGenerator<Batch> {
    let last: Address | undefined;
    for (;;) {
      const next = await this.#attempt(() => nextBatch(this.#open(), account, collection, last));
      if (next.batch.length === 0) return;
      yield next.batch;
      last = next.last;
      await nextTurn();
    }
  }

  async changesSince(account: Account, epoch: Epoch): Promise<Catchup> {
    return this.#tracked(this.#attempt(() => catchUp(this.#open(), account, epoch)));
  }

  async snapshot(collections: readonly string[]): Promise<StoreSnapshot> {
    return this.#attempt(() => takeLmdbSnapshot(this.#open(), collections));
  }

  async accounts(): Promise<readonly Account[]> {
    return this.#attempt(() => {
      const { accounts } = this.#open();
      accounts.resetReadTxn();
      const made: Account[] = [];
      for (const { key: name, value: state } of accounts.getRange()) {
        if (!isRemoved(state)) made.push(storedAccount(name.toString()));
      }
      return made.sort();
    });
  }

  async health(): Promise<void> {
    await this.#attempt(async () => {
      const { accounts, dataFile } = this.#open();
      accounts.resetReadTxn();
      accounts.getKeysCount({ limit: 1 });
      const { ino } = await stat(dataFile.path);
      // Writes to a file that has no name any more would be acknowledged and lost.
      if (ino !== dataFile.inode)
        throw unavailable('the data file in the directory is not the one that was opened');
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await Promise.allSettled(this.#underWay);
    await Promise.race([this.#environment.root.close(), pause(closeTimeoutMs, undefined, { ref: false })]);
  }

  #open(): Environment {
    if (this.#closed) throw unavailable('it has been closed');
    return this.#environment;
  }

  async #attempt<Result>(action: () => Result | Promise<Result>): Promise<Result> {
    try {
      return await action();
    } catch (error) {
      throw await toStoreFailure(error);
    }
  }

  async #tracked<Result>(work: Promise<Result>): Promise<Result> {
    this.#underWay.add(work);
    try {
      return await work;
    } catch (error) {
      throw await toStoreFailure(error);
    } finally {
      this.#underWay.delete(work);
    }
  }
}

async function withinTime<Result>(work: Promise<Result>, timeoutMs: number): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    const giveUp = (): void => {
      reject(unavailable(`a commit took longer than ${timeoutMs} ms`));
    };
    timer = setTimeout(giveUp, timeoutMs);
  });
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
