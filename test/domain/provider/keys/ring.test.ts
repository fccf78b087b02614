import assert from 'node:assert/strict';
import { changedRing, newRing, rotatedByHand } from '../../../../src/domain/provider/keys/changes.ts';
import { makePair, type UnplacedPair } from '../../../../src/domain/provider/keys/pairs.ts';
import {
  currentPair,
  keyAllows,
  missingPairs,
  publishedJwks,
  refilled,
  rotated,
} from '../../../../src/domain/provider/keys/ring.ts';
import { FreshPairs } from '../../../../src/domain/provider/keys/signing.ts';
import type { KeyRecord } from '../../../../src/domain/provider/registry/records.ts';
import { openKeyring } from '../../../../src/drivers/keyring/keyring.ts';

const keyring = openKeyring({ dataKey: Buffer.alloc(32, 1) });
const second = 1_000;
const start = 1_000_000;
const settings = {
  algorithm: 'EdDSA',
  rotationPeriodSeconds: 600,
  verificationTtlSeconds: 3_600,
  allowedClientIds: [],
} as const;
const empty: KeyRecord = { name: 'k', ...settings, pairs: [], nextRotationAt: 0 };

const pairs = ({ pairs: all }: KeyRecord): readonly string[] =>
  all.map(({ kid, state }) => `${kid} ${state}`);
const fresh = (): FreshPairs => new FreshPairs({ keyring }, start);

describe('the ring of a named key', () => {
  let made: readonly [UnplacedPair, UnplacedPair, UnplacedPair, UnplacedPair];
  let ring: KeyRecord;
  before(async () => {
    const pair = async (kid: string): Promise<UnplacedPair> => {
      const one = await makePair(keyring, 'EdDSA', start);
      return { ...one, kid, publicJwk: { ...one.publicJwk, kid } };
    };
    made = [await pair('a'), await pair('b'), await pair('c'), await pair('d')];
    ring = refilled(empty, [made[0], made[1]], start);
  });
  const kidsAt = (record: KeyRecord, now: number): readonly (string | undefined)[] =>
    publishedJwks(record, now).map(({ kid }) => kid);

  it('starts with one pair that signs and one that will', () => {
    assert.deepEqual(pairs(ring), ['a current', 'b next']);
    assert.equal(ring.nextRotationAt, start + 600 * second);
  });

  it('publishes both before the second signs', () => {
    assert.deepEqual(kidsAt(ring, start), ['a', 'b']);
  });

  it('lacks both pairs at first, none until it is due, and one from then on', () => {
    assert.deepEqual(
      [
        missingPairs(empty, start),
        missingPairs(ring, start + 600 * second - 1),
        missingPairs(ring, start + 600 * second),
      ],
      [2, 0, 1],
    );
  });

  it('turns by one: the next signs, the former verifies, a new one is announced', () => {
    const turned = rotated(ring, made[2], start + 5);
    assert.deepEqual(pairs(turned), ['a retired', 'b current', 'c next']);
    assert.equal(turned.nextRotationAt, start + 5 + 600 * second);
    assert.equal(currentPair(turned)?.kid, 'b');
  });

  it('publishes a former pair for as long as what it signed may be verified', () => {
    const turned = rotated(ring, made[2], start);
    assert.deepEqual(kidsAt(turned, start + 3_600 * second - 1), ['a', 'b', 'c']);
    assert.deepEqual(kidsAt(turned, start + 3_600 * second), ['b', 'c']);
  });

  it('forgets the private half of a pair that signs no more', () => {
    assert.equal(rotated(ring, made[2], start).pairs[0]?.sealedPrivateJwk, '');
  });

  it('drops what is expired when it turns again', () => {
    const turned = rotated(ring, made[2], start);
    assert.deepEqual(pairs(rotated(turned, made[3], start + 3_600 * second)), [
      'b retired',
      'c current',
      'd next',
    ]);
  });

  it('can be told how long the former pair verifies, for one turn', () => {
    assert.equal(rotated(ring, made[2], start, 7).pairs[0]?.expiresAt, start + 7 * second);
    assert.deepEqual(pairs(rotated(ring, made[2], start, 0)), ['b current', 'c next']);
  });

  it('takes new pairs with another algorithm, and the one that signed verifies on', async () => {
    const changed = await changedRing(ring, { ...settings, algorithm: 'ES256' }, fresh(), start);
    assert.deepEqual(
      changed.pairs.map(({ algorithm, state }) => `${algorithm} ${state}`),
      ['EdDSA retired', 'ES256 current', 'ES256 next'],
    );
    assert.equal(changed.pairs[0]?.expiresAt, start + 3_600 * second);
    assert.equal(changed.nextRotationAt, start + 600 * second);
  });

  it('keeps its pairs when anything else is set', async () => {
    const changed = await changedRing(
      ring,
      { ...settings, allowedClientIds: ['*'], verificationTtlSeconds: 60 },
      fresh(),
      start,
    );
    assert.deepEqual(changed, { ...ring, allowedClientIds: ['*'], verificationTtlSeconds: 60 });
  });

  it('makes no pairs for another algorithm before there are any', async () => {
    const changed = await changedRing(empty, { ...settings, algorithm: 'ES256' }, fresh(), start);
    assert.deepEqual([changed.algorithm, changed.pairs], ['ES256', []]);
  });

  it('turns sooner with a shorter period, and no later with a longer one', async () => {
    const at = async (rotationPeriodSeconds: number): Promise<number> =>
      (await changedRing(ring, { ...settings, rotationPeriodSeconds }, fresh(), start + 10 * second))
        .nextRotationAt;
    assert.equal(await at(60), start + 70 * second);
    assert.equal(await at(6_000), ring.nextRotationAt);
  });

  it('gets its first pairs when it is turned by hand before it has any', async () => {
    const turned = await rotatedByHand(empty, fresh(), start);
    assert.deepEqual(
      turned?.pairs.map(({ state }) => state),
      ['current', 'next'],
    );
  });

  it('is not turned by hand beyond 64 pairs', async () => {
    let turned: KeyRecord | undefined = await newRing('k', settings, fresh(), start);
    let turns = 0;
    while (turned !== undefined && turns < 100) {
      turned = await rotatedByHand(turned, fresh(), start);
      if (turned !== undefined) turns += 1;
    }
    assert.equal(turns, 62);
  });

  it('lets nobody sign unless named, and everybody with an asterisk', () => {
    assert.deepEqual(
      [[], ['a'], ['b', 'a'], ['*']].map((allowedClientIds) => keyAllows({ allowedClientIds }, 'a')),
      [false, true, true, true],
    );
  });
});
