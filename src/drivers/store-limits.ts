/** The limits of the store port, kept before anything is written or sent. */
import { LatchkeyError } from '../domain/errors.ts';
import type { EphemeralEntry } from '../ports/ephemeral-store.ts';
import type { Change } from '../ports/store.ts';

const maxKeyBytes = 4 * 1024;
const maxCollectionBytes = 64;
const maxValueBytes = 16 * 1024 * 1024;
const maxBytesPerCodeUnit = 3;

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

/**
 * Refuses keys that the store does not promise to keep apart.
 * @throws LatchkeyError `INTERNAL`: no collection, too long, or not well-formed Unicode
 */
function checkKey(key: string): void {
  const tab = key.indexOf('\t');
  if (tab < 1 || tab > maxCollectionBytes) throw unusable('names no collection');
  if (key.length * maxBytesPerCodeUnit > maxKeyBytes && Buffer.byteLength(key) > maxKeyBytes)
    throw unusable('is over 4 KiB');
  if (!isWellFormed(key)) throw unusable('is not well-formed Unicode');
}

/** In every Node from 20 on, and in the library types from ES2024 on. */
interface WellFormedness {
  isWellFormed(): boolean;
}

/** Whether UTF-8 has a form for the text: it would turn a lone surrogate into U+FFFD, another record's key. */
export function isWellFormed(text: string): boolean {
  return (text as string & WellFormedness).isWellFormed();
}

function unusable(fault: string): LatchkeyError {
  return new LatchkeyError('INTERNAL', { detail: `a record key ${fault}` });
}

const maxEphemeralKeyBytes = 512;
const maxEphemeralValueBytes = 1024 * 1024;
const msPerDay = 24 * 60 * 60 * 1_000;
/** Far beyond all that is kept for a while, and a time that every driver can express. */
const maxEphemeralTtlMs = 100 * 366 * msPerDay;

/** @throws LatchkeyError `INTERNAL`: an entry exceeds what the port promises to hold */
export function checkEphemeralEntries(entries: readonly EphemeralEntry[]): void {
  for (const { key, value, ttlMs, group = '' } of entries) {
    checkEphemeralKeys([key, group]);
    checkEphemeralTtl(ttlMs);
    if (value.byteLength > maxEphemeralValueBytes)
      throw new LatchkeyError('INTERNAL', { detail: 'an ephemeral value is over 1 MiB' });
  }
}

/**
 * Keys, or names of groups.
 * @throws LatchkeyError `INTERNAL`: too long, or not well-formed Unicode
 */
export function checkEphemeralKeys(keys: readonly string[]): void {
  for (const key of keys) {
    if (Buffer.byteLength(key) > maxEphemeralKeyBytes || !isWellFormed(key))
      throw new LatchkeyError('INTERNAL', {
        detail: 'an ephemeral key is over 512 bytes or not well-formed Unicode',
      });
  }
}

/** @throws LatchkeyError `INTERNAL`: under 1 ms, or over a hundred years */
export function checkEphemeralTtl(ttlMs: number): void {
  if (!(ttlMs >= 1 && ttlMs <= maxEphemeralTtlMs))
    throw new LatchkeyError('INTERNAL', { detail: 'an ephemeral entry lives from 1 ms to 100 years' });
}

/** @throws LatchkeyError `INTERNAL`: not a whole number, or beyond 2^53 */
export function checkCounted(amount: number): void {
  if (!Number.isSafeInteger(amount))
    throw new LatchkeyError('INTERNAL', { detail: 'an ephemeral counter holds whole numbers up to 2^53' });
}
