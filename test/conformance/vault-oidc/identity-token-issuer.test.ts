/** The issuer of identity tokens: how it is set, and what it publishes. */
import assert from 'node:assert/strict';
import { decodeJwt, type JWK } from 'jose';
import { signingAlgorithms } from '../../../src/domain/provider/registry/records.ts';
import { describeOnStores } from '../../support/on-stores.ts';
import { VaultApi, vaultAdmin } from '../../support/vault-api.ts';

const role = 'identity/oidc/role';
const config = 'identity/oidc/config';
const wellKnown = 'identity/oidc/.well-known';

describeOnStores('the published keys of identity tokens', (on) => {
  let vault: VaultApi;
  before(async () => {
    vault = await vaultAdmin(on.service);
  });
  const published = async (): Promise<readonly (string | undefined)[]> =>
    ((await new VaultApi(on.service).raw(`${wellKnown}/keys`))['keys'] as JWK[]).map(({ kid }) => kid);

  it('are those of the keys that roles use, each once', async () => {
    const counts: number[] = [];
    const count = async (): Promise<void> => {
      counts.push((await published()).length);
    };
    await vault.put('identity/oidc/key/one', { algorithm: 'ES256' });
    await count();
    await vault.put(`${role}/one`, { key: 'one' });
    await count();
    await vault.put('identity/oidc/key/one/rotate');
    await vault.put('identity/oidc/key/one/rotate');
    await count();
    await vault.put('identity/oidc/key/two', { algorithm: 'RS256' });
    await vault.put(`${role}/two`, { key: 'two' });
    await count();
    assert.equal(await vault.delete(`${role}/one`), 204);
    assert.equal(await vault.delete('identity/oidc/key/one'), 204);
    await count();
    await vault.put(`${role}/three`, { key: 'two' });
    await vault.put(`${role}/four`, { key: 'two' });
    await count();
    assert.deepEqual(counts, [0, 2, 4, 6, 2, 2]);
  });

  it('have the members of their kind, and none that is private', async () => {
    const keys = (await new VaultApi(on.service).raw(`${wellKnown}/keys`))['keys'] as JWK[];
    for (const key of keys) {
      assert.deepEqual(Object.keys(key).sort(), ['alg', 'e', 'kid', 'kty', 'n', 'use']);
      assert.deepEqual([key.use, key.kty, key.alg, key.e], ['sig', 'RSA', 'RS256', 'AQAB']);
    }
  });

  it('are one more for each rotation, whichever process it was asked of, when many come at once', async () => {
    await vault.put('identity/oidc/key/raced', { algorithm: 'ES256' });
    await vault.put(`${role}/raced`, { key: 'raced' });
    const before = await published();
    await Promise.all(Array.from({ length: 5 }, () => vault.put('identity/oidc/key/raced/rotate')));
    const after = await published();
    assert.equal(after.length - before.length, 5);
    assert.equal(new Set(after).size, after.length);
  });

  it('may be kept for a minute, and read by any page', async () => {
    const { headers } = await new VaultApi(on.service).send('GET', `${wellKnown}/keys`);
    assert.deepEqual(
      [headers.get('cache-control'), headers.get('content-type'), headers.get('access-control-allow-origin')],
      ['max-age=60', 'application/json', '*'],
    );
  });

  it('are found by discovery', async () => {
    const answer = await new VaultApi(on.service).send('GET', `${wellKnown}/openid-configuration`);
    const issuer = `${on.service.url}/v1/identity/oidc`;
    assert.deepEqual(answer.json(), {
      issuer,
      jwks_uri: `${issuer}/.well-known/keys`,
      response_types_supported: ['id_token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: [...signingAlgorithms],
    });
    assert.equal(answer.headers.get('cache-control'), 'max-age=3600');
  });
});

describeOnStores('the issuer of identity tokens', (on) => {
  let vault: VaultApi;
  before(async () => {
    vault = await vaultAdmin(on.service);
  });

  const read = async (): Promise<{ readonly data: unknown; readonly warnings: readonly string[] | null }> =>
    (await vault.send('GET', config)).json() as never;

  it('is not set at first, and reading that warns', async () => {
    const { data, warnings } = await read();
    assert.deepEqual(data, { issuer: '' });
    assert.equal(warnings?.length, 1);
  });

  for (const issuer of [
    'asldfk',
    'ftp://a.com',
    'a.com',
    'http://a.com/',
    'https://a.com/foo',
    'http:://a.com',
  ]) {
    it(`is not ${issuer}`, async () => {
      await vault.refused(config, { issuer });
    });
  }

  it('is what was set, with a warning, in discovery and in tokens', async () => {
    await vault.put('identity/oidc/key/k', { algorithm: 'ES256', allowed_client_ids: '*' });
    await vault.put(`${role}/r`, { key: 'k' });
    const answer = await vault.write(config, { issuer: 'https://id.example.com:8200' });
    assert.equal(answer.status, 200);
    const { data, warnings } = answer.json() as {
      readonly data: unknown;
      readonly warnings: readonly string[];
    };
    assert.deepEqual([data, warnings.length], [null, 1]);
    assert.deepEqual(await read().then((shown) => [shown.data, shown.warnings]), [
      { issuer: 'https://id.example.com:8200' },
      null,
    ]);
    const issuer = 'https://id.example.com:8200/v1/identity/oidc';
    assert.equal((await vault.raw(`${wellKnown}/openid-configuration`))['issuer'], issuer);
    const token = String((await vault.read('identity/oidc/token/r'))['token']);
    assert.equal(decodeJwt(token).iss, issuer);
  });

  it('is the address of the service again when it is set to nothing', async () => {
    await vault.put(config, { issuer: '' });
    assert.equal(
      (await vault.raw(`${wellKnown}/openid-configuration`))['issuer'],
      `${on.service.url}/v1/identity/oidc`,
    );
  });

  it('makes tokens of another issuer inactive', async () => {
    const token = String((await vault.read('identity/oidc/token/r'))['token']);
    await vault.write(config, { issuer: 'https://other.example.com' });
    const answer = await vault.write('identity/oidc/introspect', { token });
    assert.equal((answer.json() as { readonly active: boolean }).active, false);
  });
});
