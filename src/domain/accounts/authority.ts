/**
 * The authority of every account, in memory: its access graph, its signing keys and the
 * settings of its authenticators, derived from the store and never older than the request.
 */
import { LatchkeyError } from '../errors.ts';
import type { Account, RecordKey } from '../ids.ts';
import type { Keyring } from '../../ports/keyring.ts';
import type { Epoch } from '../../ports/epoch.ts';
import type { Change, Commit, CommitResult, Snapshot, Store, StoredRecord } from '../../ports/store.ts';
import type { AccessGraph } from '../rbac/graph.ts';
import { authorityCollections } from '../records/keys.ts';
import { inSlices } from '../slices.ts';
import { AccountState } from './account-state.ts';

/** An account as of one read: records, and the state that they are judged by. */
export interface AccountView {
  readonly state: AccountState;
  /** The epoch that the records were read at; the state is at this one or a later one. */
  readonly epoch: Epoch;
  readonly records: readonly (StoredRecord | undefined)[];
}

/** The first may have begun before the read that asks for it; the second has not. */
const maxCatchUps = 4;
const maxRemovals = 20;
/** Some of them may be batches of a thousand rows. */
const manyChanges = 8;

/**
 * Keeps one {@link AccountState} per account and holds invariant I1: {@link read} fetches the
 * epoch in the same round trip as the records, and catches the state up before it answers.
 */
export class Authority {
  readonly #store: Store;
  readonly #keyring: Keyring;
  readonly #states = new Map<Account, AccountState>();
  readonly #catchingUp = new Map<Account, Promise<AccountState | undefined>>();

  constructor(store: Store, keyring: Keyring) {
    this.#store = store;
    this.#keyring = keyring;
  }

  /**
   * Reads records of an account, and its state no older than they are.
   * @throws LatchkeyError `ACCOUNT_NOT_FOUND`: the account was never made
   * @throws LatchkeyError `STORE_UNAVAILABLE`
   */
  async read(account: Account, keys: readonly RecordKey[]): Promise<AccountView> {
    const before = this.#states.get(account);
    const knownCounter = before?.epoch.counter ?? 0;
    const snapshot = await this.#store.read(account, keys);
    if (before !== undefined && sameEpoch(before.epoch, snapshot.epoch)) return viewOf(before, snapshot);
    const state = await this.#reach(account, snapshot.epoch, before, knownCounter);
    return viewOf(state, snapshot);
  }

  /** Reads records alone, where the state does not matter (several round trips of one use case). */
  async records(account: Account, keys: readonly RecordKey[]): Promise<Snapshot> {
    return this.#store.read(account, keys);
  }

  /** The state as it is in memory, loading it where it is not there yet; it may be behind the store. */
  async recent(account: Account): Promise<AccountState | undefined> {
    return this.#states.get(account) ?? (await this.#catchUp(account));
  }

  /**
   * Commits, and brings the state in memory up to it. What expects no epoch is committed only to
   * the account that this process knows: not to one that was removed or remade since.
   * @param fold does to the graph what the changes say, for a caller that knows them as rows; by
   *   default they are decoded one by one
   */
  async commit(account: Account, commit: Commit, fold?: (graph: AccessGraph) => void): Promise<CommitResult> {
    const lineage = this.#states.get(account)?.epoch.lineage;
    const bound = lineage === undefined || commit.expectEpoch !== undefined;
    const result = await this.#store.commit(account, bound ? commit : { expectLineage: lineage, ...commit });
    if (!result.committed || !commit.authority) return result;
    const state = this.#states.get(account);
    if (state === undefined || !follows(state.epoch, result.epoch)) {
      await this.#reach(account, result.epoch, state, 0);
    } else if (fold === undefined) {
      state.advance(commit.changes, result.epoch);
    } else {
      state.advanceBy(fold, commit.changes, result.epoch);
    }
    return result;
  }

