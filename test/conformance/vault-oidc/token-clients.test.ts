/** The token endpoint of Vault's providers: a client by itself, and what else the token endpoint may give. */
import assert from 'node:assert/strict';
import type { Answer } from '../../support/client.ts';
import { describeOnStores } from '../../support/on-stores.ts';
import {
  askTokens,
  askUserinfo,
  assertRefused,
  claimsIn,
  codeOf,
  flowWorld,
  headerIn,
  tokensIn,
  type Client,
  type FlowWorld,
  type Parameters,
  type TokenRequest,
} from '../../support/vault-flow-world.ts';

describeOnStores('Vault: token endpoint, client_credentials', (on) => {
  let world: FlowWorld;
  let service: Client;

  before(async () => {
    world = await flowWorld(on.service);
    service = await world.client('service', {
      client_credentials: true,
      id_token_ttl: '24h',
      access_token_ttl: '1h',
    });
    await world.vault.write('identity/oidc/scope/static', { template: '{"tier": "gold"}' });
    await world.vault.write('identity/oidc/provider/all', {
      allowed_client_ids: ['*'],
      scopes_supported: ['test-scope', 'static', 'conflict'],
    });
  });

  const ask = (changes: Parameters = {}, request: TokenRequest = {}): Promise<Answer> => {
    const parameters = {
      grant_type: 'client_credentials',
      redirect_uri: undefined,
      scope: 'openid',
      ...changes,
    };
    return askTokens(world, parameters, { provider: 'all', client: service, ...request });
  };

  for (const [title, status, error, changes, request] of [
    ['no client is named', 400, 'invalid_request', {}, { by: 'none' }],
    ['the client is unknown', 401, 'invalid_client', {}, { client: { id: 'unknown', secret: 'x' } }],
    ['the provider does not allow the client', 401, 'invalid_client', {}, { provider: 'test-provider' }],
    ['grant_type is empty', 400, 'unsupported_grant_type', { grant_type: '' }, {}],
    ['scope is missing', 400, 'invalid_request', { scope: undefined }, {}],
    ['scope lacks openid', 400, 'invalid_request', { scope: 'static' }, {}],
    ['scopes conflict', 400, 'invalid_request', { scope: 'openid test-scope conflict' }, {}],
  ] as const) {
    it(`answers ${String(status)} ${error} where ${title}`, async () => {
      assertRefused(await ask(changes, request), status, error);
    });
  }

  it('answers 401 invalid_client where the secret is wrong', async () => {
    assertRefused(await ask({}, { client: { ...service, secret: 'wrong' } }), 401, 'invalid_client');
  });

  it('answers 400 invalid_grant where the client may not, as by default', async () => {
    const never = await world.client('never', { client_credentials: false });
    assertRefused(await ask({}, { client: never }), 400, 'invalid_grant');
    const byDefault = await world.client('by-default');
    assertRefused(await ask({}, { client: byDefault }), 400, 'invalid_grant');
  });

  it('gives a signed access token of which the client is the subject, and no ID token', async () => {
    for (const by of ['basic', 'post', 'json'] as const) {
      const answer = await ask({}, { by });
      const { access_token: accessToken, ...others } = tokensIn(answer);
      assert.deepEqual(others, { token_type: 'Bearer', expires_in: 86_400 });
      assert.equal(headerIn(accessToken)['alg'], 'RS256');
      const { iat, exp, jti, ...claims } = claimsIn(accessToken);
      assert.equal(Number(exp) - Number(iat), 86_400);
      assert.match(String(jti), /^[0-9a-f-]{36}$/);
      const iss = world.issuer('all');
      assert.deepEqual(claims, { iss, namespace: 'root', sub: service.id, aud: service.id });
    }
  });

  it('claims what templates say of nobody in particular', async () => {
    const claims = claimsIn(tokensIn(await ask({ scope: 'openid static test-scope' })).access_token);
    assert.equal(claims['tier'], 'gold');
    assert.ok(!('groups' in claims));
  });

  it('gives a token that userinfo does not take', async () => {
    const { access_token: accessToken } = tokensIn(await ask());
    assertRefused(await askUserinfo(world, accessToken, { provider: 'all' }), 401, 'invalid_token');
  });

  it('gives nothing to a public client, which could prove nothing', async () => {
    const open = await world.client('open', { client_type: 'public' });
    assertRefused(await ask({}, { client: open, by: 'post' }), 400, 'invalid_grant');
  });
});

