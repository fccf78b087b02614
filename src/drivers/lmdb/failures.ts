/** Turns what LMDB throws into the port's errors. */
import { LatchkeyError } from '../../domain/errors.ts';

/**
 * `STORE_UNAVAILABLE` for whatever LMDB or the system reports: a full or read-only disk, a
 * damaged file, no free reader. Mistakes of this program stay what they are.
 */
export async function toStoreFailure(error: unknown): Promise<unknown> {
  if (!(error instanceof Error) || error instanceof LatchkeyError) return error;
  if (error instanceof TypeError || error instanceof RangeError) return error;
  return unavailable(await commitErrorOf(error));
}

/** A failed commit carries its reason as a promise that rejects. */
async function commitErrorOf(error: Error): Promise<unknown> {
  const { commitError } = error as { readonly commitError?: Promise<unknown> };
  if (commitError === undefined) return error;
  try {
    await commitError;
    return error;
  } catch (reason) {
    return reason;
  }
}

export function unavailable(cause: unknown): LatchkeyError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new LatchkeyError('STORE_UNAVAILABLE', { detail: `the store on disk failed: ${reason}`, cause });
}
