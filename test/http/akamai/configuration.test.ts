import assert from 'node:assert/strict';
import type { AkamaiCustomer } from '../../support/akamai.ts';
import { bootstrapCustomer, errorsOf, type MadeClient, without } from '../../support/akamai.ts';
import { basicHeader, send, signIn } from '../../support/client.ts';
import { describeOnStores } from '../../support/on-stores.ts';

interface Client {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly tokenPolicy: string;
  readonly loginPolicy?: string;
  readonly redirectURIs: readonly string[];
  readonly _links: unknown;
}

interface List {
  readonly total: number;
  readonly _embedded: Readonly<Record<string, readonly { readonly id: string; readonly _links: unknown }[]>>;
}

describeOnStores('the configuration API', (on) => {
  let customer: AkamaiCustomer;
  let token: string;
  let loginPolicy: string;
  let tokenPolicy: string;

  before(async () => {
    customer = await bootstrapCustomer(on.service);
    token = await customer.token();
    loginPolicy = await customer.done(token, 201, 'POST', '/loginPolicies', { title: 'People' });
    tokenPolicy = await customer.policy(token, ['openid', 'email']);
  });

  const refused = async (status: number, errors: RegExp, method: string, path: string, body?: unknown) => {
    const answer = await customer.call(token, method, path, body);
    assert.equal(answer.status, status, answer.text);
    assert.match(errorsOf(answer), errors);
    return answer;
  };
  const application = (name: string, more: object = {}): object => ({
    name,
    type: 'confidential',
    redirectURIs: ['https://app.example/cb'],
    loginPolicy,
    tokenPolicy,
    ...more,
  });

  describe('without a good token', () => {
    it('says that there is none, with a challenge', async () => {
      for (const [method, path] of [
        ['GET', '/clients'],
        ['POST', '/tokenPolicies'],
        ['GET', '/bogus'],
        ['PUT', ''],
      ] as const) {
        const answer = await customer.call(undefined, method, path);
        assert.equal(answer.status, 401);
        assert.deepEqual(answer.json(), { errors: 'Unable to access TBA endpoints without token!' });
        assert.equal(answer.headers.get('www-authenticate'), 'Bearer');
      }
    });

    it('takes neither Basic nor an access token of a role for one', async () => {
      const { clientId, clientSecret } = customer.owner;
      const admin = await signIn(on.service);
      for (const headers of [
        basicHeader(clientId, clientSecret),
        { authorization: `Token token="${admin.token}"` },
      ]) {
        const answer = await send(customer.url('/config/clients'), 'GET', { headers });
        assert.equal(answer.status, 401);
        assert.equal(errorsOf(answer), 'Unable to access TBA endpoints without token!');
      }
    });

    it('refuses one that is unknown, cut or too long', async () => {
      for (const bad of ['x', token.slice(1), `${token}x`, 'x'.repeat(5_000)]) {
        const answer = await customer.call(bad, 'GET', '/clients');
        assert.equal(answer.status, 401);
        assert.deepEqual(answer.json(), { errors: 'The access token is not valid' });
        assert.equal(answer.headers.get('www-authenticate'), 'Bearer error="invalid_token"');
      }
    });

    it('does not read the body', async () => {
      assert.equal((await customer.call(undefined, 'POST', '/clients', '{broken')).status, 401);
    });

    it('knows no other customer', async () => {
      const other = `${on.service.url}/00000000-0000-4000-8000-000000000000/config/clients`;
      const answer = await send(other, 'GET', { headers: { authorization: `Bearer ${token}` } });
      assert.deepEqual([answer.status, answer.json()], [404, { errors: 'Not Found' }]);
    });
  });

  it('leaves all other paths to Conjur’s API', async () => {
    for (const path of ['', '/bogus', '/configs', '/login-x']) {
      const answer = await send(customer.url(path), 'GET');
      assert.deepEqual([answer.status, answer.text], [401, 'Authorization missing'], path);
    }
  });

  it('says where everything is', async () => {
    const { _links: links } = await customer.done<{ _links: Record<string, { href: string }> }>(
      token,
      200,
      'GET',
      '',
    );
    assert.deepEqual(Object.keys(links), ['self', 'clients', 'loginPolicies', 'tokenPolicies']);
    assert.equal(links['clients']?.href, `/${customer.customerId}/config/clients`);
  });

  it('tells a caller with a token what is not there, and which methods are', async () => {
    await refused(404, /^Not Found$/, 'GET', '/bogus');
    await refused(404, /^Not Found$/, 'GET', '/clients/');
    await refused(404, /^Not Found$/, 'GET', '/clients/x/y/z/w');
    const answer = await refused(405, /^Method Not Allowed$/, 'PUT', '/clients');
    assert.equal(answer.headers.get('allow'), 'GET, HEAD, POST');
    assert.equal(
      (await refused(405, /./, 'POST', '/clients/x')).headers.get('allow'),
      'GET, HEAD, PUT, PATCH, DELETE',
    );
  });

  it('answers HEAD as GET, without the body', async () => {
    const answer = await customer.call(token, 'HEAD', '/clients');
    assert.deepEqual([answer.status, answer.text], [200, '']);
  });

  describe('of clients', () => {
    it('makes one with an id and a secret of 32 characters, and shows the secret this once', async () => {
      const made = await customer.done<Client & MadeClient>(
        token,
        201,
        'POST',
        '/clients',
        application('Shop'),
      );
      assert.match(made.id, /^[a-z0-9]{32}$/);
      assert.match(made.secret, /^[a-z0-9]{32}$/);
      const rest = without(made, 'secret');
      const href = `/${customer.customerId}/config/clients/${made.id}`;
      assert.deepEqual(rest, { id: made.id, ...application('Shop'), _links: { self: { href } } });
      const shown = await customer.done(token, 200, 'GET', `/clients/${made.id}`);
      assert.deepEqual(shown, rest);
    });

    it('makes a public one without a secret', async () => {
      const made = await customer.done<Partial<MadeClient>>(
        token,
        201,
        'POST',
        '/clients',
        application('Phone', { type: 'public' }),
      );
      assert.equal(made.secret, undefined);
      await refused(400, /public client has no secret/, 'POST', `/clients/${made.id ?? ''}/secrets`);
    });

    it('makes a configuration client of a confidential one that has nothing to do with logins', async () => {
      const body = { name: 'Automation', type: 'confidential', tokenPolicy };
      const made = await customer.done<Client>(token, 201, 'POST', '/clients', body);
      assert.equal(made.type, 'configuration');
      await customer.done(token, 200, 'PUT', `/clients/${made.id}`, { ...body, name: 'Automation 2' });
    });

    it('lists them by their names', async () => {
      const list = await customer.done<List>(token, 200, 'GET', '/clients');
      const clients = list._embedded['clients'] ?? [];
      assert.equal(list.total, clients.length);
      const owner = clients.find(({ id }) => id === customer.owner.clientId);
      assert.deepEqual(owner?._links, {
        self: { href: `/${customer.customerId}/config/clients/${customer.owner.clientId}` },
      });
    });

    it('replaces with PUT and changes with PATCH, but never the type', async () => {
      const { id } = await customer.done<Client>(token, 201, 'POST', '/clients', application('Change'));
      const patched = await customer.done<Client>(token, 200, 'PATCH', `/clients/${id}`, { name: 'Changed' });
      assert.deepEqual([patched.name, patched.redirectURIs], ['Changed', ['https://app.example/cb']]);
      const rest = without(application('Put') as Client, 'redirectURIs');
      const put = await customer.done<Client>(token, 200, 'PUT', `/clients/${id}`, rest);
      assert.deepEqual([put.name, put.redirectURIs], ['Put', []]);
      const shown = await customer.done<Client>(token, 200, 'GET', `/clients/${id}`);
      await customer.done(token, 200, 'PUT', `/clients/${id}`, shown);
      await refused(400, /^type: cannot be changed$/, 'PATCH', `/clients/${id}`, { type: 'public' });
      await refused(400, /^type: cannot be changed$/, 'PATCH', `/clients/${id}`, { loginPolicy: null });
    });

    it('refuses what does not fit together', async () => {
      for (const [message, more] of [
        [/^tokenPolicy: is the id of no/, { tokenPolicy: 'x' }],
        [/^loginPolicy: is the id of no/, { loginPolicy: 'x' }],
        [/^loginPolicy: is missing/, { loginPolicy: undefined }],
      ] as const) {
        await refused(400, message, 'POST', '/clients', application('A', more));
      }
      for (const more of [{ type: 'configuration' }, { type: 'configuration', redirectURIs: [] }]) {
        await refused(400, /signs nobody in/, 'POST', '/clients', application('A', more));
      }
      const { id } = await customer.done<Client>(token, 201, 'POST', '/clients', application('Taken'));
      const twice = await refused(
        409,
        /^name: another client has it$/,
        'POST',
        '/clients',
        application('Taken'),
      );
      assert.ok(!twice.text.includes(id));
    });

    it('refuses bodies that are no JSON object, and says so of a single backslash', async () => {
      for (const body of ['', '[]', '"x"', 'null', '{', '['.repeat(100_000), '{"a":'.repeat(1_000)]) {
        await refused(400, /must be a JSON object/, 'POST', '/clients', body);
      }
      const single = '{ "title": "x", "allowedScopes": ["*:config/\\**"] }';
      await refused(400, /a backslash is written twice/, 'POST', '/tokenPolicies', single);
      const long = JSON.stringify({ name: 'x'.repeat(1_100_000) });
      assert.equal((await customer.call(token, 'POST', '/clients', long)).status, 413);
    });

    it('deletes one, and then knows it no more', async () => {
      const { id } = await customer.done<Client>(token, 201, 'POST', '/clients', application('Gone'));
      await customer.done(token, 204, 'DELETE', `/clients/${id}`);
      for (const method of ['GET', 'DELETE']) await refused(404, /^Not found$/, method, `/clients/${id}`);
      await refused(404, /^Not found$/, 'PATCH', `/clients/${id}`, {});
      await refused(404, /^Not found$/, 'GET', `/clients/${id}/secrets`);
    });
  });

  describe('of policies', () => {
    it('answers the id of a new one as a JSON string', async () => {
      const answer = await customer.call(token, 'POST', '/tokenPolicies', { title: 'New' });
      assert.equal(answer.status, 201);
      assert.match(answer.text, /^"[0-9a-f-]{36}"$/);
      assert.equal(
        answer.headers.get('location'),
        `/${customer.customerId}/config/tokenPolicies/${answer.json() as string}`,
      );
    });

    it('shows a token policy as the reference has it', async () => {
      const sample = {
        accessTokenLifetime: 3_600,
        allowedScopes: ['*:config/\\**'],
        refreshTokenLifetime: 28_800,
        title: 'Configuration Admin Token Policy',
      };
      const id = await customer.done<string>(token, 201, 'POST', '/tokenPolicies', sample);
      const shown = await customer.done<Record<string, unknown>>(token, 200, 'GET', `/tokenPolicies/${id}`);
      const href = `/${customer.customerId}/config/tokenPolicies/${id}`;
      const stored = { ...sample, allowedScopes: ['*:config/**'], useAccessJWT: false };
      assert.deepEqual(shown, { ...stored, id, _links: { self: { href } } });
      const patched = await customer.done<{ title: string }>(token, 200, 'PATCH', `/tokenPolicies/${id}`, {
        title: 'T',
      });
      assert.deepEqual(patched, { ...shown, title: 'T' });
      const put = await customer.done(token, 200, 'PUT', `/tokenPolicies/${id}`, {
        title: 'T',
        allowedScopes: [],
      });
      assert.deepEqual(put, { ...shown, title: 'T', allowedScopes: [], refreshTokenLifetime: 7_776_000 });
    });

    it('keeps a login policy as it is given', async () => {
      const policy = {
        title: 'Sign-in',
        loginURL: 'https://a.example/login',
        customClaims: { id_token: { a: 'b' } },
      };
      const id = await customer.done<string>(token, 201, 'POST', '/loginPolicies', policy);
      const href = `/${customer.customerId}/config/loginPolicies/${id}`;
      const shown = { ...policy, id, _links: { self: { href } } };
      assert.deepEqual(await customer.done(token, 200, 'GET', `/loginPolicies/${id}`), shown);
      const patch = { customClaims: { id_token: { a: null, c: 'd' } } };
      const patched = { ...shown, customClaims: { id_token: { c: 'd' } } };
      assert.deepEqual(await customer.done(token, 200, 'PATCH', `/loginPolicies/${id}`, patch), patched);
      const list = await customer.done<List>(token, 200, 'GET', '/loginPolicies');
      assert.deepEqual(
        list._embedded['loginPolicies']?.find((each) => each.id === id),
        {
          id,
          title: 'Sign-in',
          _links: { self: { href } },
        },
      );
    });

    it('does not delete one that a client has, and names those clients', async () => {
      const made = await customer.done<Client>(token, 201, 'POST', '/clients', application('User'));
      for (const [collection, id] of [
        ['loginPolicies', loginPolicy],
        ['tokenPolicies', tokenPolicy],
      ] as const) {
        const answer = await refused(409, /./, 'DELETE', `/${collection}/${id}`);
        const users = JSON.parse(errorsOf(answer)) as readonly string[];
        assert.ok(users.includes(`/customers/${customer.customerId}/clients/${made.id}`));
      }
    });

    it('deletes one that no client has', async () => {
      for (const collection of ['loginPolicies', 'tokenPolicies']) {
        const id = await customer.done<string>(token, 201, 'POST', `/${collection}`, { title: 'Unused' });
        await customer.done(token, 204, 'DELETE', `/${collection}/${id}`);
        await refused(404, /^Not found$/, 'GET', `/${collection}/${id}`);
      }
    });
  });
});
