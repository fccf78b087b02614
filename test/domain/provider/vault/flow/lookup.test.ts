import assert from 'node:assert/strict';
import { changeRegistryAsService } from '../../../../../src/domain/provider/registry/change.ts';
import { putRecord } from '../../../../../src/domain/provider/registry/registry.ts';
import {
  clientIn,
  keysOf,
  mayUse,
  providerWithId,
  servedClients,
} from '../../../../../src/domain/provider/vault/flow/lookup.ts';
import {
  claimsConflict,
  claimsOfClient,
  claimsOfRole,
} from '../../../../../src/domain/provider/vault/flow/scope-claims.ts';
import type { AccountView } from '../../../../../src/domain/accounts/authority.ts';
import { registryStage, stageAccount, type RegistryStage } from '../../../../support/registry-stage.ts';
import { vaultClient, vaultKey, vaultProvider } from '../../../../support/vault-flow.ts';

describe('what the endpoints of a provider look up', () => {
  let stage: RegistryStage;
  let view: AccountView;

  before(async () => {
    stage = await registryStage();
    await stage.load('- !user alice\n- !group staff\n- !grant { role: !group staff, member: !user alice }');
    const pair = {
      kid: 'kid',
      algorithm: 'RS256',
      publicJwk: { kty: 'RSA', kid: 'kid' },
      sealedPrivateJwk: '',
      state: 'current',
      createdAt: 0,
    } as const;
    const scope = (name: string, template: string): ReturnType<typeof putRecord> =>
      putRecord('oidc-scope', { name, template, description: '' });
    await changeRegistryAsService(stage.services, stageAccount, () => ({
      changes: [
        putRecord('oidc-client', vaultClient({ assignments: ['allow_all'] })),
        putRecord('oidc-client', vaultClient({ clientId: 'second', name: 'second', assignments: [] })),
        putRecord('oidc-client', vaultClient({ clientId: 'disabled', name: 'disabled', disabled: true })),
        putRecord('oidc-client', vaultClient({ clientId: 'other', name: 'other', dialect: 'akeyless' })),
        putRecord('oidc-provider', vaultProvider()),
        putRecord('oidc-key', vaultKey({ pairs: [pair] })),
        putRecord('oidc-key', vaultKey({ name: 'unused', pairs: [{ ...pair, kid: 'unused' }] })),
        scope('test-scope', '{"groups": {{identity.entity.groups.names}}, "now": {{time.now}}}'),
        scope('conflict', '{"groups": []}'),
        scope('hidden', '{"hidden": true}'),
      ],
      result: undefined,
    }));
    view = await stage.services.authority.read(stageAccount, []);
  });
  after(() => stage.close());

  it('find a client of this dialect that is not disabled', () => {
    assert.equal(clientIn(view, 'client-1')?.name, 'test-client');
    for (const id of ['disabled', 'other', 'unknown', '', undefined])
      assert.equal(clientIn(view, id), undefined);
  });

  it('find what a provider serves', () => {
    const served = (allowed: readonly string[]): readonly string[] =>
      servedClients(view, vaultProvider({ allowedClientIds: allowed })).map(({ clientId }) => clientId);
    assert.deepEqual(served(['*']), ['second', 'client-1']);
    assert.deepEqual(served(['second', 'disabled', 'other']), ['second']);
    assert.deepEqual(served([]), []);
  });

  it('find a provider by what it keeps for ever, the built-in one included', () => {
    assert.equal(providerWithId(view, 'provider-1')?.name, 'test-provider');
    assert.equal(providerWithId(view, 'default')?.name, 'default');
    assert.equal(providerWithId(view, 'test-provider'), undefined);
  });

  it('find the keys of the clients that are served, each ring once', () => {
    const kids = (allowed: readonly string[]): readonly (string | undefined)[] =>
      keysOf(view, vaultProvider({ name: `p${allowed.join('')}`, allowedClientIds: allowed }), 0).map(
        ({ kid }) => kid,
      );
    assert.deepEqual(kids(['*']), ['kid']);
    assert.deepEqual(kids([]), []);
  });

  it('find who may use a client', async () => {
    const alice = await stage.row('alice');
    assert.equal(mayUse(view, alice, { assignments: ['allow_all'] }), true);
    assert.equal(mayUse(view, alice, { assignments: [] }), false);
  });

  it('make the claims of scopes that the provider supports', async () => {
    const role = await stage.row('alice');
    const scopes = ['openid', 'test-scope', 'hidden', 'missing'];
    const claims = claimsOfRole(view, vaultProvider(), scopes, { role, nowSeconds: 7 });
    assert.deepEqual(claims, { groups: ['staff'], now: 7 });
  });

  it('make the claims of a client by itself of the scopes that tell of nobody', () => {
    assert.deepEqual(claimsOfClient(view, vaultProvider(), ['test-scope'], 7), {});
    assert.deepEqual(claimsOfClient(view, vaultProvider(), ['conflict'], 7), { groups: [] });
  });

  it('find that scopes claim the same, as far as the provider supports both', () => {
    assert.equal(claimsConflict(view, vaultProvider(), ['test-scope', 'conflict']), true);
    assert.equal(claimsConflict(view, vaultProvider(), ['test-scope', 'hidden']), false);
    const narrow = vaultProvider({ scopesSupported: ['test-scope'] });
    assert.equal(claimsConflict(view, narrow, ['test-scope', 'conflict']), false);
  });
});
