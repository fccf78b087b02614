import assert from 'node:assert/strict';
import { Registry, putRecord, removeRecord } from '../../../../src/domain/provider/registry/registry.ts';
import type { ClientRecord } from '../../../../src/domain/provider/registry/records.ts';
import type { Change } from '../../../../src/ports/store.ts';

const client: ClientRecord = {
  clientId: 'one',
  dialect: 'vault',
  name: 'web',
  type: 'public',
  disabled: false,
  secrets: [],
  grants: [],
  redirectUris: [],
  postLogoutRedirectUris: [],
  accessTokenFormat: 'opaque',
  key: 'default',
  idTokenTtlSeconds: 1,
  accessTokenTtlSeconds: 1,
  refreshTokenTtlSeconds: 1,
  scopes: [],
  audiences: [],
  assignments: [],
  permissions: [],
  createdAt: 0,
  updatedAt: 0,
};

const put = (clientId: string, name: string): Change =>
  putRecord('oidc-client', { ...client, clientId, name });

function registryAfter(...changes: readonly Change[]): Registry {
  const registry = new Registry();
  for (const { key, value } of changes) registry.apply('oidc-client', key, value);
  return registry;
}

describe('the registry', () => {
  it('finds a client by the name that it has now', () => {
    const registry = registryAfter(put('one', 'web'), put('one', 'shop'));
    assert.equal(registry.clientNamed('vault', 'web'), undefined);
    assert.equal(registry.clientNamed('vault', 'shop')?.clientId, 'one');
    assert.equal(registry.clientNamed('akeyless', 'shop'), undefined);
  });

  it('finds no client that was removed', () => {
    const registry = registryAfter(put('one', 'web'), removeRecord('oidc-client', 'one'));
    assert.equal(registry.clientNamed('vault', 'web'), undefined);
    assert.deepEqual(registry.clientsOf('vault'), []);
  });

  it('finds the client that has taken a name over, in whichever order the changes come', () => {
    const registry = registryAfter(put('one', 'web'), put('two', 'web'), removeRecord('oidc-client', 'one'));
    assert.equal(registry.clientNamed('vault', 'web')?.clientId, 'two');
    assert.deepEqual(
      registry.clientsOf('vault').map(({ clientId }) => clientId),
      ['two'],
    );
  });

  it('lists in ascending order what there is after the last change', () => {
    const registry = registryAfter(put('two', 'a'), put('one', 'b'));
    const ids = (clients: readonly ClientRecord[]): readonly string[] =>
      clients.map(({ clientId }) => clientId);
    assert.deepEqual(ids(registry.all('oidc-client')), ['one', 'two']);
    assert.deepEqual(ids(registry.clientsOf('vault')), ['two', 'one']);
    const { key, value } = put('three', 'aa');
    registry.apply('oidc-client', key, value);
    assert.deepEqual(ids(registry.all('oidc-client')), ['one', 'three', 'two']);
    assert.deepEqual(ids(registry.clientsOf('vault')), ['two', 'three', 'one']);
    assert.deepEqual(registry.clientsOf('akamai'), []);
  });

  it('knows how many bytes it has, and would have', () => {
    const registry = registryAfter(put('one', 'web'), put('two', 'shop'), put('one', 'web2'));
    const [one, two, three] = [put('one', 'web2'), put('two', 'shop'), put('three', 'app')];
    const sizeOf = ({ value }: Change): number => value?.byteLength ?? 0;
    assert.equal(registry.bytes, sizeOf(one) + sizeOf(two));
    assert.equal(registry.growthBy([three, removeRecord('oidc-client', 'one')]), sizeOf(three) - sizeOf(one));
    assert.equal(registry.growthBy([put('two', 'shops'), removeRecord('oidc-client', 'none')]), 1);
    registry.apply('oidc-client', removeRecord('oidc-client', 'one').key, undefined);
    registry.apply('oidc-client', removeRecord('oidc-client', 'one').key, undefined);
    assert.equal(registry.bytes, sizeOf(two));
  });

  it('finds both of two clients that have changed names', () => {
    const registry = registryAfter(
      put('one', 'web'),
      put('two', 'shop'),
      put('one', 'shop'),
      put('two', 'web'),
    );
    assert.equal(registry.clientNamed('vault', 'web')?.clientId, 'two');
    assert.equal(registry.clientNamed('vault', 'shop')?.clientId, 'one');
  });
});