  /**
   * Removes an account whole, as it is at this moment, however often it changes meanwhile.
   * @returns false when there is no such account
   * @throws LatchkeyError `STORE_BUSY`: it kept changing
   */
  async remove(account: Account): Promise<boolean> {
    for (let attempt = 0; attempt < maxRemovals; attempt += 1) {
      const { epoch } = await this.#store.read(account, []);
      const gone = epoch.lineage === '';
      if (gone || (await this.#store.remove(account, epoch))) {
        this.#states.delete(account);
        return !gone;
      }
    }
    throw new LatchkeyError('STORE_BUSY');
  }

  /** The accounts that have been made, sorted. */
  async accounts(): Promise<readonly Account[]> {
    return this.#store.accounts();
  }

  /** A state at `wanted` or later; one that went backwards is read anew. */
  async #reach(
    account: Account,
    wanted: Epoch,
    before: AccountState | undefined,
    knownCounter: number,
  ): Promise<AccountState> {
    if (wanted.lineage === '') {
      this.#states.delete(account);
      throw new LatchkeyError('ACCOUNT_NOT_FOUND', {
        detail: `Account '${account}' is not defined in Conjur`,
      });
    }
    const backwards = before?.epoch.lineage === wanted.lineage && knownCounter > wanted.counter;
    if (backwards) this.#states.delete(account);
    for (let attempt = 0; attempt < maxCatchUps; attempt += 1) {
      const state = this.#states.get(account);
      if (state?.epoch.lineage === wanted.lineage && state.epoch.counter >= wanted.counter) return state;
      const reached = await this.#catchUp(account);
      // The account was remade meanwhile: whatever it is now is newer than what was asked for.
      if (reached !== undefined && reached.epoch.lineage !== wanted.lineage) return reached;
    }
    throw new LatchkeyError('STORE_UNAVAILABLE', {
      detail: 'the store went back behind what it had answered',
    });
  }

  /** One catch-up at a time for each account; callers of the meantime share it. */
  async #catchUp(account: Account): Promise<AccountState | undefined> {
    const running = this.#catchingUp.get(account);
    if (running !== undefined) return running;
    const started = this.#advance(account).finally(() => this.#catchingUp.delete(account));
    this.#catchingUp.set(account, started);
    return started;
  }

  async #advance(account: Account): Promise<AccountState | undefined> {
    const state = this.#states.get(account);
    if (state === undefined) return this.#load(account);
    const catchup = await this.#store.changesSince(account, state.epoch);
    if (catchup.kind === 'reload' || !state.canFollow(catchup.changes)) return this.#load(account);
    await this.#follow(state, catchup.changes, catchup.epoch);
    return state;
  }

  /** Brings a state up to changes: in one instant, as it is in use, but without keeping anybody waiting for long. */
  async #follow(state: AccountState, changes: readonly Change[], epoch: Epoch): Promise<void> {
    const prepared = changes.length < manyChanges ? undefined : await inSlices(state.prepare(changes));
    try {
      // A commit of this process may have advanced the state meanwhile.
      if (epoch.counter > state.epoch.counter) state.advance(changes, epoch, prepared);
    } finally {
      if (prepared !== undefined) await inSlices(prepared.release());
    }
  }

  /** Reads a whole account: every record, then what was committed while they were read. */
  async #load(account: Account): Promise<AccountState | undefined> {
    const { epoch } = await this.#store.read(account, []);
    if (epoch.lineage === '') {
      this.#states.delete(account);
      return undefined;
    }
    // By key, as what is scanned and what was committed meanwhile make one consistent state together.
    const found = new Map<RecordKey, Change>();
    for (const collection of authorityCollections) {
      for await (const batch of this.#store.scan(account, collection)) {
        for (const [key, { value }] of batch) found.set(key, { key, value });
      }
    }
    const catchup = await this.#store.changesSince(account, epoch);
    if (catchup.kind === 'reload') return this.#load(account);
    for (const change of catchup.changes) found.set(change.key, change);
    const state = new AccountState(account, epoch, this.#keyring);
    await inSlices(state.advanceInSteps([...found.values()], catchup.epoch));
    this.#states.set(account, state);
    return state;
  }
}

function viewOf(state: AccountState, snapshot: Snapshot): AccountView {
  return { state, epoch: snapshot.epoch, records: snapshot.records };
}

function sameEpoch(one: Epoch, other: Epoch): boolean {
  return one.counter === other.counter && one.lineage === other.lineage;
}

function follows(epoch: Epoch, next: Epoch): boolean {
  return epoch.lineage === next.lineage && epoch.counter + 1 === next.counter;
}
