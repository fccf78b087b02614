/** Turns what Redis answers, or fails to answer, into the port's errors. */
import { LatchkeyError } from '../../domain/errors.ts';

/** The code of an error reply: its first word, as the protocol has it. */
export function replyCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || error.name !== 'ReplyError') return undefined;
  return error.message.split(' ', 1)[0];
}

/** What a server says that cannot serve this request now: a replica, full, starting, failing over, busy. */
const passing: ReadonlySet<string | undefined> = new Set([
  'READONLY',
  'OOM',
  'LOADING',
  'MASTERDOWN',
  'CLUSTERDOWN',
  'TRYAGAIN',
  'MOVED',
  'ASK',
  'BUSY',
  'MISCONF',
  'NOREPLICAS',
  'EXECABORT',
  'UNBLOCKED',
  'NOAUTH',
  'NOPERM',
  'WRONGPASS',
]);

/**
 * `STORE_UNAVAILABLE` for a lost connection, a time-out and the replies of a server that cannot
 * serve now; `INTERNAL` for any other error reply, which is a mistake of this program.
 */
export function toStoreFailure(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof LatchkeyError) return error;
  if (error instanceof TypeError || error instanceof RangeError) return error;
  const code = replyCode(error);
  if (code === undefined || passing.has(code)) return unavailable(error);
  return new LatchkeyError('INTERNAL', { detail: `Redis refused a command: ${code}`, cause: causeOf(error) });
}

export function unavailable(reason: unknown): LatchkeyError {
  const cause = causeOf(reason);
  return new LatchkeyError('STORE_UNAVAILABLE', { detail: `Redis failed: ${cause.message}`, cause });
}

/** The error without the command that ioredis hangs on it: its arguments are values, or the password. */
export function causeOf(error: unknown): Error {
  return new Error(error instanceof Error ? error.message : String(error));
}
