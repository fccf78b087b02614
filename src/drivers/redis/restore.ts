/** Fills an empty store. */
import { randomBytes, randomUUID } from 'node:crypto';
import { LatchkeyError } from '../../domain/errors.ts';
import { storedAccount, type Account } from '../../domain/ids.ts';
import {
  transferredRevisionGap,
  type StoreTransfer,
  type TransferredAccount,
  type TransferredRecord,
} from '../../ports/store-transfer.ts';
import { checkChanges } from '../store-limits.ts';
import { asBuffer, asNumber, isRemoved, isState } from './codec.ts';
import { Connection, type Argument } from './connection.ts';
import { requireDurable } from './durability.ts';
import { accountsKey, AccountKeys, indexAmong, restoreMarkKey, splitKey } from './keys.ts';
import {
  beginAccountScript,
  fillScript,
  markScript,
  publishScript,
  readyScript,
  unmarkScript,
} from './restore-scripts.ts';
import { restoreMark, unfinished, type RestoreMark, type RestorePhase } from './restoring.ts';
import { Sender, type Replication } from './sender.ts';
import { parseRedisUrl } from './url.ts';

export interface RedisTransferOptions {
  readonly url: string;
  /** Whether to start over where a transfer was not finished, which one that still runs then fails by. */
  readonly restart: boolean;
  /** How many replicas must have what is published; none by default. */
  readonly waitReplicas?: number;
  /** Whether a server is accepted that may lose or evict what it acknowledged. */
  readonly allowVolatile?: boolean;
}

/** Removing what an interrupted transfer left may keep the server busy. */
const replyTimeoutMs = 60 * 1_000;
const connectTimeoutMs = 5 * 1_000;
const replicationTimeoutMs = 30 * 1_000;
const lineageBytes = 16;

/**
 * Opens a store to fill it, and marks it as being filled.
 *
 * @throws LatchkeyError `STORE_NOT_EMPTY`: it holds accounts
 * @throws LatchkeyError `TRANSFER_UNFINISHED`: another transfer was not finished, and is not to be restarted
 * @throws LatchkeyError `STORE_REFUSED`, `STORE_UNAVAILABLE`
 */
export async function openRedisTransfer(options: RedisTransferOptions): Promise<StoreTransfer> {
  const limits = { connectMs: connectTimeoutMs, replyMs: replyTimeoutMs };
  const connection = new Connection(parseRedisUrl(options.url), limits);
  try {
    if (options.allowVolatile !== true) await connection.perform(requireDurable);
    const replication = { replicas: options.waitReplicas ?? 0, timeoutMs: replicationTimeoutMs };
    const transfer = new RedisTransfer(connection, replication);
    await transfer.open(options.restart);
    return transfer;
  } catch (error) {
    await connection.close();
    throw error;
  }
}

interface Begun extends TransferredAccount {
  readonly keys: AccountKeys;
  /** Of every record, and of the account. */
  readonly restoredRevision: number;
}

class RedisTransfer implements StoreTransfer {
  readonly #connection: Connection;
  readonly #sender: Sender;
  readonly #id = randomUUID();
  readonly #begun: Begun[] = [];

  constructor(connection: Connection, replication: Replication) {
    this.#connection = connection;
    this.#sender = new Sender(connection, replication);
  }

