/** Akamai's guide to its configuration endpoints, statement by statement, and what is chosen where it is silent. */
import assert from 'node:assert/strict';
import type { AkamaiCustomer } from '../../support/akamai.ts';
import { bootstrapCustomer, errorsOf, type MadeClient, type TokenAnswer } from '../../support/akamai.ts';
import { basicHeader, send, signIn, type Answer } from '../../support/client.ts';
import { describeOnStores } from '../../support/on-stores.ts';

const collections = ['clients', 'loginPolicies', 'tokenPolicies'] as const;
const forbidden = 403;
let names = 0;

/** A name that no other client has. */
function fresh(): string {
  names += 1;
  return `client ${String(names)}`;
}

describeOnStores('Akamai’s configuration endpoints', (on) => {
  let customer: AkamaiCustomer;
  let owner: string;

  before(async () => {
    customer = await bootstrapCustomer(on.service);
    owner = await customer.token();
  });

  /** The token of a new client whose policy has these scopes, asking for all of them. */
  const tokenOf = async (...scopes: readonly string[]): Promise<string> =>
    customer.token(await customer.configurationClient(owner, fresh(), scopes), scopes.join(' '));
  const statuses = async (token: string, method: string, paths: readonly string[], body?: unknown) =>
    Promise.all(paths.map(async (path) => (await customer.call(token, method, path, body)).status));
  const lists = collections.map((each) => `/${each}`);
  const oauthError = (answer: Answer): unknown => [
    answer.status,
    (answer.json() as { error?: string }).error,
  ];

  describe('authentication', () => {
    it('is by token, and not by the client id and secret', async () => {
      const { clientId, clientSecret } = customer.owner;
      const answer = await send(customer.url('/config/loginPolicies'), 'GET', {
        headers: basicHeader(clientId, clientSecret),
      });
      assert.equal(answer.status, 401);
      await customer.done(owner, 200, 'GET', '/loginPolicies');
    });

    it('without a token is answered with the message of the guide', async () => {
      const answer = await customer.call(undefined, 'GET', '/clients');
      assert.deepEqual(answer.json(), { errors: 'Unable to access TBA endpoints without token!' });
      assert.deepEqual([answer.status, answer.headers.get('www-authenticate')], [401, 'Bearer']);
    });

    it('with another scheme than Bearer is answered as without a token', async () => {
      const headers = { authorization: `Basic ${owner}` };
      const answer = await send(customer.url('/config/clients'), 'GET', { headers });
      assert.equal(errorsOf(answer), 'Unable to access TBA endpoints without token!');
    });

    it('with a bad token names the fault in the challenge, and in the same member', async () => {
      const answer = await customer.call('bad', 'GET', '/clients');
      assert.deepEqual(
        [answer.status, answer.headers.get('www-authenticate')],
        [401, 'Bearer error="invalid_token"'],
      );
      assert.equal(typeof errorsOf(answer), 'string');
    });

    it('with too small a scope is 403, in the same form', async () => {
      const answer = await customer.call(await tokenOf('.:config/clients'), 'GET', '/tokenPolicies');
      assert.deepEqual(
        [answer.status, answer.headers.get('www-authenticate')],
        [forbidden, 'Bearer error="insufficient_scope"'],
      );
      assert.equal(typeof errorsOf(answer), 'string');
    });
  });

  describe('clients', () => {
    it('of the confidential kind have an id and a secret, of the public kind an id alone', async () => {
      const loginPolicy = await customer.done<string>(owner, 201, 'POST', '/loginPolicies', { title: 'x' });
      const tokenPolicy = await customer.policy(owner, ['openid']);
      const make = (type: string): Promise<Partial<MadeClient>> =>
        customer.done(owner, 201, 'POST', '/clients', { name: fresh(), type, loginPolicy, tokenPolicy });
      const [confidential, open] = [await make('confidential'), await make('public')];
      assert.deepEqual(
        [typeof confidential.id, typeof confidential.secret, typeof open.id, typeof open.secret],
        ['string', 'string', 'string', 'undefined'],
      );
    });

    it('of the configuration kind have an id and a secret, and nothing to do with logins', async () => {
      const tokenPolicy = await customer.policy(owner, ['.:config']);
      const body = { name: fresh(), type: 'configuration', tokenPolicy };
      const made = await customer.done<MadeClient>(owner, 201, 'POST', '/clients', body);
      assert.ok(made.id.length > 0 && made.secret.length > 0);
      const query = `client_id=${made.id}&response_type=code&scope=openid&redirect_uri=https://a.example`;
      const answer = await send(customer.url(`/login/authorize?${query}`), 'GET', {
        headers: { accept: 'text/html' },
      });
      assert.equal(answer.status, 400);
    });

    it('of every kind must have a token policy', async () => {
      for (const type of ['configuration', 'confidential', 'public']) {
        const answer = await customer.call(owner, 'POST', '/clients', { name: fresh(), type });
        assert.deepEqual([answer.status, errorsOf(answer)], [400, 'tokenPolicy: is missing']);
      }
    });

    it('and secrets look like those of the sample header', async () => {
      const sample =
        'ajd5d2Z1czZwY2p1dDNraHIyY2RxNWdzODlncHBqeTY6aml1NjJndW45d2trbWk3ZmducXg0cHBlMTQ3NmFtaDk5';
      const [id = '', secret = ''] = Buffer.from(sample, 'base64').toString().split(':');
      const { clientId, clientSecret } = customer.owner;
      for (const text of [id, secret, clientId, clientSecret]) assert.match(text, /^[a-z0-9]{32,33}$/);
      assert.equal(clientId.length, id.length);
      assert.equal((await customer.requestToken({ clientId: id, clientSecret: secret }, 'x')).status, 401);
    });

    it('the first of which the operator is given, may do everything', async () => {
      const token = await customer.token();
      const policy = await customer.policy(token, ['openid']);
      const login = await customer.done<string>(token, 201, 'POST', '/loginPolicies', { title: 'x' });
      const body = { name: fresh(), type: 'public', loginPolicy: login, tokenPolicy: policy };
      const { id } = await customer.done<MadeClient>(token, 201, 'POST', '/clients', body);
      await customer.done(token, 200, 'PATCH', `/loginPolicies/${login}`, { title: 'y' });
      await customer.done(token, 200, 'PUT', `/tokenPolicies/${policy}`, { title: 'y' });
      await customer.done(token, 204, 'DELETE', `/clients/${id}`);
      await customer.done(token, 204, 'DELETE', `/tokenPolicies/${policy}`);
      await customer.done(token, 204, 'DELETE', `/loginPolicies/${login}`);
    });
  });

  describe('API scopes', () => {
    const policyPath = async (): Promise<string> =>
      `/tokenPolicies/${await customer.policy(owner, ['openid'])}`;

    it('with * allow GET, PUT, PATCH, POST and DELETE', async () => {
      const token = await tokenOf('*:config/tokenPolicies');
      const path = await policyPath();
      const body = { title: 'x', allowedScopes: [] };
      assert.deepEqual(await statuses(token, 'GET', ['/tokenPolicies', path]), [200, 200]);
      assert.deepEqual(await statuses(token, 'PUT', [path], body), [200]);
      assert.deepEqual(await statuses(token, 'PATCH', [path], body), [200]);
      assert.deepEqual(await statuses(token, 'POST', ['/tokenPolicies'], body), [201]);
      assert.deepEqual(await statuses(token, 'DELETE', [path]), [204]);
    });

    it('with + allow POST and PATCH, neither viewing nor deleting nor PUT', async () => {
      const token = await tokenOf('+:config/tokenPolicies');
      const path = await policyPath();
      const body = { title: 'x', allowedScopes: [] };
      assert.deepEqual(await statuses(token, 'PATCH', [path], body), [200]);
      assert.deepEqual(await statuses(token, 'POST', ['/tokenPolicies'], body), [201]);
      assert.deepEqual(await statuses(token, 'GET', ['/tokenPolicies', path]), [forbidden, forbidden]);
      assert.deepEqual(await statuses(token, 'PUT', [path], body), [forbidden]);
      assert.deepEqual(await statuses(token, 'DELETE', [path]), [forbidden]);
    });

    it('with . allow GET alone', async () => {
      const token = await tokenOf('.:config/tokenPolicies');
      const path = await policyPath();
      assert.deepEqual(await statuses(token, 'GET', ['/tokenPolicies', path]), [200, 200]);
      for (const method of ['PUT', 'PATCH', 'DELETE']) {
        assert.deepEqual(await statuses(token, method, [path], { title: 'x' }), [forbidden]);
      }
      assert.deepEqual(await statuses(token, 'POST', ['/tokenPolicies'], { title: 'x' }), [forbidden]);
    });

    for (const collection of collections) {
      it(`for config/${collection} are limited to those`, async () => {
        const token = await tokenOf(`*:config/${collection}`);
        const wanted = collections.map((each) => (each === collection ? 200 : forbidden));
        assert.deepEqual(await statuses(token, 'GET', lists), wanted);
        assert.deepEqual(await statuses(token, 'GET', ['']), [forbidden]);
      });
    }

    it('for config alone cover nothing inside it', async () => {
      const token = await tokenOf('*:config');
      assert.deepEqual(await statuses(token, 'GET', ['']), [200]);
      assert.deepEqual(await statuses(token, 'GET', lists), [forbidden, forbidden, forbidden]);
    });

    it('for config/** cover all that is inside', async () => {
      const token = await tokenOf('.:config/**');
      const secrets = `/clients/${customer.owner.clientId}/secrets`;
      assert.deepEqual(await statuses(token, 'GET', ['', ...lists, secrets]), [200, 200, 200, 200, 200]);
    });

    it('are taken with \\** for **, and kept with **', async () => {
      const title = 'Configuration Admin Token Policy';
      const sample = {
        accessTokenLifetime: 3_600,
        allowedScopes: ['*:config/\\**'],
        refreshTokenLifetime: 28_800,
        title,
      };
      const id = await customer.done<string>(owner, 201, 'POST', '/tokenPolicies', sample);
      const policy = await customer.done<typeof sample>(owner, 200, 'GET', `/tokenPolicies/${id}`);
      assert.deepEqual(policy.allowedScopes, ['*:config/**']);
      assert.deepEqual(
        [policy.accessTokenLifetime, policy.refreshTokenLifetime, policy.title],
        [3_600, 28_800, title],
      );
    });

    it('+:config/clients changes clients', async () => {
      const { clientId } = await customer.configurationClient(owner, fresh(), ['.:config']);
      const token = await tokenOf('+:config/clients');
      await customer.done(token, 200, 'PATCH', `/clients/${clientId}`, { name: fresh() });
    });

    it('.:config/tokenPolicies reads all token policies, and *.: is refused when a policy is written', async () => {
      const token = await tokenOf('.:config/tokenPolicies');
      const list = await customer.done<{ total: number }>(token, 200, 'GET', '/tokenPolicies');
      assert.ok(list.total > 1);
      const body = { title: 'x', allowedScopes: ['*.:config/tokenPolicies'] };
      assert.equal((await customer.call(owner, 'POST', '/tokenPolicies', body)).status, 400);
    });

    it('of one policy can be several', async () => {
      const token = await tokenOf('*:config/tokenPolicies', '.:config/loginPolicies');
      assert.deepEqual(await statuses(token, 'GET', lists), [forbidden, 200, 200]);
    });

    it('limit a client that the primary one makes with a new token policy', async () => {
      const limited = await customer.configurationClient(owner, fresh(), ['.:config/clients']);
      const token = await customer.token(limited, '.:config/clients');
      assert.deepEqual(await statuses(token, 'GET', lists), [200, forbidden, forbidden]);
    });
  });

  describe('the token endpoint', () => {
    it('gives what the sample shows, and no refresh token', async () => {
      const answer = await customer.requestToken(customer.owner, '*:config/**');
      const body = answer.json() as TokenAnswer;
      assert.deepEqual(Object.keys(body), ['access_token', 'expires_in', 'token_type', 'scope']);
      assert.deepEqual([body.expires_in, body.token_type, body.scope], [3_600, 'Bearer', '*:config/**']);
      const sample = 'Ki712dpGq5GPQcsxMHY6ShHY7wU_iTs0o9dPx4TEzf5yLIvddjnDVBJxjPDucf5YVB';
      assert.equal(body.access_token.length, sample.length);
      assert.match(body.access_token, /^[\w-]+$/);
    });

    it('takes the curl command of the guide: Basic, and a multipart form', async () => {
      const { clientId, clientSecret } = customer.owner;
      const body = new FormData();
      body.set('grant_type', 'client_credentials');
      body.set('scope', '*:config/**');
      const headers = basicHeader(clientId, clientSecret);
      const answer = await send(customer.url('/login/token'), 'POST', { body, headers });
      assert.equal(answer.status, 200, answer.text);
      await customer.done((answer.json() as TokenAnswer).access_token, 200, 'GET', '/clients');
    });

    it('takes an urlencoded form', async () => {
      assert.equal((await customer.requestToken(customer.owner, '*:config/**')).status, 200);
    });

    it('serves client_credentials alone', async () => {
      const answer = await customer.requestToken(customer.owner, '*:config/**', { grant_type: 'password' });
      assert.deepEqual(oauthError(answer), [400, 'unsupported_grant_type']);
    });

    it('gives some of the policy’s scopes where only those are asked for', async () => {
      const scopes = ['*:config/tokenPolicies', '.:config/loginPolicies'];
      const client = await customer.configurationClient(owner, fresh(), scopes);
      const token = await customer.token(client, '*:config/tokenPolicies');
      assert.deepEqual(await statuses(token, 'GET', lists), [forbidden, forbidden, 200]);
    });

    it('refuses a scope that the policy does not list', async () => {
      const scopes = ['*:config/tokenPolicies', '.:config/loginPolicies'];
      const client = await customer.configurationClient(owner, fresh(), scopes);
      assert.deepEqual(oauthError(await customer.requestToken(client, '*:config/clients')), [
        400,
        'invalid_scope',
      ]);
    });

    it('goes by the words of the policy, not by what they include', async () => {
      assert.deepEqual(oauthError(await customer.requestToken(customer.owner, '*:config/clients')), [
        400,
        'invalid_scope',
      ]);
    });

    it('gives no token without a scope', async () => {
      assert.deepEqual(oauthError(await customer.requestToken(customer.owner, '')), [400, 'invalid_scope']);
    });

    it('gives a new token whenever it is asked', async () => {
      const tokens = await Promise.all([customer.token(), customer.token()]);
      assert.equal(new Set(tokens).size, 2);
    });

    it('belongs to the customer of the path: a UUID, and no other one', async () => {
      assert.match(customer.customerId, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
      const body = new URLSearchParams({ grant_type: 'client_credentials', scope: '*:config/**' });
      for (const other of ['default', '01000000-0000-3000-9000-000000000000', customer.customerId.slice(1)]) {
        const answer = await send(`${on.service.url}/${other}/login/token`, 'POST', { body });
        assert.ok([401, 404].includes(answer.status));
        assert.ok(!answer.text.includes('access_token'));
      }
    });
  });

  describe('resources', () => {
    it('are clients and their secrets, login policies, token policies', async () => {
      assert.deepEqual(await statuses(owner, 'GET', lists), [200, 200, 200]);
      assert.deepEqual(await statuses(owner, 'GET', [`/clients/${customer.owner.clientId}/secrets`]), [200]);
    });

    it('answer the id of a new policy as a JSON string', async () => {
      for (const path of ['/loginPolicies', '/tokenPolicies']) {
        assert.equal(typeof (await customer.done(owner, 201, 'POST', path, { title: 'x' })), 'string');
      }
    });

    it('have the lifetimes that the reference gives them, and its limits', async () => {
      const id = await customer.done<string>(owner, 201, 'POST', '/tokenPolicies', { title: 'x' });
      const policy = await customer.done<Record<string, unknown>>(owner, 200, 'GET', `/tokenPolicies/${id}`);
      assert.deepEqual([policy['accessTokenLifetime'], policy['refreshTokenLifetime']], [3_600, 7_776_000]);
      for (const wrong of [
        { accessTokenLifetime: 59 },
        { accessTokenLifetime: 3_601 },
        { refreshTokenLifetime: 31_557_601 },
      ]) {
        assert.deepEqual(await statuses(owner, 'PATCH', [`/tokenPolicies/${id}`], wrong), [400]);
      }
    });
  });

  it('record every call: by whom, what, and why not', async () => {
    const { length } = await on.service.auditLines();
    const limited = await customer.configurationClient(owner, fresh(), ['.:config/clients']);
    const token = await customer.token(limited, '.:config/clients');
    await customer.call(token, 'DELETE', `/tokenPolicies/${limited.policy}`);
    await customer.call(undefined, 'GET', '/clients');
    await customer.call(token, 'GET', '/bogus');
    await customer.requestToken({ ...limited, clientSecret: 'wrong' }, '.:config/clients');
    await customer.requestToken(limited, '*:config/**');
    const lines = (await on.service.auditLines()).slice(length);
    const by = (id: string): string => `${on.service.account}:client:${id}`;
    const found = (...parts: readonly string[]): boolean =>
      lines.some((line) => parts.every((part) => line.includes(part)));
    assert.equal(lines.length, 8);
    assert.ok(
      found(by(customer.owner.clientId), `tokenPolicies/${limited.policy}`, 'create', 'success'),
      'policy',
    );
    assert.ok(found(by(customer.owner.clientId), limited.clientId, 'create', 'success'), 'client');
    assert.ok(found(by(limited.clientId), 'issue-tokens', '.:config/clients', 'success'), 'token');
    assert.ok(found(by(limited.clientId), 'delete', 'failure', 'do not permit this'), 'scope');
    assert.ok(found('unknown', 'list', 'failure', 'without token'), 'no token');
    assert.ok(found(by(limited.clientId), '/config/bogus', 'failure'), 'no such address');
    assert.ok(
      found('unknown', limited.clientId, 'issue-tokens', 'failure', 'the secret is not right'),
      'wrong secret',
    );
    assert.ok(found(by(limited.clientId), 'issue-tokens', 'failure', 'A scope is'), 'foreign scope');
  });

  it('are served beside Conjur’s, which have the paths of no customer', async () => {
    const admin = await signIn(on.service);
    assert.equal((await admin.send('GET', '/whoami')).status, 200);
    assert.equal((await admin.send('GET', `/${customer.customerId}`)).status, 404);
  });
});
