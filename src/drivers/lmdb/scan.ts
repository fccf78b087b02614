/** Walks a collection in batches, each from one read transaction of its own. */
import { storedRecordKey, type Account, type RecordKey } from '../../domain/ids.ts';
import type { StoredRecord } from '../../ports/store.ts';
import { decodeRecord, storedKey } from './codec.ts';
import type { Environment } from './environment.ts';
import { collectionRange, keyOfAddress, type Address } from './keys.ts';

export type Batch = readonly (readonly [RecordKey, StoredRecord])[];

const batchLength = 1_000;
const batchBytes = 4 * 1024 * 1024;

/**
 * The next batch of a collection.
 * @param after the address that the batch before ended with; undefined at the beginning
 */
export function nextBatch(
  environment: Environment,
  account: Account,
  collection: string,
  after: Address | undefined,
): { readonly batch: Batch; readonly last: Address | undefined } {
  const { start, end } = collectionRange(account, collection);
  environment.records.resetReadTxn();
  const batch: (readonly [RecordKey, StoredRecord])[] = [];
  let bytes = 0;
  let last = after;
  const range = { start: after ?? start, exclusiveStart: after !== undefined, end, limit: batchLength };
  for (const { key: address, value: stored } of environment.records.getRange(range)) {
    const key = typeof address === 'string' ? keyOfAddress(account, address) : storedKey(stored);
    batch.push([storedRecordKey(key), decodeRecord(address, stored)]);
    last = address;
    bytes += stored.byteLength;
    if (bytes > batchBytes) break;
  }
  return { batch, last };
}