  async open(restart: boolean): Promise<void> {
    const mark = await restoreMark(this.#connection);
    if (mark !== undefined && !restart) throw unfinished(mark);
    if (mark?.phase === 'publishing') await this.#finish(mark);
    if (mark?.phase === 'filling') {
      await this.#mark(mark.id, 'filling');
      for (const account of await this.#listed()) await this.#clear(account, '');
      return;
    }
    // Asked before the mark is set, too, so that a store in use is not disturbed.
    await this.#refuseAccounts();
    await this.#mark(mark?.id ?? '', 'checking');
    try {
      await this.#refuseAccounts();
    } catch (error) {
      await this.#unmark();
      throw error;
    }
    await this.#mark(this.#id, 'filling');
  }

  /** Everything had been written: what is half published is made whole, never taken back. */
  async #finish(mark: RestoreMark): Promise<never> {
    await this.#mark(mark.id, 'publishing');
    await this.#publishAll();
    throw new LatchkeyError('STORE_NOT_EMPTY', {
      detail:
        'the restore that was interrupted had written everything; it has been completed, and nothing else was done',
    });
  }

  async begin(account: TransferredAccount): Promise<void> {
    await this.#requireMark();
    // Listed first, so that whoever starts over finds it.
    await this.#connection.perform((client) => client.sadd(accountsKey, account.account));
    const removedAt = await this.#clear(account.account, this.#id);
    const restoredRevision = Math.max(removedAt, account.revision) + transferredRevisionGap;
    this.#begun.push({ ...account, keys: new AccountKeys(account.account), restoredRevision });
  }

  async write(records: readonly TransferredRecord[]): Promise<void> {
    const { keys, restoredRevision } = this.#current();
    checkChanges(records);
    const hashes = [keys.restore];
    const revision = Buffer.alloc(8);
    revision.writeDoubleBE(restoredRevision);
    const args: Argument[] = [this.#id, revision];
    for (const { key, value } of records) {
      const [collection, field] = splitKey(key);
      args.push(indexAmong(hashes, keys.collection(collection)), field, bufferOf(value));
    }
    this.#require(await this.#connection.run(fillScript, hashes, args));
  }

  async counts(collections: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const { keys } = this.#current();
    const sizes = await this.#connection.perform((client) =>
      Promise.all(collections.map((name) => client.hlen(keys.collection(name)))),
    );
    return new Map(collections.map((name, index) => [name, sizes[index] ?? 0]));
  }

  async publish(): Promise<void> {
    for (const { keys, counter, restoredRevision } of this.#begun) {
      const numbers = Buffer.alloc(16);
      numbers.writeDoubleBE(counter, 0);
      numbers.writeDoubleBE(restoredRevision, 8);
      const lineage = Buffer.from(randomBytes(lineageBytes).toString('hex'));
      const args = [this.#id, Buffer.concat([lineage, numbers])];
      this.#require(await this.#connection.run(readyScript, [keys.restore], args));
    }
    await this.#mark(this.#id, 'publishing');
    await this.#publishAll();
  }

  async #publishAll(): Promise<void> {
    for (const account of await this.#listed()) {
      const { meta, restore } = new AccountKeys(account);
      const command = { script: publishScript, keys: [meta, restore], args: [] };
      const answer = asBuffer(await this.#sender.sendOne(command, (reply) => isState(asBuffer(reply))));
      if (answer.equals(Buffer.from('live'))) throw occupied(account);
    }
    await this.#unmark();
  }

  async discard(): Promise<void> {
    await this.#requireMark();
    for (const { account } of this.#begun) await this.#clear(account, '');
    await this.#unmark();
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }

  /**
   * Removes what was written to an account.
   * @param id who is to fill it next; empty for nobody
   * @returns the revision of an account of this name that was removed; 0 without one
   */
  async #clear(account: Account, id: string): Promise<number> {
    const { meta, restore, everything } = new AccountKeys(account);
    const answer = asBuffer(
      await this.#connection.run(beginAccountScript, [meta, restore], [id, everything]),
    );
    if (answer.equals(Buffer.from('live'))) throw occupied(account);
    return answer.readDoubleBE(0);
  }

  async #refuseAccounts(): Promise<void> {
    for (const account of await this.#listed()) {
      const { meta } = new AccountKeys(account);
      const state = await this.#connection.perform((client) => client.getBuffer(meta));
      if (state !== null && !isRemoved(state)) throw occupied(account);
    }
  }

  async #listed(): Promise<readonly Account[]> {
    const names = await this.#connection.perform((client) => client.smembers(accountsKey));
    return names.map(storedAccount);
  }

  async #mark(from: string, phase: RestorePhase): Promise<void> {
    const args = [from, this.#id, phase, Date.now()];
    this.#require(await this.#connection.run(markScript, [restoreMarkKey], args));
  }

  async #unmark(): Promise<void> {
    const command = { script: unmarkScript, keys: [restoreMarkKey], args: [this.#id] };
    this.#require(await this.#sender.sendOne(command, () => true));
  }

  async #requireMark(): Promise<void> {
    const mark = await restoreMark(this.#connection);
    if (mark?.id !== this.#id) throw takenOver();
  }

  #require(reply: unknown): void {
    if (asNumber(reply) === 0) throw takenOver();
  }

  #current(): Begun {
    const begun = this.#begun.at(-1);
    if (begun === undefined) throw new LatchkeyError('INTERNAL', { detail: 'no account was begun' });
    return begun;
  }
}

function bufferOf(value: Uint8Array): Buffer {
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}

function occupied(account: Account): LatchkeyError {
  return new LatchkeyError('STORE_NOT_EMPTY', {
    detail: `the store holds the account ${account}; restore into an empty database`,
  });
}

function takenOver(): LatchkeyError {
  return new LatchkeyError('TRANSFER_UNFINISHED', { detail: 'another restore took over this store' });
}
