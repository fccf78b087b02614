import assert from 'node:assert/strict';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import type { ProviderEvent } from '../../../../src/domain/audit/provider-events.ts';
import { isFailure } from '../../../../src/domain/errors.ts';
import { changeRegistryAsService } from '../../../../src/domain/provider/registry/change.ts';
import { putRecord, removeRecord } from '../../../../src/domain/provider/registry/registry.ts';
import { showIssuer, writeIssuer } from '../../../../src/domain/provider/vault/config.ts';
import {
  identityTokenKeys,
  issueIdentityToken,
} from '../../../../src/domain/provider/vault/identity-tokens.ts';
import { introspect, type Introspection } from '../../../../src/domain/provider/vault/introspect.ts';
import { rotateKey, writeKey } from '../../../../src/domain/provider/vault/keys.ts';
import { writeRole } from '../../../../src/domain/provider/vault/roles.ts';
import {
  registryStage,
  stageAccount,
  stageOrigin,
  type RegistryStage,
} from '../../../support/registry-stage.ts';

const secondMs = 1_000;

describe('an identity token', () => {
  let stage: RegistryStage;
  beforeEach(async () => {
    stage = await registryStage();
    await stage.load('- !user eve');
    await writeKey(stage.services, stage.request, 'k', { algorithm: 'EdDSA', allowedClientIds: ['*'] });
    await writeRole(stage.services, stage.request, 'r', { key: 'k', ttlSeconds: 600, clientId: 'audience' });
  });
  afterEach(async () => {
    await stage.close();
  });

  const issue = async (): Promise<string> =>
    (await issueIdentityToken(stage.services, stage.request, 'r')).token;
  const ask = (token: string, clientId = ''): Promise<Introspection> =>
    introspect(stage.services, stage.request, { token, clientId });
  const events = (): readonly ProviderEvent[] =>
    stage.audit.events.filter((event): event is ProviderEvent => event.type === 'oidc-provider');

  it('states issuer, audience, subject, times and namespace, and nothing else without a template', async () => {
    const token = await issue();
    const { sub, ...claims } = decodeJwt(token);
    const iat = stage.now / secondMs;
    assert.deepEqual(claims, {
      iss: `${stageOrigin}/v1/identity/oidc`,
      namespace: 'root',
      aud: 'audience',
      iat,
      exp: iat + 600,
    });
    assert.match(sub ?? '', /^[0-9a-f-]{36}$/);
  });

  it('is active for as long as it lives, and a minute of leeway', async () => {
    const token = await issue();
    assert.deepEqual(await ask(token), { active: true });
    stage.now += 659 * secondMs;
    assert.deepEqual(await ask(token), { active: true });
    stage.now += 2 * secondMs;
    assert.deepEqual(await ask(token), { active: false, error: 'the token is expired' });
  });

  it('is active a minute before its time, and no earlier', async () => {
    await writeRole(stage.services, stage.request, 'r', { template: '{"nbf": {{time.now.plus.2m}} }' });
    const token = await issue();
    assert.equal((await ask(token)).active, false);
    stage.now += 60 * secondMs;
    assert.deepEqual(await ask(token), { active: true });
  });

  it('lives no longer than its key verifies', async () => {
    const key = (await stage.state()).registry.get('oidc-key', 'k');
    assert.ok(key !== undefined);
    const changes = [putRecord('oidc-key', { ...key, verificationTtlSeconds: 60 })];
    await changeRegistryAsService(stage.services, stageAccount, () => ({ changes, result: undefined }));
    const { token, ttlSeconds } = await issueIdentityToken(stage.services, stage.request, 'r');
    const { exp = 0, iat = 0 } = decodeJwt(token);
    assert.deepEqual([ttlSeconds, exp - iat], [60, 60]);
  });

  it('is signed by what the ring turns to when it is due', async () => {
    const before = decodeProtectedHeader(await issue()).kid;
    stage.now += 86_400 * secondMs;
    assert.notEqual(decodeProtectedHeader(await issue()).kid, before);
  });

  it('is not active once its pair verifies no more', async () => {
    const token = await issue();
    await rotateKey(stage.services, stage.request, 'k', 10);
    assert.deepEqual(await ask(token), { active: true });
    stage.now += 10 * secondMs;
    assert.deepEqual(await ask(token), {
      active: false,
      error: 'unable to validate the signature of the token',
    });
  });

  it('is not signed when the key, or the role, is gone', async () => {
    const gone = [
      ['oidc-key', 'k'],
      ['oidc-role', 'r'],
    ] as const;
    for (const [kind, name] of gone) {
      const changes = [removeRecord(kind, name)];
      await changeRegistryAsService(stage.services, stageAccount, () => ({ changes, result: undefined }));
      await assert.rejects(issue(), (error) => isFailure(error, 'REGISTRY_FIELD_INVALID'));
    }
  });

  it('has a record of each that is signed or refused, with its audience', async () => {
    await issue();
    await assert.rejects(issueIdentityToken(stage.services, stage.as('eve'), 'r'));
    assert.deepEqual(
      events().map(({ operation, role, client, outcome }) => [operation, role, client, outcome]),
      [
        ['sign-identity-token', 'acct:user:admin', 'audience', 'success'],
        ['sign-identity-token', 'acct:user:eve', '', 'failure'],
      ],
    );
  });

  it('has a record of each question about it, and none tells the token', async () => {
    const token = await issue();
    await ask(token, 'audience');
    await assert.rejects(introspect(stage.services, stage.as('eve'), { token, clientId: '' }));
    assert.deepEqual(
      events()
        .slice(1)
        .map(({ operation, role, client, outcome }) => [operation, role, client, outcome]),
      [
        ['introspect', 'acct:user:admin', 'audience', 'success'],
        ['introspect', 'acct:user:eve', '', 'failure'],
      ],
    );
    assert.ok(!JSON.stringify(stage.audit.events).includes(token.slice(-20)));
  });

  it('is verified by keys that are made when a process died before it made them', async () => {
    const role = { name: 'late', key: 'default', template: '', ttlSeconds: 60, clientId: 'late' };
    const changes = [putRecord('oidc-role', role)];
    await changeRegistryAsService(stage.services, stageAccount, () => ({ changes, result: undefined }));
    assert.equal((await identityTokenKeys(stage.services)).length, 4);
  });

  it('has the issuer that is set from the next request on, in any process', async () => {
    const other = stage.another();
    await issueIdentityToken(other, stage.request, 'r');
    await writeIssuer(stage.services, stage.request, 'https://id.example.com');
    const { token } = await issueIdentityToken(other, stage.request, 'r');
    assert.equal(decodeJwt(token).iss, 'https://id.example.com/v1/identity/oidc');
    assert.equal(await showIssuer(other, stage.request), 'https://id.example.com');
    assert.equal(await writeIssuer(other, stage.request, undefined), 'https://id.example.com');
  });

  it('has an issuer that only those who may can show or set', async () => {
    const refused = (error: unknown): boolean => isFailure(error, 'REGISTRY_PRIVILEGE_MISSING');
    await assert.rejects(showIssuer(stage.services, stage.as('eve')), refused);
    await assert.rejects(writeIssuer(stage.services, stage.as('eve'), 'https://evil.example'), refused);
  });
});
