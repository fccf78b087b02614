/** Walks a collection in batches. */
import { storedRecordKey, type RecordKey } from '../../domain/ids.ts';
import type { StoredRecord } from '../../ports/store.ts';
import { asBuffer, asList, decodeRecord } from './codec.ts';
import type { Connection } from './connection.ts';
import type { AccountKeys } from './keys.ts';

export type Batch = readonly (readonly [RecordKey, StoredRecord])[];

const leastCount = 10;
const mostCount = 1_000;
/** Batches are kept near this size, as values may be large. */
const targetBytes = 1024 * 1024;
const finished = '0';

/** @throws LatchkeyError `STORE_UNAVAILABLE` */
export async function* scanCollection(
  connection: Connection,
  accountKeys: AccountKeys,
  collection: string,
): AsyncGenerator<Batch> {
  const key = accountKeys.collection(collection);
  let cursor = finished;
  let count = leastCount;
  do {
    const reply = asList(await connection.call('hscan', [key, cursor, 'COUNT', count], key));
    const { batch, bytes } = batchOf(collection, asList(reply[1]));
    if (batch.length > 0) yield batch;
    cursor = asBuffer(reply[0]).toString();
    if (bytes > targetBytes) count = Math.max(leastCount, count >> 1);
    else if (bytes < targetBytes / 4) count = Math.min(mostCount, count * 2);
  } while (cursor !== finished);
}

function batchOf(
  collection: string,
  entries: readonly unknown[],
): { readonly batch: Batch; readonly bytes: number } {
  const batch: (readonly [RecordKey, StoredRecord])[] = [];
  let bytes = 0;
  for (let index = 0; index + 1 < entries.length; index += 2) {
    const field = asBuffer(entries[index]);
    const stored = asBuffer(entries[index + 1]);
    bytes += field.length + stored.length;
    batch.push([storedRecordKey(`${collection}\t${field.toString()}`), decodeRecord(stored)]);
  }
  return { batch, bytes };
}
