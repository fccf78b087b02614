import assert from 'node:assert/strict';
import { demandOf } from '../../../src/http/conjur/gate.ts';
import { send, sessionOf, signIn, tokenHeader, type Answer, type Session } from '../../support/client.ts';
import { startTestService, type TestService } from '../../support/service.ts';

describe('the gate', () => {
  let service: TestService;
  let admin: Session;

  before(async () => {
    service = await startTestService();
    admin = await signIn(service);
  });
  after(() => service.stop());

  const whoami = (headers: Record<string, string>): Promise<Answer> =>
    send(`${service.url}/whoami`, 'GET', { headers });
  const parts = (): Record<string, string> => JSON.parse(admin.token) as Record<string, string>;
  const withPart = (name: string, value: string): string => JSON.stringify({ ...parts(), [name]: value });
  const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

  it('knows which paths demand a token', () => {
    const demands = {
      none: ['/', '/authenticators', '/assets/x', '/authn/a/b/authenticate', '/authn-oidc/s/a/authenticate'],
      optional: ['/authn/a/login', '/authn-oidc/s/a/status', '/public_keys/a/user/b'],
      required: [
        '/whoami',
        '/secrets/a/variable/b',
        '/policies/a/policy/root',
        '/info',
        '/nope',
        '/authenticators/x',
      ],
    };
    for (const [demand, paths] of Object.entries(demands)) {
      for (const path of paths) assert.equal(demandOf(path), demand, path);
    }
  });

  it('answers 401 to an unknown path without a token, and 404 with one', async () => {
    for (const path of ['/info', '/nope', '/secrets/x']) {
      const without = await send(service.url + path, 'GET');
      assert.equal(without.status, 401);
      assert.equal(without.text, 'Authorization missing');
      assert.equal((await admin.send('GET', path)).status, 404);
    }
  });

  it('says in words what is wrong with a token', async () => {
    const cases: readonly (readonly [Record<string, string>, number, string])[] = [
      [{}, 401, 'Authorization missing'],
      [{ authorization: `Bearer ${admin.token}` }, 401, 'Authorization missing'],
      [{ authorization: 'Basic YTpi' }, 401, 'Authorization missing'],
      [{ authorization: 'Token token="bm90IGpzb24="' }, 401, 'Malformed authorization token'],
      [tokenHeader('"text"'), 401, 'Malformed authorization token'],
      [tokenHeader('{}'), 401, 'Unauthorized: Invalid token'],
      [tokenHeader(withPart('signature', 'AAAA')), 401, 'Unauthorized: Invalid token'],
    ];
    for (const [headers, status, text] of cases) {
      const answer = await whoami(headers);
      assert.equal(answer.status, status, text);
      assert.equal(answer.text, text);
      assert.equal(answer.headers.get('content-type'), 'text/plain; charset=utf-8');
    }
  });

  it('refuses a token whose payload, header or algorithm was changed', async () => {
    const header = JSON.parse(Buffer.from(parts()['protected'] ?? '', 'base64url').toString()) as object;
    const payload = JSON.parse(Buffer.from(parts()['payload'] ?? '', 'base64url').toString()) as object;
    for (const forged of [
      withPart('payload', encode({ ...payload, sub: 'host/other' })),
      withPart('payload', encode(payload)),
      withPart('protected', encode({ ...header, alg: 'none' })),
      withPart('protected', encode({ ...header, alg: 'HS512' })),
      withPart('protected', encode({ ...header, kid: 'YWNjdA.unknown' })),
      withPart('protected', encode({ ...header, kid: 'bm9uZQ.unknown' })),
      withPart('protected', encode(header)),
    ]) {
      const answer = await whoami(tokenHeader(forged));
      assert.equal(answer.status, 401);
      assert.equal(answer.text, 'Unauthorized: Invalid token');
    }
  });

  it('tolerates line breaks in the base64 of a token', async () => {
    const wrapped = Buffer.from(admin.token)
      .toString('base64')
      .replace(/(.{60})/g, '$1 ');
    assert.equal((await whoami({ authorization: `Token token="${wrapped}"` })).status, 200);
  });

  it('ignores a bad token where none is looked at, and refuses it where one is optional', async () => {
    const bad = tokenHeader('{}');
    assert.equal((await send(service.url, 'GET', { headers: bad })).status, 200);
    assert.equal((await send(`${service.url}/authenticators`, 'GET', { headers: bad })).status, 200);
    assert.equal(
      (await send(`${service.url}/authn-oidc/x/${service.account}/status`, 'GET', { headers: bad })).status,
      401,
    );
  });

  it('answers 401 without a body where a token was optional but is needed', async () => {
    const { account } = service;
    for (const [method, path] of [
      ['GET', `/authn-oidc/x/${account}/status`],
      ['PATCH', `/authn-oidc/x/${account}`],
      ['PUT', `/authn/${account}/api_key`],
    ] as const) {
      const answer = await send(service.url + path, method);
      assert.equal(answer.status, 401);
      assert.equal(answer.text, '');
    }
  });

  it('takes the account from the key that signed the token, not from the URL', async () => {
    const answer = await admin.send('GET', '/secrets/other/variable/x');
    assert.equal(answer.status, 404);
    const who = (await admin.send('GET', '/whoami')).json() as Record<string, unknown>;
    assert.equal(who['account'], service.account);
    assert.equal(who['username'], 'admin');
  });

  it('refuses a role that is gone', async () => {
    const created = await admin.send('POST', `/policies/${service.account}/policy/root`, '- !user brief');
    const key = (created.json() as { created_roles: Record<string, { api_key: string }> }).created_roles[
      `${service.account}:user:brief`
    ]?.api_key;
    const brief = await signIn(service, 'brief', key);
    assert.equal((await brief.send('GET', '/whoami')).status, 200);
    await admin.send(
      'PATCH',
      `/policies/${service.account}/policy/root`,
      '- !delete { record: !user brief }',
    );
    const answer = await sessionOf(service, brief.token).send('GET', '/whoami');
    assert.equal(answer.status, 403);
    assert.equal(answer.text, '');
  });
});
