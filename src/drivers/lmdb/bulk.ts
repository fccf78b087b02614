/** Large commits, made by a thread of their own so that the event loop never stands still for them. */
import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { Account } from '../../domain/ids.ts';
import type { Epoch } from '../../ports/epoch.ts';
import type { Change, Commit, CommitResult } from '../../ports/store.ts';
import { unavailable } from './failures.ts';
import { checkChanges } from '../store-limits.ts';
import { pack } from './parcel.ts';

/** So many changes take this thread about ten milliseconds. */
const maxInlineChanges = 2_000;
const maxInlineBytes = 4 * 1024 * 1024;
const sliceLength = 1_000;

/** What the thread is told: parcels of changes first, then the commit that they belong to; or what to remove. */
export type BulkMessage =
  | { readonly parcel: Uint8Array }
  | { readonly directory: string; readonly account: Account; readonly commit: Omit<Commit, 'changes'> }
  | { readonly directory: string; readonly account: Account; readonly removeAt: Epoch };

/** What it answers. */
export type BulkAnswer = { readonly result: CommitResult } | { readonly failure: string };

/** Whether a commit is small enough for the event loop. */
export function fitsInline(changes: readonly Change[]): boolean {
  if (changes.length > maxInlineChanges) return false;
  let bytes = 0;
  for (const { value } of changes) bytes += value?.byteLength ?? 0;
  return bytes <= maxInlineBytes;
}

/**
 * Commits in another thread; the result is durable as any other.
 * @throws LatchkeyError `STORE_UNAVAILABLE`, `INTERNAL`
 */
export async function commitInBulk(
  directory: string,
  account: Account,
  commit: Commit,
): Promise<CommitResult> {
  const { changes, ...rest } = commit;
  const { worker, answered } = startThread();
  try {
    for (let start = 0; start < changes.length; start += sliceLength) {
      const slice = changes.slice(start, start + sliceLength);
      checkChanges(slice);
      const parcel = pack(slice);
      worker.postMessage({ parcel } satisfies BulkMessage, [parcel.buffer]);
      await nextTurn();
    }
  } catch (error) {
    await worker.terminate();
    throw error;
  }
  worker.postMessage({ directory, account, commit: rest } satisfies BulkMessage);
  return answered;
}

/**
 * Removes an account in another thread, as it may hold any number of records.
 * @throws LatchkeyError `STORE_UNAVAILABLE`
 */
export async function removeInBulk(
  directory: string,
  account: Account,
  expectEpoch: Epoch,
): Promise<boolean> {
  const { worker, answered } = startThread();
  worker.postMessage({ directory, account, removeAt: expectEpoch } satisfies BulkMessage);
  return (await answered).committed;
}

function startThread(): { readonly worker: Worker; readonly answered: Promise<CommitResult> } {
  const worker = new Worker(new URL('./bulk-thread.js', import.meta.url));
  const answered = answerOf(worker);
  answered.catch(() => undefined);
  return { worker, answered };
}

async function answerOf(worker: Worker): Promise<CommitResult> {
  const gone = once(worker, 'exit').then(() => {
    throw unavailable('the thread of a large commit ended without an answer');
  });
  const [answer] = (await Promise.race([once(worker, 'message'), gone])) as [BulkAnswer];
  if ('failure' in answer) throw unavailable(answer.failure);
  return answer.result;
}
