/** What relying parties learn of Vault's providers: discovery and keys. */
import assert from 'node:assert/strict';
import { send, type Answer } from '../../support/client.ts';
import { sendRaw } from '../../support/raw-request.ts';
import { describeOnStores } from '../../support/on-stores.ts';
import { flowWorld, type FlowWorld } from '../../support/vault-flow-world.ts';

const discovery = '/.well-known/openid-configuration';

describeOnStores('Vault: discovery', (on) => {
  let world: FlowWorld;

  before(async () => {
    world = await flowWorld(on.service);
  });

  const document = async (provider: string): Promise<Readonly<Record<string, unknown>>> => {
    const answer = await send(world.issuer(provider) + discovery, 'GET');
    assert.equal(answer.status, 200, answer.text);
    return answer.json() as Readonly<Record<string, unknown>>;
  };

  it('says of a provider what Vault does, and what Vault leaves out', async () => {
    const issuer = world.issuer();
    const page = `${on.service.url}/ui/vault/identity/oidc/provider/test-provider`;
    assert.deepEqual(await document('test-provider'), {
      issuer,
      jwks_uri: `${issuer}/.well-known/keys`,
      authorization_endpoint: `${page}/authorize`,
      token_endpoint: `${issuer}/token`,
      userinfo_endpoint: `${issuer}/userinfo`,
      introspection_endpoint: `${issuer}/introspect`,
      revocation_endpoint: `${issuer}/revoke`,
      end_session_endpoint: `${page}/logout`,
      backchannel_logout_supported: true,
      backchannel_logout_session_supported: true,
      request_parameter_supported: false,
      request_uri_parameter_supported: false,
      id_token_signing_alg_values_supported: ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512', 'EdDSA'],
      response_types_supported: ['code'],
      scopes_supported: ['conflict', 'test-scope', 'openid'],
      claims_supported: [],
      subject_types_supported: ['public'],
      grant_types_supported: ['authorization_code'],
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'none'],
      code_challenge_methods_supported: ['S256', 'plain'],
    });
  });

  it('lets it be kept for an hour, needs no token, and lets pages of other origins read it', async () => {
    const { headers } = await send(world.issuer() + discovery, 'GET', {
      headers: { 'x-vault-token': 'bad' },
    });
    assert.equal(headers.get('content-type'), 'application/json');
    assert.equal(headers.get('cache-control'), 'max-age=3600');
    assert.equal(headers.get('access-control-allow-origin'), '*');
  });

  it('knows the provider that is there from the start', async () => {
    const { scopes_supported: scopes, issuer } = await document('default');
    assert.deepEqual([scopes, issuer], [['openid'], world.issuer('default')]);
  });

  it('follows the issuer and the scopes of the provider', async () => {
    await world.vault.write('identity/oidc/provider/moving', { scopes_supported: [] });
    await world.vault.write('identity/oidc/provider/moving', {
      issuer: 'https://id.example:8200',
      scopes_supported: ['test-scope'],
    });
    const moved = await document('moving');
    const issuer = 'https://id.example:8200/v1/identity/oidc/provider/moving';
    assert.equal(moved['issuer'], issuer);
    assert.equal(moved['token_endpoint'], `${issuer}/token`);
    assert.equal(
      moved['authorization_endpoint'],
      'https://id.example:8200/ui/vault/identity/oidc/provider/moving/authorize',
    );
    assert.deepEqual(moved['scopes_supported'], ['test-scope', 'openid']);
  });

  it('never goes by the Host header', async () => {
    const headers = {
      host: 'evil.example',
      'x-forwarded-host': 'evil.example',
      forwarded: 'host=evil.example',
    };
    const path = '/v1/identity/oidc/provider/test-provider/.well-known/openid-configuration';
    const answer = await sendRaw(on.service.url, 'GET', path, headers);
    assert.equal(answer.status, 200);
    assert.ok(!answer.text.includes('evil'));
  });

  it('tells of further grants that a client of the provider may use', async () => {
    const client = await world.client('machine', { client_credentials: true, refresh_token: true });
    await world.vault.write('identity/oidc/provider/with-machine', { allowed_client_ids: [client.id] });
    const grants = (await document('with-machine'))['grant_types_supported'] as string[];
    assert.deepEqual([...grants].sort(), ['authorization_code', 'client_credentials', 'refresh_token']);
  });

  for (const path of [discovery, '/.well-known/keys']) {
    it(`answers 404 without a text to ${path} of a provider that there is not`, async () => {
      const answer = await send(world.issuer('missing') + path, 'GET');
      assert.equal(answer.status, 404);
      assert.deepEqual(answer.json(), { errors: [] });
    });
  }
});

