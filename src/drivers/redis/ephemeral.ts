/** What lives for a while, in the networked store. */
import type { Account } from '../../domain/ids.ts';
import type { EphemeralEntry, EphemeralRecord, EphemeralStore } from '../../ports/ephemeral-store.ts';
import {
  checkCounted,
  checkEphemeralEntries,
  checkEphemeralKeys,
  checkEphemeralTtl,
} from '../store-limits.ts';
import { asBuffer, asList, asNumber } from './codec.ts';
import type { Argument, Connection } from './connection.ts';
import {
  countScript,
  exchangeScript,
  getScript,
  putScript,
  removeEntriesScript,
  removeGroupScript,
  scanEntriesScript,
  takeScript,
  useScript,
} from './ephemeral-scripts.ts';
import type { AccountKeys } from './keys.ts';
import type { Script } from './scripts.ts';
import type { Sender } from './sender.ts';

const outcomes = ['missing', 'first', 'again'] as const;
const groupSliceLength = 1_000;
const scanSliceLength = 500;
const finished = '0';

/** What the ephemeral space works with: the store's connections, and its keeping count of what is under way. */
export interface EphemeralAccess {
  readonly reads: Connection;
  readonly sender: Sender;
  readonly keysOf: (account: Account) => AccountKeys;
  readonly tracked: <Result>(write: () => Promise<Result>) => Promise<Result>;
}

/** Each call is one script, sent and replicated as a commit is; the server's clock decides what has expired. */
export class RedisEphemeralStore implements EphemeralStore {
  readonly #access: EphemeralAccess;

  constructor(access: EphemeralAccess) {
    this.#access = access;
  }

  async put(account: Account, entries: readonly EphemeralEntry[]): Promise<void> {
    if (entries.length > 0) await this.#put(account, entries, false);
  }

  async add(account: Account, entry: EphemeralEntry): Promise<boolean> {
    return this.#put(account, [entry], true);
  }

  async #put(account: Account, entries: readonly EphemeralEntry[], unlessThere: boolean): Promise<boolean> {
    checkEphemeralEntries(entries);
    const accountKeys = this.#access.keysOf(account);
    const keys = entries.map(({ key }) => accountKeys.ephemeral(key));
    const args = [accountKeys.groupsPrefix, unlessThere ? '1' : '0', ...entries.flatMap(putArgs)];
    return (await this.#write(account, putScript, keys, args, isPositive)) === 1;
  }

  async get(account: Account, keys: readonly string[]): Promise<readonly (EphemeralRecord | undefined)[]> {
    checkEphemeralKeys(keys);
    if (keys.length === 0) return [];
    const { keysOf, reads } = this.#access;
    const accountKeys = keysOf(account);
    const entryKeys = keys.map((key) => accountKeys.ephemeral(key));
    const reply = asList(await reads.run(getScript, entryKeys, []));
    return keys.map((_, index) => recordIn(reply, 2 * index));
  }

  async take(account: Account, key: string): Promise<EphemeralRecord | undefined> {
    checkEphemeralKeys([key]);
    const { ephemeral, groupsPrefix } = this.#place(account, key);
    const hasTaken = (answer: unknown): boolean => recordIn(asList(answer), 0) !== undefined;
    return recordIn(asList(await this.#write(account, takeScript, [ephemeral], [groupsPrefix], hasTaken)), 0);
  }

  async use(
    account: Account,
    key: string,
    entries: readonly EphemeralEntry[] = [],
  ): Promise<'first' | 'again' | 'missing'> {
    checkEphemeralKeys([key]);
    checkEphemeralEntries(entries);
    const accountKeys = this.#access.keysOf(account);
    const keys = [key, ...entries.map((entry) => entry.key)].map((each) => accountKeys.ephemeral(each));
    const args = [accountKeys.groupsPrefix, ...entries.flatMap(putArgs)];
    const answer = await this.#write(account, useScript, keys, args, isPositive);
    return outcomes[asNumber(answer)] ?? 'missing';
  }

  async count(account: Account, key: string, ttlMs: number, amount = 1): Promise<number> {
    checkEphemeralKeys([key]);
    checkEphemeralTtl(ttlMs);
    checkCounted(amount);
    const counter = this.#access.keysOf(account).counter(key);
    const args = [Math.ceil(ttlMs), amount];
    return asNumber(await this.#write(account, countScript, [counter], args, () => true));
  }

  async *scan(account: Account): AsyncGenerator<readonly (readonly [string, Uint8Array])[]> {
    const { keysOf, reads } = this.#access;
    const { meta, entries, entriesPrefix } = keysOf(account);
    let cursor = finished;
    do {
      const reply = asList(await reads.run(scanEntriesScript, [meta], [cursor, entries, scanSliceLength]));
      cursor = asBuffer(reply[0]).toString();
      const found: (readonly [string, Uint8Array])[] = [];
      for (let index = 1; index + 1 < reply.length; index += 2) {
        const key = asBuffer(reply[index]).toString().slice(entriesPrefix.length);
        found.push([key, asBuffer(reply[index + 1])]);
      }
      if (found.length > 0) yield found;
    } while (cursor !== finished);
  }

  async exchange(account: Account, key: string, present: Uint8Array, value: Uint8Array): Promise<boolean> {
    checkEphemeralEntries([{ key, value, ttlMs: 1 }]);
    const { ephemeral } = this.#place(account, key);
    const args = [present, value].map((bytes) => Buffer.from(bytes));
    return asNumber(await this.#write(account, exchangeScript, [ephemeral], args, isPositive)) === 1;
  }

  async remove(account: Account, keys: readonly string[]): Promise<void> {
    checkEphemeralKeys(keys);
    if (keys.length === 0) return;
    const accountKeys = this.#access.keysOf(account);
    const entryKeys = keys.map((key) => accountKeys.ephemeral(key));
    await this.#write(account, removeEntriesScript, entryKeys, [accountKeys.groupsPrefix], isPositive);
  }

  async removeGroup(account: Account, group: string): Promise<void> {
    checkEphemeralKeys([group]);
    const members = this.#access.keysOf(account).groupsPrefix + group;
    let removed = groupSliceLength;
    while (removed === groupSliceLength) {
      const args = [group, groupSliceLength];
      removed = asNumber(await this.#write(account, removeGroupScript, [members], args, isPositive));
    }
  }

  #place(account: Account, key: string): { readonly ephemeral: string; readonly groupsPrefix: string } {
    const accountKeys = this.#access.keysOf(account);
    return { ephemeral: accountKeys.ephemeral(key), groupsPrefix: accountKeys.groupsPrefix };
  }

  #write(
    account: Account,
    script: Script,
    keys: readonly string[],
    args: readonly Argument[],
    hasWritten: (answer: unknown) => boolean,
  ): Promise<unknown> {
    const { sender, tracked } = this.#access;
    return tracked(() => sender.enqueue(account, { script, keys, args }, hasWritten));
  }
}

function putArgs({ value, ttlMs, group }: EphemeralEntry): readonly Argument[] {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  return [Math.ceil(ttlMs), bytes, group === undefined ? '' : `+${group}`];
}

function recordIn(reply: readonly unknown[], at: number): EphemeralRecord | undefined {
  const value = reply[at];
  return value === null ? undefined : { value: asBuffer(value), used: reply[at + 1] !== null };
}

function isPositive(answer: unknown): boolean {
  return asNumber(answer) > 0;
}
