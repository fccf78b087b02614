/** The mark by which an environment that is being filled is told from one that is whole. */
import { LatchkeyError } from '../../domain/errors.ts';
import type { Environment } from './environment.ts';

const markKey = 'latchkey:restore';

/** Who fills the environment, and since when. */
export interface RestoreMark {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly beganAt: number;
}

/** The mark as the present transaction sees it. */
export function restoreMark(environment: Environment): RestoreMark | undefined {
  const stored = environment.root.getBinaryFast(markKey);
  return stored === undefined ? undefined : (JSON.parse(stored.toString()) as RestoreMark);
}

/** Must run in a write transaction, as {@link clearRestoreMark}. */
export function setRestoreMark(environment: Environment, mark: RestoreMark): void {
  environment.root.putSync(markKey, Buffer.from(JSON.stringify(mark)));
}

export function clearRestoreMark(environment: Environment): void {
  environment.root.removeSync(markKey);
}

/** @throws LatchkeyError `TRANSFER_UNFINISHED` */
export function refuseUnfinished(environment: Environment): void {
  const mark = restoreMark(environment);
  if (mark !== undefined) throw unfinished(mark);
}

export function unfinished({ beganAt }: Pick<RestoreMark, 'beganAt'>): LatchkeyError {
  return new LatchkeyError('TRANSFER_UNFINISHED', {
    detail:
      `a restore of this store began at ${new Date(beganAt).toISOString()} and has not finished; ` +
      'wait for it, or, if it was interrupted, run latchkey restore again with --restart',
  });
}
