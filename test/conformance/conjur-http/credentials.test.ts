import assert from 'node:assert/strict';
import { basicHeader, load, send, sessionOf, type Answer, type Session } from '../../support/client.ts';
import { assertEmpty, assertError } from '../../support/conjur-world.ts';
import { describeOnStores } from '../../support/on-stores.ts';
import { sendRaw } from '../../support/raw-request.ts';

const policy = `
- !user alice
- !user bob
- !user straße
- !host app/web
- !user keeper
- !group staff
- !permit { role: !user keeper, privileges: [ update ], resource: !user alice }
- !permit { role: !user keeper, privileges: [ read, update ], resource: !group staff }
`;
const password = 'Pass-Word-123';

/** API keys, logins, tokens, passwords and rotation: what 6.1 to 6.6 of Conjur's rules say beyond its scenarios. */
describeOnStores('credentials', (on) => {
  let admin: Session;
  let account: string;
  const keys = new Map<string, string>();

  before(async () => {
    account = on.service.account;
    const token = await authenticate('admin', on.service.adminKey);
    admin = sessionOf(on.service, token.text);
    const { created_roles: created } = await load(admin, policy);
    for (const { id, api_key: apiKey } of Object.values(created)) {
      keys.set(id.slice(`${account}:`.length), apiKey);
    }
  });

  const keyOf = (role: string): string => keys.get(role) ?? '';
  const authenticate = (login: string, body: string | Uint8Array): Promise<Answer> =>
    send(`${on.service.url}/authn/${on.service.account}/${login}/authenticate`, 'POST', { body });
  const tokenOf = async (role: string): Promise<Session> => {
    const [kind = '', id = ''] = role.split(':');
    const login = encodeURIComponent(kind === 'user' ? id : `${kind}/${id}`);
    const answer = await authenticate(login, keyOf(role));
    assert.equal(answer.status, 200);
    return sessionOf(on.service, answer.text);
  };
  const basic = (
    method: string,
    path: string,
    headers: Record<string, string>,
    body?: string | Uint8Array,
  ): Promise<Answer> =>
    send(`${on.service.url}/authn/${account}/${path}`, method, {
      headers,
      ...(body === undefined ? {} : { body }),
    });
  const login = (headers: Record<string, string>): Promise<Answer> => basic('GET', 'login', headers);
  const inLatin1 = (name: string, secret: string): Record<string, string> => ({
    authorization: `Basic ${Buffer.from(`${name}:${secret}`, 'latin1').toString('base64')}`,
  });

  describe('an API key', () => {
    it('is 50 to 56 lower-case letters and digits, without i, l, o and u', () => {
      for (const key of keys.values()) assert.match(key, /^[0-9a-hjkmnp-tv-z]{45,56}$/);
    });

    it('is taken byte for byte', async () => {
      const key = keyOf('user:alice');
      for (const wrong of [`${key}\n`, ` ${key}`, `${key} `, key.toUpperCase(), '']) {
        assertEmpty(await authenticate('alice', wrong), 401);
      }
    });

    it('authenticates user/alice as alice, and a host by its encoded path only', async () => {
      assert.equal((await authenticate('user%2Falice', keyOf('user:alice'))).status, 200);
      assert.equal((await authenticate('host%2Fapp%2Fweb', keyOf('host:app/web'))).status, 200);
      assertEmpty(await authenticate('host/app/web', keyOf('host:app/web')), 401);
    });

    it('is not asked for by GET', async () => {
      const path = `/authn/${account}/alice/authenticate`;
      assert.equal((await sendRaw(on.service.url, 'GET', path)).status, 404);
    });
  });

  describe('a login', () => {
    it('answers the same key each time, and changes nothing', async () => {
      for (let time = 0; time < 2; time += 1) {
        const answer = await login(basicHeader('alice', keyOf('user:alice')));
        assert.deepEqual([answer.status, answer.text], [200, keyOf('user:alice')]);
      }
    });

    it('takes the name raw: an escape in it is part of it', async () => {
      assertEmpty(await login(basicHeader('host%2Fapp%2Fweb', keyOf('host:app/web'))), 401);
      assert.equal((await login(basicHeader('host/app/web', keyOf('host:app/web')))).status, 200);
    });

    it('takes a name that is not ASCII, in UTF-8 and in ISO 8859-1', async () => {
      const key = keyOf('user:straße');
      assert.equal((await login(basicHeader('straße', key))).text, key);
      assert.equal((await login(inLatin1('straße', key))).text, key);
    });

    it('takes a password with colons, and one that is not ASCII, in both encodings', async () => {
      const odd = 'Päss:Wörd:123';
      assertEmpty(await basic('PUT', 'password', basicHeader('bob', keyOf('user:bob')), odd), 204);
      assert.equal((await login(basicHeader('bob', odd))).status, 200);
      assert.equal((await login(inLatin1('bob', odd))).status, 200);
      assertEmpty(await login(basicHeader('bob', 'Päss')), 401);
    });

    for (const [title, headers] of [
      ['nothing', {}],
      ['Basic without a colon', { authorization: `Basic ${Buffer.from('alice').toString('base64')}` }],
      ['Basic that is no base64', { authorization: 'Basic ***' }],
      ['a bearer', { authorization: 'Bearer abc' }],
    ] as const) {
      it(`is refused with ${title}`, async () => {
        assertEmpty(await login(headers), 401);
      });
    }

    it('is refused for an account that does not exist', async () => {
      const headers = basicHeader('alice', keyOf('user:alice'));
      assertEmpty(await send(`${on.service.url}/authn/nowhere/login`, 'GET', { headers }), 401);
    });
  });

  describe('an access token', () => {
    it('is three parts of base64, of which clients decode the payload by either alphabet', async () => {
      const { token } = await tokenOf('user:alice');
      const parts = JSON.parse(token) as Record<string, string>;
      assert.deepEqual(Object.keys(parts).sort(), ['payload', 'protected', 'signature']);
      const payload = parts['payload'] ?? '';
      assert.equal(payload.length % 4, 0);
      const claims = JSON.parse(Buffer.from(payload, 'base64').toString()) as Record<string, unknown>;
      assert.deepEqual(Object.keys(claims).sort(), ['exp', 'iat', 'sub']);
      assert.equal(claims['sub'], 'alice');
      assert.equal(Number(claims['exp']) - Number(claims['iat']), 480);
    });

    it('names a host with its kind', async () => {
      const answer = (await (await tokenOf('host:app/web')).send('GET', '/whoami')).json();
      assert.equal((answer as { username: string }).username, 'host/app/web');
    });

    it('outlives the rotation of the key that it was got with', async () => {
      const alice = await tokenOf('user:alice');
      const rotated = await basic('PUT', 'api_key', basicHeader('alice', keyOf('user:alice')));
      assert.equal(rotated.status, 200);
      keys.set('user:alice', rotated.text);
      assert.equal((await alice.send('GET', '/whoami')).status, 200);
    });
  });

  describe('a password', () => {
    const put = (role: string, body: string | Uint8Array, query = ''): Promise<Answer> => {
      const [kind = '', id = ''] = role.split(':');
      const name = kind === 'user' ? id : `${kind}/${id}`;
      return basic('PUT', `password${query}`, basicHeader(name, keyOf(role)), body);
    };

    for (const [title, weak] of [
      ['of 11 characters', 'Pass-Word-1'],
      ['of 129 characters', `Pa-W1${'x'.repeat(124)}`],
      ['with one upper-case letter', 'pass-Word-123'],
      ['with one lower-case letter', 'PASS-WORd-123'],
      ['without a digit', 'Pass-Word-abc'],
      ['without a special character', 'PassWord12345'],
      ['with a line break', 'Pass-Word-123\n'],
      ['of nothing', ''],
      ['that is no text', Buffer.from([0x50, 0x61, 0xff, 0x2d, ...Buffer.from('Word-1234567')])],
    ] as const) {
      it(`${title} is refused`, async () => {
        const answer = await put('user:alice', weak);
        assert.equal(answer.status, 422);
        assert.equal((answer.json() as { error: { code: string } }).error.code, 'validation_failed');
      });
    }

    for (const [title, strong] of [
      ['of 12 characters', 'Pass-Word-12'],
      ['of 128 characters', `PaW1-${'x'.repeat(123)}`],
      ['with a blank for the special character', 'Pass Word 123'],
    ] as const) {
      it(`${title} is taken, and is no credential for a token`, async () => {
        assertEmpty(await put('user:alice', strong), 204);
        assert.equal((await login(basicHeader('alice', strong))).status, 200);
        assertEmpty(await authenticate('alice', strong), 401);
      });
    }

    it('is not for hosts', async () => {
      assertEmpty(await put('host:app/web', password), 403);
    });

    it('may name the role, if it is one’s own', async () => {
      assertEmpty(await put('user:alice', password, '?role=user:alice'), 204);
      assertEmpty(await put('user:alice', password, '?role=user:bob'), 401);
      assert.equal((await put('user:alice', password, '?role=user:none')).status, 404);
    });

    it('is not changed without a credential, with a wrong one, or with a token of one’s own', async () => {
      assertEmpty(await basic('PUT', 'password', {}, password), 401);
      assertEmpty(await basic('PUT', 'password', basicHeader('alice', 'wrong'), password), 401);
      const alice = await tokenOf('user:alice');
      for (const path of [`/authn/${account}/password`, `/authn/${account}/password?role=user:alice`]) {
        const message = 'Credential strength is insufficient';
        assertError(await alice.send('PUT', path, password), 401, 'unauthorized', message);
      }
    });
  });

  describe('a rotation', () => {
    const rotate = async (role: string, target: string, method = 'PUT'): Promise<Answer> =>
      (await tokenOf(role)).send(method, `/authn/${account}/api_key?role=${target}`);

    it('takes the role as kind and id, as a full id, and encoded', async () => {
      for (const target of [
        'user:alice',
        `${account}:user:alice`,
        encodeURIComponent(`${account}:user:alice`),
      ]) {
        const answer = await rotate('user:keeper', target);
        assert.equal(answer.status, 200, target);
        keys.set('user:alice', answer.text);
      }
    });

    it('answers under the name of any authenticator', async () => {
      const keeper = await tokenOf('user:keeper');
      for (const name of ['authn-ldap', 'authn-oidc', 'authn-iam%2Ftest']) {
        const answer = await keeper.send('PUT', `/${name}/${account}/api_key?role=user:alice`);
        assert.equal(answer.status, 200, name);
        keys.set('user:alice', answer.text);
      }
    });

    it('refuses a role without a colon', async () => {
      for (const target of ['alice', '']) {
        const message = `Expected at least 2 tokens in ${target}`;
        assertError(await rotate('user:keeper', target), 422, 'argument_error', message);
        const own = await basic('PUT', `api_key?role=${target}`, basicHeader('alice', keyOf('user:alice')));
        assertError(own, 422, 'argument_error', message);
      }
    });

    it('finds no role whose name nothing can have', async () => {
      for (const target of ['user:', `user:${'x'.repeat(1_100)}`, 'user:a%00b']) {
        assert.equal((await rotate('user:keeper', target)).status, 404);
      }
    });

    it('is forbidden for a group to who may also read it, as its owner may', async () => {
      assertEmpty(await rotate('user:keeper', 'group:staff'), 403);
      assertEmpty(await admin.send('PUT', `/authn/${account}/api_key?role=group:staff`), 403);
    });

    it('wants a credential', async () => {
      for (const method of ['PUT', 'GET']) {
        assertEmpty(await basic(method, 'api_key', {}), 401);
        assertEmpty(await basic(method, 'api_key', basicHeader('alice', 'wrong')), 401);
      }
    });

    it('tells its time by the rules by which it is allowed', async () => {
      const own = await basic('GET', 'api_key', basicHeader('alice', keyOf('user:alice')));
      assert.equal((own.json() as { role: string }).role, `${account}:user:alice`);
      assert.equal(own.headers.get('content-type'), 'application/json; charset=utf-8');
      assert.equal((await rotate('user:keeper', 'user:alice', 'GET')).status, 200);
      assert.equal((await rotate('user:alice', 'user:alice', 'GET')).status, 401);
      assert.equal((await rotate('user:bob', 'user:alice', 'GET')).status, 404);
      const foreign = basic('GET', 'api_key?role=user:bob', basicHeader('alice', keyOf('user:alice')));
      assertEmpty(await foreign, 401);
    });
  });
});