describeOnStores('Vault: refresh tokens of a client that may have them', (on) => {
  let world: FlowWorld;
  let client: Client;

  before(async () => {
    world = await flowWorld(on.service);
    client = await world.client('refreshing', { refresh_token: true });
    await world.provideForAll();
  });

  const tokens = async (): Promise<Required<ReturnType<typeof tokensIn>>> => {
    const code = await codeOf(world, await world.tokenOf('end-user'), { client_id: client.id }, 'all');
    const given = tokensIn(await askTokens(world, { code }, { provider: 'all', client }));
    assert.ok(given.refresh_token !== undefined);
    return { ...given, refresh_token: given.refresh_token };
  };
  const refresh = (refreshToken: string, request: TokenRequest = {}): Promise<Answer> => {
    const parameters = { grant_type: 'refresh_token', redirect_uri: undefined, refresh_token: refreshToken };
    return askTokens(world, parameters, { provider: 'all', client, ...request });
  };

  it('come with the tokens of a code, and give new ones, by header, form and JSON', async () => {
    for (const by of ['basic', 'post', 'json'] as const) {
      const first = await tokens();
      const answer = await refresh(first.refresh_token, { by });
      const second = tokensIn(answer);
      assert.notEqual(second.access_token, first.access_token);
      assert.notEqual(second.refresh_token, first.refresh_token);
      assert.equal(claimsIn(second.id_token)['sub'], world.idOf('user:end-user'));
      assert.equal(claimsIn(second.id_token)['namespace'], 'root');
      assert.equal((await askUserinfo(world, second.access_token, { provider: 'all' })).status, 200);
      assert.equal(answer.headers.get('cache-control'), 'no-store');
      assert.equal(answer.headers.get('pragma'), 'no-cache');
    }
  });

  it('are good once: a second use ends the whole family', async () => {
    const first = await tokens();
    const second = tokensIn(await refresh(first.refresh_token));
    assertRefused(await refresh(first.refresh_token), 400, 'invalid_grant');
    assertRefused(await refresh(second.refresh_token ?? ''), 400, 'invalid_grant');
    assertRefused(await askUserinfo(world, second.access_token, { provider: 'all' }), 401, 'invalid_token');
  });

  it('give nothing once the user is no longer assigned', async () => {
    const { refresh_token: refreshToken } = await tokens();
    await world.vault.write('identity/oidc/client/refreshing', { assignments: [] });
    const answer = await refresh(refreshToken);
    await world.vault.write('identity/oidc/client/refreshing', { assignments: ['test-assignment'] });
    assert.equal(answer.status, 400);
  });

  it('need the secret of the client', async () => {
    const { refresh_token: refreshToken } = await tokens();
    const answer = await refresh(refreshToken, { client: { ...client, secret: 'wrong' } });
    assertRefused(answer, 401, 'invalid_client');
    assert.equal(answer.headers.get('www-authenticate'), 'Basic');
    tokensIn(await refresh(refreshToken));
  });
});

describeOnStores('Vault: signed access tokens and token exchange, of clients that may have them', (on) => {
  let world: FlowWorld;

  before(async () => {
    world = await flowWorld(on.service);
    await world.vault.write('identity/oidc/scope/odd', {
      template: '{"acr": "high", "azp": "somebody", "jti": "x", "client_id": "y", "scope": "z", "nbf": 1}',
    });
    await world.vault.write('identity/oidc/provider/all', {
      allowed_client_ids: ['*'],
      scopes_supported: ['test-scope', 'odd'],
    });
  });

  it('give a signed access token that userinfo takes', async () => {
    const client = await world.client('signed', { access_token_format: 'jwt' });
    const code = await codeOf(world, await world.tokenOf('end-user'), { client_id: client.id }, 'all');
    const tokens = tokensIn(await askTokens(world, { code }, { provider: 'all', client }));
    assert.equal(headerIn(tokens.access_token)['typ'], 'at+jwt');
    const claims = claimsIn(tokens.access_token);
    assert.deepEqual([claims['client_id'], claims['username']], [client.id, 'end-user']);
    assert.ok(!Object.keys(claims).some((name) => name.startsWith('vault')));
    const told = await askUserinfo(world, tokens.access_token, { provider: 'all' });
    assert.equal((told.json() as { sub: unknown }).sub, claims['sub']);
  });

  it('claim what Vault lets templates claim, the protocol still having the last word', async () => {
    const client = await world.client('odd');
    const changes = { client_id: client.id, scope: 'openid odd' };
    const code = await codeOf(world, await world.tokenOf('end-user'), changes, 'all');
    const tokens = tokensIn(await askTokens(world, { code }, { provider: 'all', client }));
    const { acr, azp, aud, iss } = claimsIn(tokens.id_token);
    assert.deepEqual([acr, azp, aud, iss], ['high', 'somebody', client.id, world.issuer('all')]);
  });

  it('exchange the token of a session for tokens', async () => {
    const client = await world.client('exchanging', { token_exchange: true });
    const parameters = {
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      redirect_uri: undefined,
      subject_token: await world.tokenOf('end-user'),
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      scope: 'openid test-scope',
    };
    const answer = await askTokens(world, parameters, { provider: 'all', client });
    assert.equal(answer.status, 200, answer.text);
    const { access_token: accessToken } = tokensIn(answer);
    assert.equal((await askUserinfo(world, accessToken, { provider: 'all' })).status, 200);
    const never = await world.client('not-exchanging');
    const refused = await askTokens(world, parameters, { provider: 'all', client: never });
    assertRefused(refused, 400, 'unsupported_grant_type');
  });
});
