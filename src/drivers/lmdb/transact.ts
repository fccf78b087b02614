import { ABORT } from 'lmdb';
import type { CommitResult } from '../../ports/store.ts';
import type { Environment } from './environment.ts';

/**
 * Runs an act in a write transaction, in which it is undone by itself where it throws or does not commit.
 * Settles when the transaction is synced; the acts of one turn share a transaction.
 */
export async function transact(environment: Environment, act: () => CommitResult): Promise<CommitResult> {
  let result: CommitResult = { committed: false };
  await inTransaction(environment, () => {
    result = act();
    return result.committed ? undefined : ABORT;
  });
  return result;
}

/** The same for an act that is only undone where it throws, or answers `ABORT`. */
export async function inTransaction<Result>(environment: Environment, act: () => Result): Promise<Result> {
  return environment.gathering.commit(async () => {
    const result = await environment.records.childTransaction(act);
    await environment.records.flushed;
    return result;
  });
}
