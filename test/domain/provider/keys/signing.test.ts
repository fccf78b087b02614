import assert from 'node:assert/strict';
import { isFailure } from '../../../../src/domain/errors.ts';
import { keyNamed } from '../../../../src/domain/provider/keys/ring.ts';
import { ensurePairs, signingPair } from '../../../../src/domain/provider/keys/signing.ts';
import { changeRegistryAsService } from '../../../../src/domain/provider/registry/change.ts';
import type { KeyRecord } from '../../../../src/domain/provider/registry/records.ts';
import { putRecord } from '../../../../src/domain/provider/registry/registry.ts';
import { registryStage, stageAccount, type RegistryStage } from '../../../support/registry-stage.ts';

const dayMs = 24 * 60 * 60 * 1_000;
/** Its pairs are made in no time; it has none yet. */
const quick: KeyRecord = {
  name: 'quick',
  algorithm: 'EdDSA',
  rotationPeriodSeconds: 86_400,
  verificationTtlSeconds: 86_400,
  allowedClientIds: ['*'],
  pairs: [],
  nextRotationAt: 0,
};

describe('signing with a named key', () => {
  let stage: RegistryStage;
  beforeEach(async () => {
    stage = await registryStage();
    await changeRegistryAsService(stage.services, stageAccount, () => ({
      changes: [putRecord('oidc-key', quick)],
      result: undefined,
    }));
  });
  afterEach(async () => {
    await stage.close();
  });

  const kidOf = async (services = stage.services, key = 'quick'): Promise<string> =>
    (await signingPair(services, stageAccount, key)).kid;
  const ring = async (name = 'quick'): Promise<KeyRecord> => {
    const key = keyNamed(await stage.state(), name);
    assert.ok(key !== undefined);
    return key;
  };
  const stored = async (): Promise<boolean> =>
    (await stage.state()).registry.get('oidc-key', 'default') !== undefined;

  it('has a default key without storing anything', async () => {
    const { algorithm, rotationPeriodSeconds, verificationTtlSeconds, allowedClientIds, pairs } =
      await ring('default');
    assert.deepEqual(
      { algorithm, rotationPeriodSeconds, verificationTtlSeconds, allowedClientIds, pairs },
      {
        algorithm: 'RS256',
        rotationPeriodSeconds: 86_400,
        verificationTtlSeconds: 86_400,
        allowedClientIds: ['*'],
        pairs: [],
      },
    );
    assert.equal(await stored(), false);
  });

  it('makes the pairs of the default key at the first signature', async () => {
    const kid = await kidOf(stage.services, 'default');
    assert.deepEqual(
      (await ring('default')).pairs.map((pair) => [pair.kid === kid, pair.state]),
      [
        [true, 'current'],
        [false, 'next'],
      ],
    );
  });

  it('signs with the same pair until the ring is due', async () => {
    const kid = await kidOf();
    stage.now += dayMs - 1;
    assert.equal(await kidOf(), kid);
  });

  it('turns the ring before it signs when that is due', async () => {
    await kidOf();
    const [, next] = (await ring()).pairs;
    stage.now += dayMs;
    assert.equal(await kidOf(), next?.kid);
    assert.deepEqual(
      (await ring()).pairs.map(({ state }) => state),
      ['retired', 'current', 'next'],
    );
  });

  it('turns the ring once, however long it was not used', async () => {
    await kidOf();
    stage.now += 30 * dayMs;
    await kidOf();
    assert.equal((await ring()).pairs.length, 3);
  });

  it('drops a pair that is expired at the next turn', async () => {
    const kid = await kidOf();
    stage.now += dayMs;
    await kidOf();
    stage.now += dayMs;
    await kidOf();
    assert.ok((await ring()).pairs.every((pair) => pair.kid !== kid));
  });

  it('makes one ring for all who come at once', async () => {
    const kids = new Set(await Promise.all(Array.from({ length: 20 }, () => kidOf())));
    assert.equal(kids.size, 1);
    assert.equal(
      (await stage.state()).epoch.counter,
      (await stage.another().authority.read(stageAccount, [])).epoch.counter,
    );
    assert.equal((await ring()).pairs.length, 2);
  });

  it('turns a ring once when several processes find it due', async () => {
    await kidOf();
    stage.now += dayMs;
    const processes = Array.from({ length: 4 }, () => stage.another());
    const kids = new Set(await Promise.all(processes.map((services) => kidOf(services))));
    assert.equal(kids.size, 1);
    assert.equal((await ring()).pairs.length, 3);
  });

  it('signs with what another process turned to', async () => {
    const other = stage.another();
    const before = await kidOf(other);
    stage.now += dayMs;
    const after = await kidOf();
    assert.notEqual(after, before);
    assert.equal(await kidOf(other), after);
  });

  it('makes the pairs ahead of the first signature when asked to', async () => {
    await ensurePairs(stage.services, stageAccount, 'quick');
    const [current] = (await ring()).pairs;
    assert.equal(await kidOf(), current?.kid);
    await ensurePairs(stage.services, stageAccount, 'quick');
    assert.equal((await ring()).pairs.length, 2);
  });

  it('refuses a key that there is not', async () => {
    const refused = (error: unknown): boolean => isFailure(error, 'SIGNING_KEY_NOT_FOUND');
    await assert.rejects(signingPair(stage.services, stageAccount, 'other'), refused);
    await assert.rejects(ensurePairs(stage.services, stageAccount, 'other'), refused);
  });
});
