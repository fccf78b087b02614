/** The limits of the store port, kept before anything is sent. */
import { LatchkeyError } from '../../domain/errors.ts';
import type { Change } from '../../ports/store.ts';
import { checkKey } from './keys.ts';

const maxValueBytes = 16 * 1024 * 1024;

/**
 * The keys that the change log of an account holds at most; a commit without changes counts as
 * one. A process that is further behind reads everything anew, which is cheaper by then.
 */
export const maxLoggedKeys = 50_000;

/** @throws LatchkeyError `INTERNAL`: a key or a value exceeds what the port promises to hold */
export function checkChanges(changes: readonly Change[]): void {
  for (const { key, value } of changes) {
    checkKey(key);
    if (value !== undefined && value.byteLength > maxValueBytes) {
      throw new LatchkeyError('INTERNAL', { detail: 'a record value is over 16 MiB' });
    }
  }
}
