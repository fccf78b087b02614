import assert from 'node:assert/strict';
import {
  basicHeader,
  load,
  send,
  sessionOf,
  signIn,
  type Answer,
  type Session,
} from '../../support/client.ts';
import { describeOnStores } from '../../support/on-stores.ts';

const policy = `
- !user alice
- !user { id: far, restricted_to: [ 198.51.100.0/24 ] }
- !user { id: near, restricted_to: [ 127.0.0.0/8, "::1" ] }
- !host app/web
- !group team
- !user bob
- !permit { role: !user bob, privileges: [ update ], resource: !user alice }
- !permit { role: !user bob, privileges: [ read ], resource: !host app/web }
- !permit { role: !user bob, privileges: [ update ], resource: !group team }
`;
const password = 'Correct-Horse7 Battery';

describeOnStores('login, authenticate, passwords and API keys', (on) => {
  let admin: Session;
  const keys = new Map<string, string>();

  before(async () => {
    admin = await signIn(on.service);
    const { created_roles: created } = await load(admin, policy);
    for (const [role, { api_key: key }] of Object.entries(created)) {
      keys.set(
        role
          .slice(role.indexOf(':') + 1)
          .replace(/^user:/, '')
          .replace(':', '/'),
        key,
      );
    }
  });

  const keyOf = (login: string): string => keys.get(login) ?? '';
  const at = (path: string): string => `${on.service.url}/authn/${on.service.account}${path}`;
  const login = (name: string, secret: string): Promise<Answer> =>
    send(at('/login'), 'GET', { headers: basicHeader(name, secret) });
  const authenticate = (name: string, body: string, headers: Record<string, string> = {}): Promise<Answer> =>
    send(at(`/${encodeURIComponent(name)}/authenticate`), 'POST', { body, headers });
  const changePassword = (name: string, secret: string, body: string): Promise<Answer> =>
    send(at('/password'), 'PUT', { headers: basicHeader(name, secret), body });
  const rotate = (headers: Record<string, string>, query = ''): Promise<Answer> =>
    send(at(`/api_key${query}`), 'PUT', { headers });

  const isBare = (answer: Answer, status: number): void => {
    assert.equal(answer.status, status);
    assert.equal(answer.text, '');
  };

  it('makes API keys of more than 40 lower-case letters and digits', () => {
    for (const key of keys.values()) assert.match(key, /^[a-z0-9]{41,60}$/);
    assert.equal(new Set(keys.values()).size, keys.size);
  });

  it('answers a login with the API key, for a user and for a host, by API key', async () => {
    for (const name of ['alice', 'host/app/web']) {
      const answer = await login(name, keyOf(name));
      assert.equal(answer.status, 200);
      assert.equal(answer.headers.get('content-type'), 'text/plain; charset=utf-8');
      assert.equal(answer.text, keyOf(name));
    }
  });

  it('refuses every login that is wrong in the same way', async () => {
    for (const [name, secret] of [
      ['alice', 'wrong'],
      ['nobody', 'x'],
      ['host/none', 'x'],
      ['alice', keyOf('bob')],
      ['a b\u0001', 'x'],
    ]) {
      isBare(await login(name ?? '', secret ?? ''), 401);
    }
    isBare(await send(at('/login'), 'GET'), 401);
    isBare(
      await send(`${on.service.url}/authn/none/login`, 'GET', { headers: basicHeader('admin', 'x') }),
      401,
    );
  });

  it('trades an API key for an access token, in JSON', async () => {
    const answer = await authenticate('alice', keyOf('alice'));
    assert.equal(answer.status, 200);
    const token = answer.json() as Record<string, string>;
    assert.deepEqual(Object.keys(token).sort(), ['payload', 'protected', 'signature']);
    const payload = JSON.parse(Buffer.from(token['payload'] ?? '', 'base64').toString()) as Record<
      string,
      number
    >;
    assert.equal(payload['sub'], 'alice');
    assert.equal((payload['exp'] ?? 0) - (payload['iat'] ?? 0), 480);
    assert.match(token['payload'] ?? '', /^[A-Za-z0-9]+$/);
    assert.equal((token['payload'] ?? '').length % 4, 0);
  });

  it('answers in base64 where the client lists that encoding', async () => {
    for (const accepted of ['base64', 'Gzip, BASE64', 'gzip , base64 ']) {
      const answer = await authenticate('alice', keyOf('alice'), { 'accept-encoding': accepted });
      assert.equal(answer.status, 200);
      assert.equal(answer.headers.get('content-encoding'), 'base64');
      assert.equal(answer.headers.get('content-type'), 'text/plain; charset=utf-8');
      const token = Buffer.from(answer.text, 'base64').toString();
      assert.equal((await sessionOf(on.service, token).send('GET', '/whoami')).status, 200);
    }
  });

  it('takes user/alice for alice, and a host by its encoded path only', async () => {
    assert.equal((await authenticate('user/alice', keyOf('alice'))).status, 200);
    assert.equal((await authenticate('host/app/web', keyOf('host/app/web'))).status, 200);
    isBare(await send(at('/host/app/web/authenticate'), 'POST', { body: keyOf('host/app/web') }), 401);
  });

  it('refuses a key with a newline, another role’s key, a password and an empty body', async () => {
    await changePassword('alice', keyOf('alice'), password);
    for (const body of [`${keyOf('alice')}\n`, keyOf('bob'), password, ''])
      isBare(await authenticate('alice', body), 401);
    isBare(await authenticate('nobody', keyOf('alice')), 401);
  });

  it('lets a restricted user in from its addresses only, and logs it in from anywhere', async () => {
    isBare(await authenticate('far', keyOf('far')), 401);
    assert.equal((await authenticate('near', keyOf('near'))).status, 200);
    assert.equal((await login('far', keyOf('far'))).status, 200);
  });

  it('believes X-Forwarded-For of a loopback peer', async () => {
    assert.equal(
      (await authenticate('far', keyOf('far'), { 'x-forwarded-for': '198.51.100.7' })).status,
      200,
    );
    isBare(await authenticate('near', keyOf('near'), { 'x-forwarded-for': '203.0.113.9' }), 401);
  });

  it('changes a password with the old password or the API key; the key stays', async () => {
    assert.equal((await changePassword('alice', keyOf('alice'), password)).status, 204);
    assert.equal((await login('alice', password)).text, keyOf('alice'));
    assert.equal((await changePassword('alice', password, `${password}2`)).status, 204);
    isBare(await login('alice', password), 401);
    assert.equal((await login('alice', `${password}2`)).text, keyOf('alice'));
  });

  it('refuses a weak password and says what a strong one is', async () => {
    for (const weak of ['', 'short', 'alllowercase1!!', 'With\nNewline12!A', 'NoDigitsHere!!aa']) {
      const answer = await changePassword('alice', keyOf('alice'), weak);
      assert.equal(answer.status, 422, weak);
      const { error } = answer.json() as {
        error: { code: string; message: string; details: { target: string; message: string }[] };
      };
      assert.equal(error.code, 'validation_failed');
      assert.match(error.message, /^password CONJ00046E .*12-128 characters/);
      const message = error.message.slice('password '.length);
      assert.deepEqual(error.details, [{ code: error.code, target: 'password', message }]);
    }
  });

  it('refuses to change a password for a host, with a token, or with a wrong credential', async () => {
    isBare(await changePassword('host/app/web', keyOf('host/app/web'), password), 403);
    isBare(await changePassword('alice', 'wrong', password), 401);
    const token = await signIn(on.service, 'alice', keyOf('alice'));
    const answer = await token.send('PUT', `/authn/${on.service.account}/password`, password);
    assert.equal(answer.status, 401);
    assert.deepEqual(answer.json(), {
      error: { code: 'unauthorized', message: 'Credential strength is insufficient' },
    });
    isBare(await token.send('PUT', `/authn/${on.service.account}/password?role=user:bob`, password), 401);
  });

  it('rotates one’s own key with a credential, and not with a token', async () => {
    const answer = await rotate(basicHeader('near', keyOf('near')));
    assert.equal(answer.status, 200);
    assert.notEqual(answer.text, keyOf('near'));
    isBare(await authenticate('near', keyOf('near')), 401);
    keys.set('near', answer.text);
    const session = await signIn(on.service, 'near', answer.text);
    for (const query of ['', `?role=user:near`, `?role=${on.service.account}:user:near`]) {
      const refused = await session.send('PUT', `/authn/${on.service.account}/api_key${query}`);
      assert.equal(refused.status, 401);
      assert.deepEqual(refused.json(), {
        error: { code: 'unauthorized', message: 'Credential strength is insufficient' },
      });
    }
  });

  it('keeps the tokens that were issued before a rotation', async () => {
    const session = await signIn(on.service, 'near', keyOf('near'));
    keys.set('near', (await rotate(basicHeader('near', keyOf('near')))).text);
    assert.equal((await session.send('GET', '/whoami')).status, 200);
  });

  it('rotates another role’s key with update on it', async () => {
    const bob = await signIn(on.service, 'bob', keyOf('bob'));
    const path = `/authn/${on.service.account}/api_key`;
    for (const named of ['user:alice', `${on.service.account}:user:alice`]) {
      const answer = await bob.send('PUT', `${path}?role=${named}`);
      assert.equal(answer.status, 200, answer.text);
      isBare(await authenticate('alice', keyOf('alice')), 401);
      keys.set('alice', answer.text);
      assert.equal((await authenticate('alice', answer.text)).status, 200);
    }
  });

  it('refuses to rotate what one may not, each in its own way', async () => {
    const bob = await signIn(on.service, 'bob', keyOf('bob'));
    const { account } = on.service;
    const path = `/authn/${account}/api_key`;
    isBare(await bob.send('PUT', `${path}?role=host:app/web`), 403);
    const missing = await bob.send('PUT', `${path}?role=user:none`);
    assert.equal(missing.status, 404);
    assert.deepEqual(missing.json(), {
      error: {
        code: 'not_found',
        message: `CONJ00123E Resource 'user:none' requested by role '${account}:user:bob' not found`,
      },
    });
    const invisible = await bob.send('PUT', `${path}?role=user:far`);
    assert.equal(invisible.status, 404);
    const group = await bob.send('PUT', `${path}?role=group:team`);
    assert.equal(group.status, 405);
    const malformed = await bob.send('PUT', `${path}?role=alice`);
    assert.equal(malformed.status, 422);
    assert.deepEqual(malformed.json(), {
      error: { code: 'argument_error', message: 'Expected at least 2 tokens in alice' },
    });
    isBare(await rotate(basicHeader('bob', keyOf('bob')), '?role=user:alice'), 401);
    isBare(await rotate(basicHeader('bob', 'wrong')), 401);
    isBare(await rotate({}), 401);
  });

  it('has no GET for authenticate', async () => {
    assert.equal((await send(at('/alice/authenticate'), 'GET')).status, 404);
  });

  it('records each attempt, and no credential', async () => {
    await authenticate('nobody', 'planted-key-2');
    await authenticate('alice', keyOf('alice'));
    const lines = await on.service.auditLines();
    const service = `${on.service.account}:webservice:conjur/authn`;
    assert.ok(
      lines.some((line) =>
        line.includes(
          `${on.service.account}:user:alice successfully authenticated with authenticator authn service ${service}`,
        ),
      ),
    );
    assert.ok(lines.some((line) => line.includes(`user="not-found"`)));
    for (const secret of ['planted-key-2', password, ...keys.values()]) {
      assert.ok(!lines.some((line) => line.includes(secret)));
    }
  });
});
