/** The mark of a store that is being filled from a backup. */
import { LatchkeyError } from '../../domain/errors.ts';
import type { Account } from '../../domain/ids.ts';
import { asNumber } from './codec.ts';
import type { Connection } from './connection.ts';
import { unavailable } from './failures.ts';
import { accountsKey, restoreMarkKey } from './keys.ts';
import { listScript } from './restore-scripts.ts';

export type RestorePhase = 'checking' | 'filling' | 'publishing';

export interface RestoreMark {
  readonly id: string;
  readonly phase: RestorePhase;
  /** Milliseconds since the epoch. */
  readonly beganAt: number;
}

export async function restoreMark(connection: Connection): Promise<RestoreMark | undefined> {
  const { id, phase, began } = await connection.perform((client) => client.hgetall(restoreMarkKey));
  return id === undefined ? undefined : { id, phase: phase as RestorePhase, beganAt: Number(began) };
}

/** @throws LatchkeyError `TRANSFER_UNFINISHED`: what the store holds comes from a restore that did not end */
export async function refuseUnfinished(connection: Connection): Promise<void> {
  const mark = await restoreMark(connection);
  if (mark !== undefined && mark.phase !== 'checking') throw unfinished(mark);
}

export function unfinished({ beganAt }: RestoreMark): LatchkeyError {
  return new LatchkeyError('TRANSFER_UNFINISHED', {
    detail:
      `a restore of this store began at ${new Date(beganAt).toISOString()} and has not finished; ` +
      'wait for it, or, if it was interrupted, run latchkey restore again with --restart',
  });
}

/**
 * Lists an account that is about to be made.
 * @throws LatchkeyError `STORE_UNAVAILABLE`: also while the store is being filled
 */
export async function listAccount(connection: Connection, account: Account): Promise<void> {
  const listed = await connection.run(listScript, [accountsKey, restoreMarkKey], [account]);
  if (asNumber(listed) === 0) throw unavailable('the store is being restored from a backup');
}
