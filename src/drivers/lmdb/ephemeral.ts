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
  membersOf,
  nextKept,
  rewrite,
  sweep,
  write,
  type Kept,
} from './ephemeral-entries.ts';
import type { Address } from './keys.ts';
import { inTransaction } from './transact.ts';

/**
 * What an act sweeps beyond twice what it adds, of what expired a while ago. So the tables shrink whenever they are written to,
 * and each act is brief. There is no timer: an idle store does not grow, and what has expired is
 * not found; the processes of one directory would only take turns at the write lock.
 */
const extraSwept = 16;
const sliceLength = 500;

/** A counter's value: the sum, and the time in ms that it was made for, as doubles. */
const counterTtlAt = 8;
const counterBytes = 16;

/** How the store runs what reads, and what writes: with its time-outs and its failures. */
export interface EphemeralAccess {
  readonly read: <Result>(action: (environment: Environment) => Result) => Promise<Result>;
  readonly write: <Result>(action: (environment: Environment) => Promise<Result>) => Promise<Result>;
  /**
   * How long what has expired is kept. It is not found, but would be there again should the clock turn out to
   * have been ahead: a mark that something was used must not be gone when what it guards is valid once more.
   */
  readonly keepExpiredMs: number;
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
      this.#sweep(environment, nowMs, 2 * entries.length + extraSwept);
    });
  }

  async add(account: Account, entry: EphemeralEntry): Promise<boolean> {
    checkEphemeralEntries([entry]);
    const address = ephemeralAddress(account, 'entry', entry.key);
    if ((await this.#find(address)) !== undefined) return false;
    return this.#change((environment, nowMs) => {
      if (findKept(environment, address, nowMs) !== undefined) return false;
      keep(environment, account, entry, nowMs);
      this.#sweep(environment, nowMs, 2 + extraSwept);
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
      rewrite(environment, address, { ...kept, used: true });
      for (const entry of entries) keep(environment, account, entry, nowMs);
      if (entries.length > 0) this.#sweep(environment, nowMs, 2 * entries.length + extraSwept);
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
      const lifetimeMs = kept === undefined ? ttlMs : kept.value.readDoubleLE(counterTtlAt);
      const value = Buffer.alloc(counterBytes);
      value.writeDoubleLE(counted);
      value.writeDoubleLE(lifetimeMs, counterTtlAt);
      // Of a time that began before the clock was set back, no more than the whole of it is left.
      const expiresAtMs = Math.min(kept?.expiresAtMs ?? Infinity, nowMs + lifetimeMs);
      if (expiresAtMs !== kept?.expiresAtMs) discard(environment, address);
      write(environment, address, { expiresAtMs, used: false, group: undefined, value });
      this.#sweep(environment, nowMs, 2 + extraSwept);
      return counted;
    });
  }

  async *scan(account: Account): AsyncGenerator<readonly (readonly [string, Uint8Array])[]> {
    let after: Address | undefined;
    for (;;) {
      const next = await this.#read((environment, nowMs) => {
        const { entries, last } = nextKept(environment, account, after, sliceLength);
        return { last, found: entries.filter(([, { expiresAtMs }]) => expiresAtMs > nowMs) };
      });
      if (next.last === undefined) return;
      if (next.found.length > 0) yield next.found.map(([key, { value }]) => [key, value] as const);
      after = next.last;
    }
  }

  async exchange(account: Account, key: string, present: Uint8Array, value: Uint8Array): Promise<boolean> {
    checkEphemeralEntries([{ key, value, ttlMs: 1 }]);
    const address = ephemeralAddress(account, 'entry', key);
    return this.#change((environment, nowMs) => {
      const kept = findKept(environment, address, nowMs);
      if (kept === undefined || !kept.value.equals(present)) return false;
      rewrite(environment, address, { ...kept, value: Buffer.from(value) });
      return true;
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

  #sweep(environment: Environment, nowMs: number, limit: number): void {
    sweep(environment, nowMs - this.#access.keepExpiredMs, limit);
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
