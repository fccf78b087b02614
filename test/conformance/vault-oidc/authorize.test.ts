/** The authorization endpoint of Vault's API, which answers in JSON. */
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { load, send, type Answer } from '../../support/client.ts';
import { describeOnStores } from '../../support/on-stores.ts';
import {
  assertRefused,
  authorize,
  callback,
  challenge,
  flowWorld,
  type Client,
  type FlowWorld,
  first,
  type Parameters,
} from '../../support/vault-flow-world.ts';

interface Granted {
  readonly code: string;
  readonly state: string;
}

describeOnStores('Vault: authorize', (on) => {
  let world: FlowWorld;
  let token: string;
  let publicClient: Client;

  before(async () => {
    world = await flowWorld(on.service);
    token = await world.tokenOf('end-user');
    publicClient = await world.client('public', { client_type: 'public' });
    await world.provideForAll();
    await world.vault.write('identity/oidc/provider/nobody', { allowed_client_ids: ['other'] });
  });

  const assertJson = ({ headers }: Answer): void => {
    assert.equal(headers.get('content-type'), 'application/json');
    assert.equal(headers.get('cache-control'), 'no-store');
  };

  const granted = (answer: Answer): Granted => {
    assert.equal(answer.status, 200, answer.text);
    assertJson(answer);
    const { code, state, ...others } = answer.json() as Granted;
    assert.match(code, /^[A-Za-z0-9]{32}$/);
    assert.deepEqual(others, {});
    return { code, state };
  };

  const rows: readonly (readonly [title: string, error: string, changes: Parameters, provider?: string])[] = [
    ['the provider is unknown', 'invalid_request', {}, 'missing'],
    ['scope is empty', 'invalid_request', { scope: '' }],
    ['scope is missing', 'invalid_request', { scope: undefined }],
    ['scope lacks openid', 'invalid_request', { scope: 'test-scope' }],
    ['response_type is empty', 'invalid_request', { response_type: '' }],
    ['response_type is id_token', 'unsupported_response_type', { response_type: 'id_token' }],
    ['client_id is unknown', 'invalid_client_id', { client_id: 'unknown' }],
    ['client_id is missing', 'invalid_client_id', { client_id: undefined }],
    ['the provider does not allow the client', 'unauthorized_client', {}, 'nobody'],
    ['redirect_uri is empty', 'invalid_request', { redirect_uri: '' }],
    [
      'redirect_uri is not registered',
      'invalid_redirect_uri',
      { redirect_uri: 'https://not.registered/callback' },
    ],
    ['max_age is -1', 'invalid_request', { max_age: '-1' }],
    ['the method is S512', 'invalid_request', { code_challenge: challenge, code_challenge_method: 'S512' }],
    ['the challenge is empty', 'invalid_request', { code_challenge: '', code_challenge_method: 'S256' }],
    [
      'the challenge has more than 128 characters',
      'invalid_request',
      { code_challenge: 'x'.repeat(129), code_challenge_method: 'S256' },
    ],
  ];
  for (const [title, error, changes, provider] of rows) {
    it(`answers 400 ${error}, and the state, where ${title}`, async () => {
      const answer = await authorize(world, token, changes, provider === undefined ? {} : { provider });
      assertRefused(answer, 400, error);
      assertJson(answer);
      assert.equal((answer.json() as Granted).state, 'abcdefg');
    });
  }

  for (const name of ['request', 'request_uri']) {
    for (const value of ['', 'x']) {
      it(`answers 400 ${name}_not_supported, without the state, where ${name} is '${value}'`, async () => {
        const answer = await authorize(world, token, { [name]: value });
        assertRefused(answer, 400, `${name}_not_supported`);
        assert.equal((answer.json() as Granted).state, '');
      });
    }
  }

  it('answers 400 access_denied to a user whom no assignment of the client names', async () => {
    const outsider = await world.tokenOf('outsider');
    assertRefused(await authorize(world, outsider), 400, 'access_denied');
  });

  it('answers 400 access_denied where the assignment names a group that the user is not in', async () => {
    const path = 'identity/oidc/assignment/of-unknown';
    await world.vault.write(path, { group_ids: [world.idOf('group:unknown')] });
    const client = await world.client('of-unknown', { assignments: ['of-unknown'] });
    const answer = await authorize(world, token, { client_id: client.id }, { provider: 'all' });
    assertRefused(answer, 400, 'access_denied');
  });

  it('answers 400 invalid_request to a public client without a challenge', async () => {
    const answer = await authorize(world, token, { client_id: publicClient.id }, { provider: 'all' });
    assertRefused(answer, 400, 'invalid_request');
  });

  it('answers 400 invalid_grant to a client that may not use codes, before it looks at the redirect URI', async () => {
    const client = await world.client('no-codes', { authorization_code: false });
    const changes = { client_id: client.id, redirect_uri: undefined };
    assertRefused(await authorize(world, token, changes, { provider: 'all' }), 400, 'invalid_grant');
  });

  it('answers 400 max_age_violation where the token is older than max_age', async () => {
    const old = await world.tokenOf('end-user');
    await pause(1_100);
    assertRefused(await authorize(world, old, { max_age: '0' }), 400, 'max_age_violation');
  });

  for (const [title, changes] of [
    ['without a nonce', { nonce: undefined }],
    ['with max_age 30 and a fresh token', { max_age: '30' }],
    ['with a challenge and no method', { code_challenge: challenge }],
    ['with a method and no challenge', { code_challenge_method: 'S512' }],
    ['with parameters that Vault does not know', { prompt: 'none', display: 'page', claims: '{}' }],
    ['with scopes that the provider does not support', { scope: 'openid email' }],
  ] as const) {
    it(`grants a code ${title}`, async () => {
      assert.equal(granted(await authorize(world, token, changes)).state, 'abcdefg');
    });
  }

  it('echoes an empty and a missing state as an empty one', async () => {
    assert.equal(granted(await authorize(world, token, { state: '' })).state, '');
    assert.equal(granted(await authorize(world, token, { state: undefined })).state, '');
  });

  for (const method of ['GET', 'POST', 'PUT']) {
    it(`takes the same request by ${method}`, async () => {
      assert.equal(granted(await authorize(world, token, {}, { method })).state, 'abcdefg');
    });
  }

  it('does not read the query of a POST', async () => {
    const url = `${world.issuer()}/authorize?client_id=${world.main.id}`;
    const answer = await send(url, 'POST', { headers: { 'x-vault-token': token } });
    assertRefused(answer, 400, 'invalid_client_id');
  });

  for (const [title, assignment] of [
    ['only the entity', { entity_ids: 'user:end-user' }],
    ['only the group', { group_ids: 'group:engineering' }],
    ['only the parent group', { group_ids: 'group:company' }],
  ] as const) {
    it(`grants a code where the assignment names ${title}`, async () => {
      const [kind, role] = first(assignment);
      const name = role.replace(':', '-');
      await world.vault.write(`identity/oidc/assignment/${name}`, { [kind]: [world.idOf(role)] });
      const client = await world.client(name, { assignments: [name] });
      granted(await authorize(world, token, { client_id: client.id }, { provider: 'all' }));
    });
  }

  it('grants a code to everybody, hosts included, where the client has allow_all', async () => {
    const client = await world.client('for-all', { assignments: ['allow_all'] });
    for (const login of ['outsider', 'host/machine', 'end-user']) {
      granted(
        await authorize(world, await world.tokenOf(login), { client_id: client.id }, { provider: 'all' }),
      );
    }
  });

  it('grants no code where the client has no assignment', async () => {
    const client = await world.client('for-nobody', { assignments: [] });
    const answer = await authorize(world, token, { client_id: client.id }, { provider: 'all' });
    assertRefused(answer, 400, 'access_denied');
  });

  for (const [registered, sent] of [
    ['http://127.0.0.1/callback', 'http://127.0.0.1:51004/callback'],
    ['http://127.0.0.1:8251/callback', 'http://127.0.0.1:51005/callback'],
    ['http://localhost:8251/callback', 'http://localhost:51006/callback'],
    ['http://[::1]:8251/callback', 'http://[::1]:51007/callback'],
  ] as const) {
    it(`takes ${sent} for the registered ${registered}`, async () => {
      const client = await world.client('loopback', { redirect_uris: [registered] });
      const changes = { client_id: client.id, redirect_uri: sent };
      granted(await authorize(world, token, changes, { provider: 'all' }));
    });
  }

  it('takes no other port of a host that is no loopback', async () => {
    const client = await world.client('web', { redirect_uris: ['https://app.example/callback'] });
    const changes = { client_id: client.id, redirect_uri: 'https://app.example:8443/callback' };
    assertRefused(await authorize(world, token, changes, { provider: 'all' }), 400, 'invalid_redirect_uri');
  });

  it("answers in Vault's envelope, before any check, without a token or with a bad one", async () => {
    const url = `${world.issuer('missing')}/authorize`;
    for (const headers of [{}, { 'x-vault-token': 's.unknown' }, { authorization: 'Bearer nonsense' }]) {
      const answer = await send(url, 'GET', { headers });
      assert.equal(answer.status, 403);
      assert.deepEqual(answer.json(), { errors: ['permission denied'] });
    }
  });

  it('takes the token as Authorization: Bearer, too', async () => {
    const query = new URLSearchParams({
      client_id: world.main.id,
      redirect_uri: callback,
      response_type: 'code',
      scope: 'openid',
    });
    const headers = { authorization: `Bearer ${token}` };
    granted(await send(`${world.issuer()}/authorize?${query.toString()}`, 'GET', { headers }));
  });

  it("answers in Vault's envelope where a parameter has another type", async () => {
    const answer = await authorize(world, token, { max_age: 'abc' });
    assert.equal(answer.status, 400);
    assert.match(answer.text, /^\{"errors":\[".*max_age/);
    const twice = await send(`${world.issuer()}/authorize?client_id=a&client_id=b`, 'GET', {
      headers: { 'x-vault-token': token },
    });
    assert.equal(twice.status, 400);
    assert.deepEqual(Object.keys(twice.json() as object), ['errors']);
  });

  it('refuses a client that was disabled with the next request', async () => {
    const client = await world.client('soon-disabled');
    const ask = (): Promise<Answer> => authorize(world, token, { client_id: client.id }, { provider: 'all' });
    granted(await ask());
    await world.vault.write('identity/oidc/client/soon-disabled', { disabled: true });
    assertRefused(await ask(), 400, 'invalid_client_id');
  });

  it('refuses the token of a user who was removed in the envelope', async () => {
    const loaded = await load(world.admin, '- !user leaver');
    const key = loaded.created_roles[`${on.service.account}:user:leaver`]?.api_key ?? '';
    const path = `/authn/${on.service.account}/leaver/authenticate`;
    const { text } = await send(on.service.url + path, 'POST', { body: key });
    const leaver = Buffer.from(text).toString('base64');
    await load(world.admin, '- !delete { record: !user leaver }', 'root', 'PATCH');
    const answer = await authorize(world, leaver);
    assert.equal(answer.status, 403);
    assert.deepEqual(Object.keys(answer.json() as object), ['errors']);
  });

  it('records every decision with its reason, and no parameter of it', async () => {
    await authorize(world, token, { nonce: 'secret-nonce', state: 'secret-state' });
    await authorize(world, token, { redirect_uri: 'https://not.registered/secret' });
    const lines = await on.service.auditLines();
    const decisions = lines.filter((line) => line.includes('authorize') && line.includes(world.main.id));
    assert.ok(decisions.some((line) => line.includes('user:end-user') && line.includes('openid test-scope')));
    assert.ok(
      decisions.some((line) => line.includes('invalid_redirect_uri: redirect_uri is not registered')),
    );
    assert.ok(!lines.some((line) => line.includes('secret-')));
  });
});
