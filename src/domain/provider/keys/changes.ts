/** How named keys are made, set otherwise and rotated by hand. */
import type { KeyRecord } from '../registry/records.ts';
import { currentPair, refilled, rotated, withRotationPeriod } from './ring.ts';
import type { FreshPairs } from './signing.ts';

/** What is set of a key. */
export type KeySettings = Pick<
  KeyRecord,
  'rotationPeriodSeconds' | 'verificationTtlSeconds' | 'algorithm' | 'allowedClientIds'
>;

/** A new key, with its first two pairs. */
export async function newRing(
  name: string,
  settings: KeySettings,
  fresh: FreshPairs,
  now: number,
): Promise<KeyRecord> {
  const empty = { name, ...settings, pairs: [], nextRotationAt: 0 };
  return refilled(empty, await fresh.two(settings.algorithm), now);
}

/**
 * A key with other settings. Another algorithm takes new pairs at once, unless the key has none
 * yet; the old ones sign no more, and verify for as long as the key says.
 */
export async function changedRing(
  present: KeyRecord,
  settings: KeySettings,
  fresh: FreshPairs,
  now: number,
): Promise<KeyRecord> {
  const { rotationPeriodSeconds, ...others } = settings;
  const changed = { ...withRotationPeriod(present, rotationPeriodSeconds, now), ...others };
  if (present.algorithm === settings.algorithm || present.pairs.length === 0) return changed;
  return refilled(changed, await fresh.two(settings.algorithm), now);
}

/** Rotation in time keeps eleven at most; the rest is for rotations by hand. */
const maxPairs = 64;

/**
 * A key that is rotated though it may not be due. One that has no pairs yet gets its first.
 * @param verificationTtlSeconds as of `rotated`
 * @returns undefined where more than 64 pairs would have to be kept
 */
export async function rotatedByHand(
  present: KeyRecord,
  fresh: FreshPairs,
  now: number,
  verificationTtlSeconds?: number,
): Promise<KeyRecord | undefined> {
  if (currentPair(present) === undefined) return refilled(present, await fresh.two(present.algorithm), now);
  const record = rotated(present, await fresh.one(present.algorithm), now, verificationTtlSeconds);
  return record.pairs.length > maxPairs ? undefined : record;
}
