/** From edits of rows to the changes of the commit that stores them. */
import type { Change } from '../../ports/store.ts';
import { rowBatchKey } from '../records/keys.ts';
import { batchesOf, decodeBatch, type RowEdit } from '../records/row-batches.ts';
import type { GraphRow } from '../records/rows.ts';
import type { Services } from '../services.ts';
import { Pace } from '../slices.ts';
import type { AccountState } from './account-state.ts';

/** The changes that store the first rows of an account that is being made. */
export function firstRowChanges(rows: readonly GraphRow[]): readonly Change[] {
  const edits = rows.map((row): RowEdit => ({ row, there: true }));
  return [...batchesOf(1, edits)];
}

/**
 * The changes that store edits of an account's rows. Some take away the oldest of the batches that are
 * there, once most of what is stored no longer counts.
 *
 * INVARIANT: the commit must expect the epoch that the edits were worked out for; another commit would
 * take the same number for its batch.
 *
 * @param count how many edits there are
 * @throws LatchkeyError `STORE_UNAVAILABLE`
 */
export async function rowChanges(
  { authority }: Pick<Services, 'authority'>,
  { account, graph, rowLog }: AccountState,
  edits: Iterable<RowEdit>,
  count: number,
): Promise<readonly Change[]> {
  if (count === 0) return [];
  const first = rowLog.next;
  const overdue = rowLog.overdue(graph.rowCount, count).map(rowBatchKey);
  if (overdue.length === 0) return inTurns(batchesOf(first, edits));
  const kept: RowEdit[] = [];
  const { records } = await authority.records(account, overdue);
  for (const record of records) {
    if (record === undefined) continue;
    for (const { row, there } of decodeBatch(record.value)) {
      const present = there ? graph.counterpart(row) : undefined;
      if (present !== undefined) kept.push({ row: present, there: true });
    }
  }
  const removed = overdue.map((key): Change => ({ key, value: undefined }));
  return [...removed, ...(await inTurns(batchesOf(first, both(kept, edits))))];
}

function* both(some: Iterable<RowEdit>, others: Iterable<RowEdit>): Generator<RowEdit> {
  yield* some;
  yield* others;
}

async function inTurns(batches: Iterable<Change>): Promise<readonly Change[]> {
  const changes: Change[] = [];
  const pace = new Pace();
  for (const change of batches) {
    changes.push(change);
    if (pace.due) await pace.pause();
  }
  return changes;
}
