import assert from 'node:assert/strict';
import { authnRecord, authnService } from '../../../support/audit-records.ts';
import { load, send, sessionOf, tokenHeader, type Answer } from '../../../support/client.ts';
import { assertEmpty, describeScenarios } from '../../../support/conjur-world.ts';
import { signInOperator } from '../../../support/operator.ts';
import { startServerProcess } from '../../../support/server-process.ts';
import { temporaryDirectory } from '../../../support/temp.ts';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const alice = 'cucumber:user:alice';
const app = 'cucumber:host:app';

/** authenticate: 16 scenarios of 16, the two about the log against a process of its own below. */
describeScenarios('authenticate', (on) => {
  const keys = new Map<string, string>();

  before(async () => {
    const { created_roles: created } = await load(on.world.admin, '- !user alice\n- !host app');
    for (const { id, api_key: apiKey } of Object.values(created)) keys.set(id, apiKey);
  });

  const authenticate = (
    login: string,
    key: string,
    headers: Record<string, string> = { 'content-type': 'text/plain' },
    account = 'cucumber',
  ): Promise<Answer> =>
    send(`${on.world.service.url}/authn/${account}/${login}/authenticate`, 'POST', { headers, body: key });

  async function recorded(act: () => Promise<Answer>): Promise<readonly [Answer, readonly string[]]> {
    let answer: Answer | undefined;
    const records = await on.world.recordsOf(async () => {
      answer = await act();
    });
    assert.ok(answer !== undefined);
    return [answer, records];
  }

  const success = (role: string): string =>
    authnRecord('authenticate', role, `${role} successfully authenticated ${authnService}`);
  const failure = (role: string): string =>
    authnRecord(
      'authenticate',
      role,
      `${role} failed to authenticate ${authnService}: CONJ00002E Invalid credentials`,
      {},
    );

  for (const [login, role] of [
    ['alice', alice],
    ['host%2Fapp', app],
  ] as const) {
    it(`trades the API key of ${login} for a token`, async () => {
      const [answer, records] = await recorded(() => authenticate(login, keys.get(role) ?? ''));
      assert.equal(answer.status, 200);
      assert.equal(answer.headers.get('content-type'), 'application/json; charset=utf-8');
      assert.deepEqual(records, [success(role)]);
    });

    it(`refuses a wrong API key of ${login}`, async () => {
      const [answer, records] = await recorded(() => authenticate(login, 'wrong-api-key'));
      assertEmpty(answer, 401);
      assert.deepEqual(records, [failure(role)]);
    });
  }

  it('echoes the request id and puts it into the audit record', async () => {
    const { length } = await on.world.service.auditLines();
    const answer = await authenticate('alice', keys.get(alice) ?? '', { 'x-request-id': 'TestMyApp' });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('x-request-id'), 'TestMyApp');
    const [line = ''] = (await on.world.service.auditLines()).slice(length);
    assert.match(line, / - conjur TestMyApp authn /);
  });

  for (const [encoding, title] of [
    ['base64', 'that is base64'],
    ['base64,gzip,defalte,br', 'that lists base64'],
    ['gzip      ,  bASe64 ,defalte,br', 'that lists base64 in another case, among blanks'],
  ] as const) {
    it(`answers in base64 to an Accept-Encoding ${title}`, async () => {
      const [answer, records] = await recorded(() =>
        authenticate('alice', keys.get(alice) ?? '', { 'accept-encoding': encoding }),
      );
      assert.equal(answer.status, 200);
      assert.equal(answer.headers.get('content-type'), 'text/plain; charset=utf-8');
      assert.equal(answer.headers.get('content-encoding'), 'base64');
      assert.match(answer.text, /^[A-Za-z0-9+/]+={0,2}$/);
      assert.deepEqual(records, [success(alice)]);
      const whoami = await send(`${on.world.service.url}/whoami`, 'GET', {
        headers: { authorization: `Token token="${answer.text}"` },
      });
      assert.equal((whoami.json() as { username: string }).username, 'alice');
    });
  }

  it('answers in JSON to an Accept-Encoding without base64', async () => {
    const [answer, records] = await recorded(() =>
      authenticate('alice', keys.get(alice) ?? '', { 'accept-encoding': 'gzip,defalte,br' }),
    );
    assert.equal(answer.headers.get('content-type'), 'application/json; charset=utf-8');
    assert.equal(answer.headers.get('content-encoding'), null);
    assert.deepEqual(records, [success(alice)]);
  });

  it('refuses a wrong API key where base64 is asked for', async () => {
    const [answer, records] = await recorded(() =>
      authenticate('alice', 'wrong-api-key', { 'accept-encoding': 'base64' }),
    );
    assertEmpty(answer, 401);
    assert.deepEqual(records, [failure(alice)]);
  });

  it('refuses the API key of a user of the same name in another account', async () => {
    const operator = await signInOperator(on.world.service);
    const made = await operator.send('POST', '/accounts?id=second-account');
    const adminKey = (made.json() as { api_key: string }).api_key;
    const token = await authenticate('admin', adminKey, {}, 'second-account');
    const second = sessionOf({ ...on.world.service, account: 'second-account' }, token.text);
    await load(second, '- !user alice');
    assertEmpty(await authenticate('alice', keys.get(alice) ?? '', {}, 'second-account'), 401);
  });

  it('does not take an access token for a credential', async () => {
    const token = (await authenticate('alice', keys.get(alice) ?? '')).text;
    assertEmpty(await authenticate('alice', '', tokenHeader(token)), 401);
    assertEmpty(await authenticate('alice', token), 401);
  });

  it('lets nobody authenticate as another', async () => {
    assertEmpty(await authenticate('alice', 'wrong-api-key', tokenHeader(on.world.admin.token)), 401);
  });

  it('refuses a user that does not exist, and records that it does not', async () => {
    const [answer, records] = await recorded(() => authenticate('non-existing', ''));
    assertEmpty(answer, 401);
    const role = 'cucumber:user:non-existing';
    const message = `${role} failed to authenticate ${authnService}: CONJ00007E 'non-existing' not found`;
    assert.deepEqual(records, [authnRecord('authenticate', role, message, { unknown: true })]);
  });
});

describe('authenticate, as the log shows it', () => {
  for (const [title, headers] of [
    ['no Content-Type', undefined],
    ['the Content-Type of a form', { 'content-type': 'application/x-www-form-urlencoded' }],
  ] as const) {
    it(`keeps the API key out of it with ${title}`, async () => {
      const folder = temporaryDirectory();
      const server = await startServerProcess({
        LATCHKEY_DATA: folder.path,
        LATCHKEY_LOG_LEVEL: 'trace',
      });
      try {
        const key = (await readFile(join(folder.path, 'admin.key'), 'utf8')).trim();
        const answer = await send(`${server.url}/authn/${server.account}/admin/authenticate`, 'POST', {
          body: Buffer.from(key),
          ...(headers === undefined ? {} : { headers }),
        });
        assert.equal(answer.status, 200);
        await server.stop();
        assert.equal(server.errors().includes(key), false);
        assert.equal((await readFile(join(folder.path, 'audit.log'), 'utf8')).includes(key), false);
      } finally {
        await server.kill();
        folder.remove();
      }
    });
  }
});
