import assert from 'node:assert/strict';
import { isFailure } from '../../../../src/domain/errors.ts';
import type { RegistryEvent } from '../../../../src/domain/audit/provider-events.ts';
import { keys, rotateKey, writeKey } from '../../../../src/domain/provider/vault/keys.ts';
import { listObjects, removeObject, showObject } from '../../../../src/domain/provider/vault/objects.ts';
import { registryStage, type RegistryStage } from '../../../support/registry-stage.ts';

describe('managing named keys', () => {
  let stage: RegistryStage;
  beforeEach(async () => {
    stage = await registryStage();
    await stage.load('- !user eve');
  });
  afterEach(async () => {
    await stage.close();
  });

  /** What was recorded of acts on the registry: operation, name, outcome. */
  const recorded = (): readonly string[] =>
    stage.audit.events
      .filter((event): event is RegistryEvent => event.type === 'oidc-registry')
      .map(({ operation, kind, name, outcome }) => `${operation} ${kind} ${name} ${outcome}`);
  const refused = (act: Promise<unknown>, code: Parameters<typeof isFailure>[1]): Promise<void> =>
    assert.rejects(act, (error) => isFailure(error, code));

  it('is recorded, whatever comes of it', async () => {
    const { services, request } = stage;
    await writeKey(services, request, 'k', { algorithm: 'EdDSA' });
    await writeKey(services, request, 'k', { allowedClientIds: ['a'] });
    await showObject(services, request, keys, 'k');
    await listObjects(services, request, keys);
    await rotateKey(services, request, 'k');
    await removeObject(services, request, keys, 'k');
    await refused(rotateKey(services, request, 'k'), 'REGISTRY_FIELD_INVALID');
    await refused(showObject(services, request, keys, 'k'), 'REGISTRY_RECORD_NOT_FOUND');
    await refused(writeKey(services, request, 'k', { algorithm: 'none' }), 'REGISTRY_FIELD_INVALID');
    assert.deepEqual(recorded(), [
      'create keys k success',
      'update keys k success',
      'read keys k success',
      'list keys  success',
      'rotate keys k success',
      'delete keys k success',
      'rotate keys k failure',
      'read keys k failure',
      'create keys k failure',
    ]);
  });

  it('takes a privilege, and the refusal is recorded', async () => {
    const { services } = stage;
    const eve = stage.as('eve');
    for (const act of [
      writeKey(services, eve, 'k', { algorithm: 'EdDSA' }),
      showObject(services, eve, keys, 'default'),
      listObjects(services, eve, keys),
      rotateKey(services, eve, 'default'),
      removeObject(services, eve, keys, 'k'),
    ]) {
      await refused(act, 'REGISTRY_PRIVILEGE_MISSING');
    }
    assert.equal(recorded().filter((line) => line.endsWith('failure')).length, 5);
    assert.equal((await stage.state()).registry.get('oidc-key', 'default'), undefined);
  });

  it('happens whole when several do it at once', async () => {
    const { request } = stage;
    await writeKey(stage.services, request, 'k', { algorithm: 'EdDSA' });
    const processes = Array.from({ length: 6 }, () => stage.another());
    await Promise.all(processes.map((services) => rotateKey(services, request, 'k')));
    const pairs = (await stage.state()).registry.get('oidc-key', 'k')?.pairs ?? [];
    assert.deepEqual(
      ['retired', 'current', 'next'].map((state) => pairs.filter((pair) => pair.state === state).length),
      [6, 1, 1],
    );
    assert.equal(new Set(pairs.map(({ kid }) => kid)).size, 8);
  });

  it('does not happen where it cannot be recorded to the one who asked', async () => {
    stage.audit.failing = true;
    await refused(showObject(stage.services, stage.request, keys, 'default'), 'AUDIT_UNAVAILABLE');
  });

  it('refuses lists and names of client ids beyond their limits', async () => {
    const { services, request } = stage;
    const many = Array.from({ length: 1_001 }, (_, index) => `c${index}`);
    for (const allowedClientIds of [many, ['x'.repeat(2_049)]]) {
      await refused(
        writeKey(services, request, 'k', { allowedClientIds, algorithm: 'EdDSA' }),
        'REGISTRY_FIELD_INVALID',
      );
    }
  });
});
