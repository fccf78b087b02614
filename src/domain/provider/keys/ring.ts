/**
 * The rings of named keys. A ring has the pair that signs (`current`), the one that will sign
 * next (published early, so that relying parties know it by then), and those that no longer sign
 * but still verify (`retired`). All here is arithmetic on records: nothing is read or written.
 */
import type { JWK } from 'jose';
import type { AccountState } from '../../accounts/account-state.ts';
import type { KeyPair, KeyRecord } from '../registry/records.ts';
import type { UnplacedPair } from './pairs.ts';

const msPerSecond = 1_000;
const secondsPerDay = 24 * 60 * 60;

export const defaultKeyName = 'default';
/** Of a key that says nothing else, in seconds. */
export const defaultKeyTtlSeconds = secondsPerDay;

/** There from the start, though nothing of it is stored until it is used or modified. */
const builtInDefault: KeyRecord = {
  name: defaultKeyName,
  algorithm: 'RS256',
  rotationPeriodSeconds: defaultKeyTtlSeconds,
  verificationTtlSeconds: defaultKeyTtlSeconds,
  allowedClientIds: ['*'],
  pairs: [],
  nextRotationAt: 0,
};

/** A named key, the built-in `default` included; undefined where there is none of that name. */
export function keyNamed({ registry }: Pick<AccountState, 'registry'>, name: string): KeyRecord | undefined {
  return registry.get('oidc-key', name) ?? (name === defaultKeyName ? builtInDefault : undefined);
}

/** All named keys, the built-in one included, in ascending order of their names. */
export function allKeys({ registry }: Pick<AccountState, 'registry'>): readonly KeyRecord[] {
  const stored = registry.all('oidc-key');
  if (stored.some(({ name }) => name === defaultKeyName)) return stored;
  return [...stored, builtInDefault].sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** Whether a key lets a client sign with it: nobody unless named, everybody with `*`. */
export function keyAllows(
  { allowedClientIds }: Pick<KeyRecord, 'allowedClientIds'>,
  clientId: string,
): boolean {
  return allowedClientIds.includes('*') || allowedClientIds.includes(clientId);
}

export function currentPair({ pairs }: Pick<KeyRecord, 'pairs'>): KeyPair | undefined {
  return pairs.find(({ state }) => state === 'current');
}

/** The ring without the pairs that are expired. */
function unexpired(pairs: readonly KeyPair[], now: number): readonly KeyPair[] {
  return pairs.filter(({ expiresAt }) => expiresAt === undefined || expiresAt > now);
}

/**
 * The public halves that verify signatures now: retired ones that are not expired, oldest first,
 * then the current and the next. No private member is in any.
 */
export function publishedJwks({ pairs }: Pick<KeyRecord, 'pairs'>, now: number): readonly JWK[] {
  return unexpired(pairs, now).map(({ publicJwk }) => publicJwk);
}

/** How many pairs must be made before the ring can sign at `now`: none, the next, or both. */
export function missingPairs(record: KeyRecord, now: number): 0 | 1 | 2 {
  if (currentPair(record) === undefined) return 2;
  return record.nextRotationAt <= now ? 1 : 0;
}

/** A pair that signs no more: it verifies until then, and its private half is gone. */
function retired(pair: KeyPair, expiresAt: number): KeyPair {
  return { ...pair, sealedPrivateJwk: '', state: 'retired', expiresAt };
}

/** A ring of two new pairs. What signed before verifies for as long as the key says. */
export function refilled(
  record: KeyRecord,
  [current, next]: readonly [UnplacedPair, UnplacedPair],
  now: number,
): KeyRecord {
  const expiresAt = now + record.verificationTtlSeconds * msPerSecond;
  // What was to be next never signed.
  const before = unexpired(record.pairs, now).filter(({ state }) => state !== 'next');
  const kept = before.map((pair) => (pair.state === 'current' ? retired(pair, expiresAt) : pair));
  return {
    ...record,
    pairs: [...kept, { ...current, state: 'current' }, { ...next, state: 'next' }],
    nextRotationAt: now + record.rotationPeriodSeconds * msPerSecond,
  };
}

/**
 * The ring one step on: the next pair signs, the current one verifies for a while, `fresh` is to
 * be next, and pairs that are expired are gone.
 * @param verificationTtlSeconds how long what signed until now still verifies; by default as the key says
 */
export function rotated(
  record: KeyRecord,
  fresh: UnplacedPair,
  now: number,
  verificationTtlSeconds = record.verificationTtlSeconds,
): KeyRecord {
  const expiresAt = now + verificationTtlSeconds * msPerSecond;
  const turned = record.pairs.map((pair): KeyPair => {
    if (pair.state === 'current') return retired(pair, expiresAt);
    return pair.state === 'next' ? { ...pair, state: 'current' } : pair;
  });
  return {
    ...record,
    pairs: unexpired([...turned, { ...fresh, state: 'next' }], now),
    nextRotationAt: now + record.rotationPeriodSeconds * msPerSecond,
  };
}

/** With another period: a shorter one brings the next rotation forward, a longer one does not put it off. */
export function withRotationPeriod(record: KeyRecord, rotationPeriodSeconds: number, now: number): KeyRecord {
  const soonest = now + rotationPeriodSeconds * msPerSecond;
  return { ...record, rotationPeriodSeconds, nextRotationAt: Math.min(record.nextRotationAt, soonest) };
}
