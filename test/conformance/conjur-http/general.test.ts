import assert from 'node:assert/strict';
import { load, send, setSecret, signIn, tokenHeader, type Session } from '../../support/client.ts';
import { assertEmpty } from '../../support/conjur-world.ts';
import { describeOnStores } from '../../support/on-stores.ts';
import { sendRaw, type RawAnswer } from '../../support/raw-request.ts';

const policy = `
- !user reader
- !policy
  id: app
  body:
  - !variable db/password
  - !variable with@odd;chars:and=more-_,.
  - !variable two words
- !user gone
`;

/** Rules that hold for every request: paths, the gate, bodies, headers, error bodies. */
describeOnStores('every request', (on) => {
  let admin: Session;
  let account: string;

  before(async () => {
    account = on.service.account;
    admin = await signIn(on.service);
    await load(admin, policy);
    await setSecret(admin, 'app/db/password', 'value');
  });

  const raw = (
    method: string,
    path: string,
    headers: Record<string, string> = {},
    body?: string,
  ): Promise<RawAnswer> =>
    sendRaw(on.service.url, method, path, { ...tokenHeader(admin.token), ...headers }, body);
  const secret = (path: string): string => `/secrets/${account}/variable/${path}`;

  describe('its path', () => {
    for (const path of [
      'app/db/password',
      'app%2Fdb%2Fpassword',
      'app/db%2fpassword',
      'app//db///password',
      'app/db/password/',
    ]) {
      it(`finds an identifier sent as ${path}`, async () => {
        assert.equal((await raw('GET', secret(path))).text, 'value');
      });
    }

    it('may hold the characters @ ; : = - _ , . as they are', async () => {
      assert.equal((await raw('POST', secret('app/with@odd;chars:and=more-_,.'), {}, 'v')).status, 201);
      assert.equal((await raw('GET', secret('app/with%40odd%3Bchars%3Aand%3Dmore-_%2C.'))).text, 'v');
    });

    it('takes a plus for a plus, and %20 for a blank', async () => {
      assert.equal((await raw('POST', secret('app/two%20words'), {}, 'v')).status, 201);
      assert.equal((await raw('GET', secret('app/two+words'))).status, 404);
    });

    it('does not take a suffix for a format', async () => {
      assert.equal((await raw('GET', secret('app/db/password.json'))).status, 404);
    });

    it('has no route without an identifier', async () => {
      assert.equal((await raw('GET', `/secrets/${account}/variable/`)).status, 404);
      assert.equal((await raw('GET', `/secrets/${account}/variable`)).status, 404);
    });

    it('has no route for an account with a slash in it', async () => {
      assert.equal((await raw('GET', `/secrets/the%2Faccount/variable/x`)).status, 404);
    });

    it('may name an account with dots', async () => {
      assert.equal((await raw('GET', '/secrets/an.account/variable/x')).status, 404);
      const answer = await raw('GET', '/secrets/an.account/variable/x');
      assert.match(answer.text, /CONJ00076E Variable an\.account:variable:x/);
    });

    for (const [family, kind] of [
      ['secrets', 'host'],
      ['secrets', 'public_key'],
      ['roles', 'variable'],
      ['roles', 'webservice'],
      ['resources', 'nothing'],
      ['policies', 'group'],
      ['public_keys', 'host'],
    ] as const) {
      it(`has no route for the kind ${kind} under /${family}`, async () => {
        const answer = await raw('GET', `/${family}/${account}/${kind}/x`, { accept: 'application/json' });
        assert.equal(answer.status, 404);
        assert.equal(answer.text, '{"status":404,"error":"Not Found"}');
      });
    }
  });

  describe('with HEAD', () => {
    for (const path of [
      '/',
      '/whoami',
      '/authenticators',
      '/secrets/acct/variable/app/db/password',
      '/secrets?variable_ids=acct:variable:app/db/password',
      '/resources',
      '/resources/acct',
      '/resources/acct/variable',
      '/resources/acct/variable/app/db/password',
      '/resources/acct/variable/none',
      '/roles/acct/user/reader',
      '/roles/acct/user/reader?members',
      '/public_keys/acct/user/reader',
      '/accounts',
      '/nope',
    ]) {
      it(`is answered on ${path} as GET is, without the body`, async () => {
        const got = await raw('GET', path);
        const head = await raw('HEAD', path);
        assert.equal(head.text, '');
        assert.equal(head.status, got.status);
        for (const name of ['content-type', 'content-length', 'content-disposition']) {
          assert.equal(head.headers[name], got.headers[name], name);
        }
      });
    }
  });

  describe('its query', () => {
    it('is split at semicolons, too', async () => {
      const answer = await raw('GET', `/resources/${account}?kind=variable;limit=1`);
      assert.equal((JSON.parse(answer.text) as unknown[]).length, 1);
    });

    it('has a plus for a blank', async () => {
      const ids = `${account}:variable:app/two+words`;
      await setSecret(admin, 'app/two words', 'v');
      const answer = await raw('GET', `/secrets?variable_ids=${ids}`);
      assert.deepEqual(JSON.parse(answer.text), { [`${account}:variable:app/two words`]: 'v' });
    });
  });

  describe('at the gate', () => {
    const bad = { authorization: 'Token token="bm90IGpzb24="' };
    const unsigned = Buffer.from(JSON.stringify({ protected: 'e30', payload: 'e30', signature: 'x' }));
    const invalid = { authorization: `Token token="${unsigned.toString('base64')}"` };
    const plain = (answer: RawAnswer, status: number, text: string): void => {
      assert.deepEqual([answer.status, answer.text], [status, text]);
      assert.match(String(answer.headers['content-type']), /^text\/plain/);
      assert.equal(answer.headers['content-length'], String(text.length));
    };
    const without = (method: string, path: string, headers = {}): Promise<RawAnswer> =>
      sendRaw(on.service.url, method, path, headers);

    for (const [method, path, status] of [
      ['GET', '/', 200],
      ['GET', '/authenticators', 200],
      ['GET', '/authenticators/', 200],
      ['GET', '/assets/none', 404],
      ['POST', '/host_factories/hosts', 401],
      ['GET', '/authn-oidc/acct/providers', 200],
      ['POST', '/authn/acct/nobody/authenticate', 401],
      ['POST', '/authn-oidc/none/acct/authenticate', 401],
    ] as const) {
      it(`does not look at the token of ${method} ${path}`, async () => {
        for (const headers of [{}, bad, invalid]) {
          const answer = await without(method, path, headers);
          assert.equal(answer.status, status);
          assert.equal(/Malformed|Invalid token|missing/.test(answer.text), false);
        }
      });
    }

    for (const [method, path, status] of [
      ['GET', '/authn/acct/login', 401],
      ['GET', '/authn-oidc/none/acct/status', 401],
      ['GET', '/public_keys/acct/user/nobody', 200],
    ] as const) {
      it(`lets ${method} ${path} in without a token, and not with a bad one`, async () => {
        const answer = await without(method, path);
        assert.equal(answer.status, status);
        assert.notEqual(answer.text, 'Authorization missing');
        plain(await without(method, path, bad), 401, 'Malformed authorization token');
      });
    }

    for (const path of [
      '/whoami',
      '/info',
      '/nope',
      '/accounts',
      '/secrets',
      '/authn',
      '/authenticators/acct',
    ]) {
      it(`wants a token for ${path}, whether it exists or not`, async () => {
        plain(await without('GET', path), 401, 'Authorization missing');
      });
    }

    for (const authorization of ['Bearer abc', 'Basic YTpi', 'Token abc', 'token token="abc"']) {
      it(`takes ${authorization.split(' ')[0] ?? ''} in the form '${authorization}' for no token`, async () => {
        plain(await without('GET', '/whoami', { authorization }), 401, 'Authorization missing');
      });
    }

    it('tells what is no JSON from what is not valid', async () => {
      plain(await without('GET', '/whoami', bad), 401, 'Malformed authorization token');
      plain(await without('GET', '/whoami', invalid), 401, 'Unauthorized: Invalid token');
    });

    it('reads a token with white space around it', async () => {
      const token = Buffer.from(admin.token).toString('base64');
      const authorization = `Token token=" ${token} "`;
      assert.equal((await without('GET', '/whoami', { authorization })).status, 200);
    });

    it('is silent to who asks for version 2 without a token', async () => {
      const accept = 'application/x.secretsmgr.v2beta+json';
      const answer = await without('GET', `/branches/${account}`, { accept });
      assert.deepEqual([answer.status, answer.text], [401, '']);
    });

    it('finds nothing at an unknown path with a token', async () => {
      for (const path of ['/info', '/nope', '/health', '/remote_health', '/server_version']) {
        assert.equal((await raw('GET', path)).status, 404, path);
      }
    });

    it('forbids what a role that is gone asks for, and refuses it its credentials', async () => {
      const { created_roles: created } = await load(admin, '- !user leaver');
      const key = created[`${account}:user:leaver`]?.api_key ?? '';
      const leaver = await signIn(on.service, 'leaver', key);
      await load(admin, '- !delete { record: !user leaver }', 'root', 'PATCH');
      assertEmpty(await leaver.send('GET', '/whoami'), 403);
      assertEmpty(await leaver.send('GET', `/resources/${account}`), 403);
      assertEmpty(await leaver.send('PUT', `/authn/${account}/api_key?role=user:reader`), 401);
      assertEmpty(await leaver.send('PUT', `/authn/${account}/password`, 'New-Password1'), 401);
    });
  });

  describe('its body', () => {
    it('is taken raw for a secret, a policy and a credential, whatever its type', async () => {
      for (const type of ['application/json', 'text/plain; charset=utf-8', 'text\\plain', '', 'image/png']) {
        const headers = { 'content-type': type };
        assert.equal((await raw('POST', secret('app/db/password'), headers, 'a=b')).status, 201, type);
        assert.equal((await raw('GET', secret('app/db/password'))).text, 'a=b');
        const path = `/policies/${account}/policy/root`;
        assert.equal((await raw('POST', path, headers, '- !user reader')).status, 201, type);
        const login = `/authn/${account}/admin/authenticate`;
        assert.equal((await raw('POST', login, headers, on.service.adminKey)).status, 200, type);
      }
    });
  });

  describe('its answer', () => {
    it('echoes an X-Request-Id freed of what does not belong in one, and cut to 255 characters', async () => {
      const sent = `a b/c.d_e-f@g${'x'.repeat(300)}`;
      const answer = await raw('GET', '/whoami', { 'x-request-id': sent });
      assert.equal(answer.headers['x-request-id'], `abcd_e-f@g${'x'.repeat(245)}`);
    });

    it('has a UUID for a request id where none was sent', async () => {
      for (const headers of [{}, { 'x-request-id': './/' }]) {
        const id = String((await raw('GET', '/whoami', headers)).headers['x-request-id']);
        assert.match(id, /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
      }
    });

    it('states its length and is sent in one piece', async () => {
      for (const path of ['/', '/whoami', `/resources/${account}`, '/nope', secret('app/db/password')]) {
        const answer = await raw('GET', path);
        assert.equal(answer.headers['content-length'], String(Buffer.byteLength(answer.text)), path);
        assert.equal(answer.headers['transfer-encoding'], undefined);
      }
    });

    it('escapes angle brackets and ampersands in JSON', async () => {
      await setSecret(admin, 'app/db/password', '<a>&</a>');
      const answer = await raw('GET', `/secrets?variable_ids=${account}:variable:app/db/password`);
      assert.ok(answer.text.includes('"\\u003ca\\u003e\\u0026\\u003c/a\\u003e"'));
    });

    it('is named as RFC 9110 names its status', async () => {
      const phrases: readonly (readonly [string, string, string])[] = [
        ['GET', '/nope', 'Not Found'],
        ['GET', '/accounts', 'Forbidden'],
        ['GET', '/secrets', 'Unprocessable Content'],
        ['GET', `/policies/${account}/policy/root?depth=x`, 'Bad Request'],
        ['PUT', `/authn/${account}/api_key`, 'Unauthorized'],
      ];
      for (const [method, path, phrase] of phrases) assert.equal((await raw(method, path)).reason, phrase);
    });

    it('may not be kept by anybody on the way, and carries no tag by which it could be asked for again', async () => {
      const answer = await raw('GET', '/whoami');
      assert.equal(answer.headers['cache-control'], 'no-store');
      assert.equal(answer.headers['etag'], undefined);
    });

    it('of a path that is not there is JSON to who asks for that first, and empty to others', async () => {
      const json = await raw('GET', '/nope', { accept: 'application/json, text/html' });
      assert.equal(json.text, '{"status":404,"error":"Not Found"}');
      assert.equal((await raw('GET', '/nope', { accept: '*/*' })).text, '');
    });
  });

  it('is never answered with 200 to an account that does not exist', async () => {
    assert.equal((await admin.send('GET', '/resources/nowhere')).text.includes('nowhere:'), false);
    const answer = await send(`${on.service.url}/authn/nowhere/login`, 'GET');
    assertEmpty(answer, 401);
  });
});
