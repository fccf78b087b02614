/** What an account holds, as of one revision, while commits go on. */
import { randomUUID } from 'node:crypto';
import { LatchkeyError } from '../../domain/errors.ts';
import { storedAccount, storedRecordKey, type Account } from '../../domain/ids.ts';
import type { AccountSnapshot, StoreSnapshot, TransferredRecord } from '../../ports/store-transfer.ts';
import { asBuffer, asList, asNumber, decodeEpoch, decodeRecord, decodeRevision } from './codec.ts';
import type { Connection } from './connection.ts';
import { unavailable } from './failures.ts';
import { accountsKey, AccountKeys } from './keys.ts';
import { beginScript, renewScript, walkScript } from './snapshot-scripts.ts';

const ttlMs = 60 * 1_000;
const renewalMs = ttlMs / 4;
const leastCount = 10;
const mostCount = 1_000;
/** Batches are kept near this size, as values may be large. */
const targetBytes = 1024 * 1024;
const finished = '0';

/**
 * Takes snapshots of the accounts, one after another: each account is of the moment at which it is
 * asked for.
 *
 * Why that is one consistent state of an account, whatever is committed meanwhile. Let R be the
 * account's revision when its snapshot begins. Every record carries the revision that wrote it,
 * and revisions only grow, so a record that is seen with a revision of at most R is what it was at
 * R, and one with a larger revision was written since and is passed over. What was there at R and
 * is changed or deleted later is put aside by the very script that changes it, once: afterwards
 * its revision is larger than R, or it is gone. HSCAN returns at least once each field that is
 * there from its beginning to its end. So a record of R is either met with its revision, or was
 * put aside before the walk of its collection ended; and what was put aside is read after all
 * collections have been walked. It may be met in both places, and then is the same twice.
 *
 * What would break this, each step checks in the same script: the mark that makes commits put
 * records aside must still be there, and the server must be the one of the beginning, as the
 * cursors of HSCAN mean nothing to another one, and an older primary may have changes that a newer
 * one never saw. An account's keys share one slot, so all of it holds on a cluster.
 *
 * @param connection of its own, which it closes
 */
export function takeRedisSnapshot(connection: Connection, collections: readonly string[]): StoreSnapshot {
  return new RedisSnapshot(connection, collections);
}

/** One account's snapshot while it is being taken. */
interface Underway {
  readonly id: string;
  readonly accountKeys: AccountKeys;
  readonly revision: number;
  readonly history: Buffer;
  readonly renewal: NodeJS.Timeout;
}

class RedisSnapshot implements StoreSnapshot {
  readonly #connection: Connection;
  readonly #collections: readonly string[];
  #underway: Underway | undefined;

  constructor(connection: Connection, collections: readonly string[]) {
    this.#connection = connection;
    this.#collections = collections;
  }

  async *accounts(): AsyncGenerator<AccountSnapshot> {
    const names = await this.#connection.perform((client) => client.smembers(accountsKey));
    for (const name of names.sort()) {
      const snapshot = await this.#begin(storedAccount(name));
      if (snapshot !== undefined) yield snapshot;
      await this.#end();
    }
  }

  /** @returns undefined where there is no such account any more, or not yet */
  async #begin(account: Account): Promise<AccountSnapshot | undefined> {
    const id = randomUUID();
    const accountKeys = new AccountKeys(account);
    const hashes = this.#collections.map((name) => accountKeys.collection(name));
    const keys = [accountKeys.meta, accountKeys.snapshot, ...hashes];
    const [first, history, ...sizes] = asList(await this.#connection.run(beginScript, keys, [id, ttlMs]));
    const state = asBuffer(first);
    if (state.equals(Buffer.from('none'))) return undefined;
    if (state.equals(Buffer.from('busy'))) throw busy(account);
    const renewal = setInterval(() => void this.#renew(accountKeys, id, ttlMs), renewalMs);
    const revision = decodeRevision(state);
    this.#underway = { id, accountKeys, revision, history: asBuffer(history), renewal };
    const counts = new Map<string, number>();
    for (const [index, size] of sizes.entries()) {
      if (size !== 0) counts.set(this.#collections[index] ?? '', asNumber(size));
    }
    return { account, epoch: decodeEpoch(state), revision, counts, records: () => this.#records() };
  }

  async *#records(): AsyncGenerator<readonly TransferredRecord[]> {
    const underway = this.#underway;
    if (underway === undefined) throw lost();
    const { accountKeys } = underway;
    for (const name of this.#collections) {
      yield* this.#walk(underway, accountKeys.collection(name), `${name}\t`);
    }
    yield* this.#walk(underway, accountKeys.snapshot, '');
  }

  /** @param prefix what a field lacks to be the key of a record */
  async *#walk(
    { id, accountKeys, revision, history }: Underway,
    hash: string,
    prefix: string,
  ): AsyncGenerator<readonly TransferredRecord[]> {
    let cursor = finished;
    let count = leastCount;
    do {
      const args = [id, ttlMs, history, cursor, count];
      const reply = asList(await this.#connection.run(walkScript, [accountKeys.snapshot, hash], args));
      if (reply.length === 0) throw lost();
      const { batch, bytes } = batchOf(asList(reply[1]), prefix, revision);
      if (batch.length > 0) yield batch;
      cursor = asBuffer(reply[0]).toString();
      if (bytes > targetBytes) count = Math.max(leastCount, count >> 1);
      else if (bytes < targetBytes / 4) count = Math.min(mostCount, count * 2);
    } while (cursor !== finished);
  }

  /** Failing is no matter: the next step of the walk finds out. */
  async #renew(accountKeys: AccountKeys, id: string, forMs: number): Promise<void> {
    await this.#connection.run(renewScript, [accountKeys.snapshot], [id, forMs]).catch(() => undefined);
  }

  async #end(): Promise<void> {
    if (this.#underway === undefined) return;
    const { renewal, accountKeys, id } = this.#underway;
    this.#underway = undefined;
    clearInterval(renewal);
    await this.#renew(accountKeys, id, 0);
  }

  async close(): Promise<void> {
    await this.#end();
    await this.#connection.close();
  }
}

function batchOf(
  entries: readonly unknown[],
  prefix: string,
  revision: number,
): { readonly batch: readonly TransferredRecord[]; readonly bytes: number } {
  const batch: TransferredRecord[] = [];
  let bytes = 0;
  for (let index = 0; index + 1 < entries.length; index += 2) {
    const field = asBuffer(entries[index]);
    const stored = asBuffer(entries[index + 1]);
    bytes += field.length + stored.length;
    const key = prefix + field.toString();
    // The mark itself has no key.
    if (key === '') continue;
    const record = decodeRecord(stored);
    if (record.revision <= revision) batch.push({ key: storedRecordKey(key), value: record.value });
  }
  return { batch, bytes };
}

function busy(account: Account): LatchkeyError {
  return new LatchkeyError('STORE_BUSY', {
    detail:
      `another backup of the account ${account} is under way, or was interrupted within the last minute; ` +
      'try again when it is over',
  });
}

function lost(): LatchkeyError {
  return unavailable(
    'the snapshot was lost: the server was restarted or replaced, or the account removed, meanwhile; try again',
  );
}
