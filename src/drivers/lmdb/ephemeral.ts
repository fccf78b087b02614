/** What lives for a while, in the embedded store. */
import type { Account } from '../../domain/ids.ts';
import type { EphemeralEntry, EphemeralRecord, EphemeralStore } from '../../ports/ephemeral-store.ts';
import {
  checkEphemeralEntries,
  checkEphemeralKeys,
  checkEphemeralTtl,
  checkCounted,
} from '../store-limits.ts';
import type { Environment } from './environment.ts';
import {
  discard,
  ephemeralAddress,
  findKept,
  keep,
  markUsed,
  membersOf,
  sweep,
  write,
  type Kept,
} from './ephemeral-entries.ts';
import type { Address } from './keys.ts';
import { inTransaction } from './transact.ts';

/**
 * What an act sweeps beyond twice what it adds. So the tables shrink whenever they are written to,
 * and each act is brief. There is no timer: an idle store does not grow, and what has expired is
 * not found; the processes of one directory would only take turns at the write lock.
 */
const extraSwept = 16;
const sliceLength = 500;

/** How the store runs what reads, and what writes: with its time-outs and its failures. */
export interface EphemeralAccess {
  readonly read: <Result>(action: (environment: Environment) => Result) => Promise<Result>;
  readonly write: <Result>(action: (environment: Environment) => Promise<Result>) => Promise<Result>;
}

/**
 * Every change is acknowledged once it has been synced, as a commit is; those of one turn share a
 * transaction, and a sync. What is asked of a key that holds nothing is answered by a read, so
 * that guesses cost no sync.
 */
export class LmdbEphemeralStore implements EphemeralStore {
  readonly #access: EphemeralAccess;

  constructor(access: EphemeralAccess) {
    this.#access = access;
  }

  async put(account: Account, entries: readonly EphemeralEntry[]): Promise<void> {
    checkEphemeralEntries(entries);
    if (entries.length === 0) return;
    await this.#change((environment, nowMs) => {
      for (const entry of entries) keep(environment, account, entry, nowMs);
      sweep(environment, nowMs, 2 * entries.length + extraSwept);
    });
  }

  async add(account: Account, entry: EphemeralEntry): Promise<boolean> {
    checkEphemeralEntries([entry]);
    const address = ephemeralAddress(account, 'entry', entry.key);
    if ((await this.#find(address)) !== undefined) return false;
    return this.#change((environment, nowMs) => {
      if (findKept(environment, address, nowMs) !== undefined) return false;
      keep(environment, account, entry, nowMs);
      sweep(environment, nowMs, 2 + extraSwept);
      return true;
    });
  }

  async get(account: Account, keys: readonly string[]): Promise<readonly (EphemeralRecord | undefined)[]> {
    checkEphemeralKeys(keys);
    return this.#read((environment, nowMs) =>
      keys.map((key) => recordOf(findKept(environment, ephemeralAddress(account, 'entry', key), nowMs))),
    );
  }

  async take(account: Account, key: string): Promise<EphemeralRecord | undefined> {
    checkEphemeralKeys([key]);
    const address = ephemeralAddress(account, 'entry', key);
    if ((await this.#find(address)) === undefined) return undefined;
    return this.#change((environment, nowMs) => {
      const record = recordOf(findKept(environment, address, nowMs));
      if (record !== undefined) discard(environment, address);
      return record;
    });
  }

  async use(
    account: Account,
    key: string,
    entries: readonly EphemeralEntry[] = [],
  ): Promise<'first' | 'again' | 'missing'> {
    checkEphemeralKeys([key]);
    checkEphemeralEntries(entries);
    const address = ephemeralAddress(account, 'entry', key);
    // Whoever has something to keep along has found the entry before.
    if (entries.length === 0) {
      const found = await this.#find(address);
      if (found === undefined) return 'missing';
      if (found.used) return 'again';
    }
    return this.#change((environment, nowMs) => {
      const kept = findKept(environment, address, nowMs);
      if (kept === undefined) return 'missing';
      if (kept.used) return 'again';
      markUsed(environment, address, kept);
      for (const entry of entries) keep(environment, account, entry, nowMs);
      if (entries.length > 0) sweep(environment, nowMs, 2 * entries.length + extraSwept);
      return 'first';
    });
  }

  async count(account: Account, key: string, ttlMs: number, amount = 1): Promise<number> {
    checkEphemeralKeys([key]);
    checkEphemeralTtl(ttlMs);
    checkCounted(amount);
    const address = ephemeralAddress(account, 'counter', key);
    return this.#change((environment, nowMs) => {
      const kept = findKept(environment, address, nowMs);
      const counted = (kept?.value.readDoubleLE(0) ?? 0) + amount;
      checkCounted(counted);
      const value = Buffer.alloc(8);
      value.writeDoubleLE(counted);
      if (kept === undefined) discard(environment, address);
      const expiresAtMs = kept?.expiresAtMs ?? nowMs + ttlMs;
      write(environment, address, { expiresAtMs, used: false, group: undefined, value });
      sweep(environment, nowMs, 2 + extraSwept);
      return counted;
    });
  }

  async remove(account: Account, keys: readonly string[]): Promise<void> {
    checkEphemeralKeys(keys);
    const addresses = keys.map((key) => ephemeralAddress(account, 'entry', key));
    const found = await this.#read((environment, nowMs) =>
      addresses.filter((address) => findKept(environment, address, nowMs) !== undefined),
    );
    if (found.length === 0) return;
    await this.#change((environment) => {
      for (const address of addresses) discard(environment, address);
    });
  }

  async removeGroup(account: Account, group: string): Promise<void> {
    checkEphemeralKeys([group]);
    const next = (environment: Environment): readonly Address[] =>
      membersOf(environment, account, group, sliceLength);
    let found = (await this.#read(next)).length;
    while (found > 0) {
      found = await this.#change((environment) => {
        const members = next(environment);
        for (const address of members) discard(environment, address);
        return members.length;
      });
    }
  }

  #find(address: Address): Promise<EphemeralRecord | undefined> {
    return this.#read((environment, nowMs) => recordOf(findKept(environment, address, nowMs)));
  }

  #read<Result>(action: (environment: Environment, nowMs: number) => Result): Promise<Result> {
    return this.#access.read((environment) => {
      // LMDB's binding keeps one snapshot for a turn of the event loop; another process may have written since.
      environment.ephemeral.resetReadTxn();
      return action(environment, Date.now());
    });
  }

  #change<Result>(act: (environment: Environment, nowMs: number) => Result): Promise<Result> {
    return this.#access.write((environment) =>
      inTransaction(environment, () => act(environment, Date.now())),
    );
  }
}

/** A copy, as LMDB's own memory is overwritten by what follows. */
function recordOf(kept: Kept | undefined): EphemeralRecord | undefined {
  return kept && { value: Uint8Array.prototype.slice.call(kept.value), used: kept.used };
}
