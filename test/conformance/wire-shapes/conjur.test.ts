import assert from 'node:assert/strict';
import {
  basicHeader,
  load,
  send,
  setSecret,
  signIn,
  tokenHeader,
  type Session,
} from '../../support/client.ts';
import { describeOnStores } from '../../support/on-stores.ts';
import { sendRaw, type RawAnswer } from '../../support/raw-request.ts';

const policy = `
- !user bob
- !user u
- !policy { id: a, body: [ !variable b/c, !variable two words ] }
- !variable a
- !policy { id: conjur/authn-oidc/okta, body: [ !webservice ] }
- !layer machines
- !host-factory { id: factory, layers: [ !layer machines ] }
`;

/** Requests in the very form in which clients of Conjur send them. */
describeOnStores('a request as clients send it', (on) => {
  let account: string;
  let admin: Session;
  let bobKey: string;

  before(async () => {
    account = on.service.account;
    admin = await signIn(on.service);
    const { created_roles: created } = await load(admin, policy);
    bobKey = created[`${account}:user:bob`]?.api_key ?? '';
    await setSecret(admin, 'a', 'one');
    await setSecret(admin, 'a/b/c', 'three');
  });

  const raw = (
    method: string,
    path: string,
    headers: Record<string, string> = {},
    body?: string,
  ): Promise<RawAnswer> =>
    sendRaw(on.service.url, method, path, { ...tokenHeader(admin.token), ...headers }, body);

  describe('with a slash at the end of its path (Ruby)', () => {
    for (const [path, status] of [
      ['/secrets/acct/variable/a/', 200],
      ['/secrets/?variable_ids=acct:variable:a', 200],
      ['/resources/acct/variable/a/?check=true&privilege=read', 204],
      ['/roles/acct/user/u/?all=true', 200],
      ['/whoami/', 200],
    ] as const) {
      it(`is answered at ${path}, and not sent elsewhere`, async () => {
        const answer = await raw('GET', path);
        assert.equal(answer.status, status);
        assert.equal(answer.headers['location'], undefined);
      });
    }
  });

  it('trades a code at a path with a slash at its end as at one without (Ruby)', async () => {
    const path = (slash: string): string => `/authn-oidc/okta/${account}/authenticate${slash}?code=x&nonce=y`;
    const [clean, slashed] = [await raw('GET', path('')), await raw('GET', path('/'))];
    assert.notEqual(slashed.status, 404);
    assert.deepEqual([slashed.status, slashed.text], [clean.status, clean.text]);
  });

  it('enables an authenticator by an encoded path and a form sent as plain text (Python)', async () => {
    const headers = { 'content-type': 'text/plain' };
    const answer = await raw('PATCH', `/authn-oidc%2Fokta/${account}`, headers, 'enabled=true');
    assert.equal(answer.status, 204);
    const { enabled } = (await admin.send('GET', '/authenticators')).json() as { enabled: string[] };
    assert.ok(enabled.includes('authn-oidc/okta'));
  });

  it('names a secret with slashes raw (Jenkins) or encoded, and a blank as %20', async () => {
    assert.equal((await raw('GET', `/secrets/${account}/variable/a/b/c`)).text, 'three');
    assert.equal((await raw('GET', `/secrets/${account}/variable/a%2Fb%2Fc`)).text, 'three');
    await setSecret(admin, 'a/two words', 'blank');
    assert.equal((await raw('GET', `/secrets/${account}/variable/a%2Ftwo%20words`)).text, 'blank');
    assert.equal((await raw('GET', `/secrets/${account}/variable/a%2Ftwo+words`)).status, 404);
  });

  describe('loads a policy', () => {
    for (const method of ['POST', 'PATCH', 'PUT']) {
      for (const type of ['text/plain; charset=utf-8', undefined, 'application/x-yaml', 'application/json']) {
        it(`by ${method} as ${type ?? 'nothing at all'}`, async () => {
          const headers: Record<string, string> = type === undefined ? {} : { 'content-type': type };
          const path = `/policies/${account}/policy/a`;
          const answer = await raw(method, path, headers, '- !variable b/c\n- !variable two words\n');
          assert.equal(answer.status, 201, answer.text);
        });
      }
    }
  });

  describe('authenticates with the key as the whole body', () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', undefined]) {
      it(`sent as ${type ?? 'nothing at all'}`, async () => {
        const headers: Record<string, string> = type === undefined ? {} : { 'content-type': type };
        const answer = await raw('POST', `/authn/${account}/bob/authenticate`, headers, bobKey);
        assert.equal(answer.status, 200);
      });
    }

    it('and uses the answer in base64 as it is', async () => {
      const headers = { 'accept-encoding': 'base64' };
      const answer = await raw('POST', `/authn/${account}/bob/authenticate`, headers, bobKey);
      assert.equal(answer.headers['content-encoding'], 'base64');
      const authorization = `Token token="${answer.text}"`;
      const whoami = await sendRaw(on.service.url, 'GET', '/whoami', { authorization });
      assert.equal((JSON.parse(whoami.text) as { username: string }).username, 'bob');
    });
  });

  it('finds the error texts that clients match', async () => {
    const texts = await Promise.all(
      [undefined, 'Token token="bm90IGpzb24="', 'Token token="e30="'].map(async (authorization) => {
        const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
        return (await sendRaw(on.service.url, 'GET', '/whoami', headers)).text;
      }),
    );
    const expected = [
      'Authorization missing',
      'Malformed authorization token',
      'Unauthorized: Invalid token',
    ];
    assert.deepEqual(texts, expected);
    assert.match((await raw('GET', `/secrets/${account}/variable/none`)).text, / is empty or not found/);
  });

  it('logs in with the API key for a password (Python, Ruby, Java)', async () => {
    const headers = basicHeader('bob', bobKey);
    const answer = await send(`${on.service.url}/authn/${account}/login`, 'GET', { headers });
    assert.deepEqual([answer.status, answer.text], [200, bobKey]);
  });

  describe('fetches several secrets', () => {
    const expected = (): unknown => ({
      [`${account}:variable:a`]: 'one',
      [`${account}:variable:a/b/c`]: 'three',
    });
    for (const [title, list] of [
      ['with colons and slashes as they are (Python)', 'acct:variable:a,acct:variable:a/b/c'],
      ['with colons encoded and commas not (Ruby)', 'acct%3Avariable%3Aa,acct%3Avariable%3Aa%2Fb%2Fc'],
      ['with commas encoded, too (Go)', 'acct%3Avariable%3Aa%2Cacct%3Avariable%3Aa%2Fb%2Fc'],
    ] as const) {
      it(title, async () => {
        assert.deepEqual(JSON.parse((await raw('GET', `/secrets?variable_ids=${list}`)).text), expected());
      });
    }
  });

  it('asks by HEAD whether something exists (Python, Ruby, Go)', async () => {
    const bob = await signIn(on.service, 'bob', bobKey);
    const status = async (session: Session, id: string): Promise<number> => {
      const answer = await session.send('HEAD', `/resources/${account}/variable/${id}`);
      assert.equal(answer.text, '');
      return answer.status;
    };
    assert.deepEqual(
      [await status(admin, 'a'), await status(admin, 'none'), await status(bob, 'a')],
      [200, 404, 404],
    );
  });

  it('rotates a key of another by full id with its colons as they are (Ruby), and its own by Basic', async () => {
    const other = await raw('PUT', `/authn/${account}/api_key?role=${account}:user:u`);
    assert.equal(other.status, 200);
    const own = await sendRaw(
      on.service.url,
      'PUT',
      `/authn/${account}/api_key`,
      basicHeader('u', other.text),
    );
    assert.equal(own.status, 200);
  });

  it('makes a host with a token that is not in base64 (Ruby, Go)', async () => {
    const expiration = new Date(Date.now() + 3_600_000).toISOString();
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const body = new URLSearchParams({ host_factory: `${account}:host_factory:factory`, expiration });
    const made = await raw('POST', '/host_factory_tokens', form, body.toString());
    const [{ token = '' } = {}] = JSON.parse(made.text) as { token?: string }[];
    const headers = { authorization: `Token token="${token}"`, ...form };
    const host = await sendRaw(on.service.url, 'POST', '/host_factories/hosts', headers, 'id=brand-new');
    assert.equal(host.status, 201, host.text);
  });

  it('may carry telemetry, which is neither looked at nor kept', async () => {
    const headers = { 'x-cybr-telemetry': 'bm9ib2R5LWxvb2tz' };
    assert.equal((await raw('GET', '/whoami', headers)).status, 200);
    const lines = await on.service.auditLines();
    assert.equal(
      lines.some((line) => line.includes('bm9ib2R5LWxvb2tz')),
      false,
    );
  });

  it('asks for authenticators in the words of version 2, and is answered in them (Go)', async () => {
    const accept = 'application/x.secretsmgr.v2beta+json';
    const answer = await raw('GET', `/authenticators/${account}`, { accept });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers['content-type'], accept);
  });

  it('reads a token of three texts, with no claim that it does not know', async () => {
    const answer = await raw('POST', `/authn/${account}/bob/authenticate`, {}, bobKey);
    const token = JSON.parse(answer.text) as Record<string, unknown>;
    assert.deepEqual(Object.keys(token).sort(), ['payload', 'protected', 'signature']);
    assert.ok(Object.values(token).every((part) => typeof part === 'string'));
    const claims = JSON.parse(Buffer.from(String(token['payload']), 'base64').toString()) as object;
    const known = ['iat', 'exp', 'cidr', 'sub', 'iss', 'aud', 'jti'];
    assert.ok(Object.keys(claims).every((name) => known.includes(name)));
  });
});
