/** What the environment holds, as of one read transaction. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Transaction } from 'lmdb';
import { storedAccount, storedRecordKey, type Account } from '../../domain/ids.ts';
import type { AccountSnapshot, StoreSnapshot, TransferredRecord } from '../../ports/store-transfer.ts';
import { asBuffer, decodeRecord, decodeState, isRemoved, storedKey } from './codec.ts';
import type { Environment } from './environment.ts';
import { toStoreFailure } from './failures.ts';
import { collectionRange, keyOfAddress, type Address } from './keys.ts';

const batchLength = 1_000;
const batchBytes = 1024 * 1024;

/**
 * Takes a snapshot of everything in one read transaction: all accounts are of one moment, the one
 * at which this settles. Writers go on meanwhile; the pages that they replace are kept for the
 * snapshot and reused after it, so that the data file may grow while it is open.
 */
export function takeLmdbSnapshot(environment: Environment, collections: readonly string[]): StoreSnapshot {
  environment.accounts.resetReadTxn();
  return new LmdbSnapshot(environment, environment.accounts.useReadTransaction(), collections);
}

class LmdbSnapshot implements StoreSnapshot {
  readonly #environment: Environment;
  readonly #transaction: Transaction;
  readonly #collections: readonly string[];

  constructor(environment: Environment, transaction: Transaction, collections: readonly string[]) {
    this.#environment = environment;
    this.#transaction = transaction;
    this.#collections = collections;
  }

  async *accounts(): AsyncGenerator<AccountSnapshot> {
    for (const [name, state] of this.#states()) {
      const account = storedAccount(name);
      const { epoch, revision } = decodeState(state);
      yield { account, epoch, revision, counts: undefined, records: () => this.#records(account) };
    }
  }

  #states(): readonly (readonly [string, Buffer])[] {
    const states: (readonly [string, Buffer])[] = [];
    const range = { transaction: this.#transaction };
    for (const { key, value } of this.#environment.accounts.getRange(range)) {
      // Copied, as the next step of the walk may overwrite it.
      if (!isRemoved(asBuffer(value))) states.push([key.toString(), Buffer.from(value)]);
    }
    return states.sort(([one], [other]) => (one < other ? -1 : 1));
  }

  async *#records(account: Account): AsyncGenerator<readonly TransferredRecord[]> {
    for (const collection of this.#collections) {
      let last: Address | undefined;
      for (;;) {
        const batch: TransferredRecord[] = [];
        try {
          last = this.#nextBatch(account, collection, last, batch);
        } catch (error) {
          throw await toStoreFailure(error);
        }
        if (batch.length === 0) break;
        yield batch;
        await nextTurn();
      }
    }
  }

  /** Fills the batch; answers the address that it ends with. */
  #nextBatch(
    account: Account,
    collection: string,
    after: Address | undefined,
    batch: TransferredRecord[],
  ): Address | undefined {
    const { start, end } = collectionRange(account, collection);
    let last = after;
    let bytes = 0;
    const range = {
      start: after ?? start,
      exclusiveStart: after !== undefined,
      end,
      limit: batchLength,
      transaction: this.#transaction,
    };
    for (const { key: address, value: stored } of this.#environment.records.getRange(range)) {
      const key = typeof address === 'string' ? keyOfAddress(account, address) : storedKey(asBuffer(stored));
      batch.push({ key: storedRecordKey(key), value: decodeRecord(address, stored).value });
      last = address;
      bytes += stored.byteLength;
      if (bytes > batchBytes) break;
    }
    return last;
  }

  async close(): Promise<void> {
    this.#transaction.done();
  }
}