describeOnStores('Vault: keys of a provider', (on) => {
  let world: FlowWorld;

  before(async () => {
    world = await flowWorld(on.service);
  });

  interface Jwk {
    readonly kid: string;
    readonly alg: string;
    readonly [member: string]: string;
  }
  const ask = (provider: string): Promise<Answer> =>
    send(`${world.issuer(provider)}/.well-known/keys`, 'GET');
  const keys = async (provider: string): Promise<readonly Jwk[]> => {
    const answer = await ask(provider);
    assert.equal(answer.status, 200, answer.text);
    return (answer.json() as { keys: readonly Jwk[] }).keys;
  };

  it('are those of the clients that the provider allows, each once', async () => {
    const path = 'identity/oidc/provider/keyed';
    await world.vault.write('identity/oidc/key/one', { allowed_client_ids: ['*'] });
    await world.vault.write('identity/oidc/key/two', { allowed_client_ids: ['*'] });
    const first = await world.client('first', { key: 'one' });
    const second = await world.client('second', { key: 'one' });
    await world.vault.write(path, { allowed_client_ids: [first.id, second.id] });
    const ofOne = await keys('keyed');
    assert.equal(ofOne.length, 2);

    await world.vault.remove('identity/oidc/client/second');
    const moved = await world.client('second', { key: 'two' });
    await world.vault.write(path, { allowed_client_ids: [first.id, moved.id] });
    assert.equal((await keys('keyed')).length, 4);
    await world.vault.write(path, { allowed_client_ids: [first.id] });
    assert.deepEqual(await keys('keyed'), ofOne);
    await world.vault.write(path, { allowed_client_ids: ['*'] });
    // Those of the fixture's client, too.
    assert.equal((await keys('keyed')).length, 6);
    await world.vault.write(path, { allowed_client_ids: [] });
    assert.deepEqual(await keys('keyed'), []);
  });

  it('are public halves with the members that belong to the algorithm', async () => {
    const members: Readonly<Record<string, readonly string[]>> = {
      RS256: ['alg', 'e', 'kid', 'kty', 'n', 'use'],
      ES384: ['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'],
      EdDSA: ['alg', 'crv', 'kid', 'kty', 'use', 'x'],
    };
    for (const [algorithm, expected] of Object.entries(members)) {
      const name = `of-${algorithm}`;
      await world.vault.write(`identity/oidc/key/${name}`, { algorithm, allowed_client_ids: ['*'] });
      const client = await world.client(name, { key: name });
      await world.vault.write(`identity/oidc/provider/${name}`, { allowed_client_ids: [client.id] });
      for (const jwk of await keys(name)) {
        assert.deepEqual(Object.keys(jwk).sort(), expected);
        assert.deepEqual([jwk.alg, jwk['use']], [algorithm, 'sig']);
      }
    }
  });

  it('show the next key before it signs, and the last for as long as it verifies', async () => {
    await world.vault.write('identity/oidc/key/turning', { allowed_client_ids: ['*'] });
    const client = await world.client('turning', { key: 'turning' });
    await world.vault.write('identity/oidc/provider/turning', { allowed_client_ids: [client.id] });
    const before = (await keys('turning')).map(({ kid }) => kid);
    await world.vault.write('identity/oidc/key/turning/rotate');
    const after = (await keys('turning')).map(({ kid }) => kid);
    assert.deepEqual([before.length, after.length], [2, 3]);
    for (const kid of before) assert.ok(after.includes(kid));
  });

  it('may be kept for a minute, and read by pages of other origins', async () => {
    const { headers } = await ask('test-provider');
    assert.equal(headers.get('content-type'), 'application/json');
    assert.equal(headers.get('cache-control'), 'max-age=60');
    assert.equal(headers.get('access-control-allow-origin'), '*');
  });

  it('lose those of a client that was disabled', async () => {
    const client = await world.client('disabled');
    await world.vault.write('identity/oidc/provider/of-disabled', { allowed_client_ids: [client.id] });
    assert.equal((await keys('of-disabled')).length, 2);
    await world.vault.write('identity/oidc/client/disabled', { disabled: true });
    assert.deepEqual(await keys('of-disabled'), []);
  });
});
