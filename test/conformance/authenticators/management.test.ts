import assert from 'node:assert/strict';
import {
  load,
  secretPath,
  setSecret,
  signIn,
  signInAs,
  type Answer,
  type Session,
} from '../../support/client.ts';
import { describeOnStores } from '../../support/on-stores.ts';
import { assertEmpty } from '../../support/conjur-world.ts';
import {
  assertAnswer,
  assertRefused,
  authenticatorPolicy,
  codeFlow,
  sendV2,
} from '../../support/versioned-api.ts';

const path = '/authenticators/acct';
describeOnStores('managing authenticators', (on) => {
  let admin: Session;
  let as: (login: string) => Promise<Session>;

  before(async () => {
    admin = await signIn(on.service);
    as = signInAs(on.service, await load(admin, authenticatorPolicy));
    for (const name of ['ci', 'keys', 'l1', 'l2', 'l3', 'l4']) await create(jwt(name));
    await create({ type: 'azure', name: 'cloud', data: { provider_uri: 'https://sts.windows.net/tenant' } });
    for (const [type, name] of [
      ['aws', 'prod'],
      ['aws', 'two'],
      ['gcp', 'default'],
      ['ldap', 'plain'],
    ] as const) {
      assert.equal((await create({ type, name })).status, 201);
    }
  });

  const create = (body: unknown, session = admin): Promise<Answer> => sendV2(session, 'POST', path, body);
  const get = (name: string, session = admin): Promise<Answer> => sendV2(session, 'GET', `${path}/${name}`);
  const patch = (name: string, body: unknown, session = admin): Promise<Answer> =>
    sendV2(session, 'PATCH', `${path}/${name}`, body);
  const remove = (name: string, session = admin): Promise<Answer> =>
    sendV2(session, 'DELETE', `${path}/${name}`);
  const jwt = (name: string): unknown => ({
    type: 'jwt',
    name,
    data: { jwks_uri: 'https://id.example/keys' },
  });

  describe('secrets among the settings', () => {
    const masked = '********';

    it('are shown to who may read their variables, and masked for others', async () => {
      await create({ type: 'oidc', name: 'masked', data: codeFlow });
      const grant = '- !grant { role: !group conjur/authn-oidc/masked/apps, member: !user app }';
      await load(admin, grant);
      const app = await as('app');
      const dataFor = async (session: Session): Promise<unknown> =>
        ((await get('oidc/masked', session)).json() as { readonly data: unknown }).data;
      assert.deepEqual(await dataFor(admin), codeFlow);
      assert.deepEqual(await dataFor(app), { ...codeFlow, client_secret: masked });
      const permit =
        '- !permit { role: !user app, privileges: [execute], resource: !variable conjur/authn-oidc/masked/client-secret }';
      await load(admin, permit);
      assert.deepEqual(await dataFor(app), codeFlow);
      await setSecret(admin, 'conjur/authn-oidc/masked/client-secret', 'another');
      assert.deepEqual(await dataFor(app), { ...codeFlow, client_secret: 'another' });
    });

    it('are in no audit record', async () => {
      await create({ type: 'oidc', name: 'unrecorded', data: codeFlow });
      await create({
        type: 'oidc',
        name: 'mistyped',
        data: { ...codeFlow, client_secrets: 'kept for oneself' },
      });
      await create({
        type: 'k8s',
        name: 'unrecorded',
        data: { 'ca/key': 'kept for oneself', 'ca/cert': 'c' },
      });
      await create({ type: 'ldap', name: 'unrecorded', data: { bind_password: 'kept for oneself' } });
      await create('{"data":{"client_secret":"kept for oneself"}');
      await patch('oidc/unrecorded', { enabled: true, client_secret: 'kept for oneself' });
      const lines = (await on.service.auditLines()).join('\n');
      assert.match(lines, /created oidc unrecorded .*"client_id":"app","client_secret":"\[redacted\]"/);
      assert.doesNotMatch(lines, /kept for oneself/);
    });
  });

  describe('showing', () => {
    it('is for who has any privilege on the webservice', async () => {
      const outsider = await as('outsider');
      assertRefused(await get('jwt/ci', outsider), 404, "Authenticator: ci not found in account 'acct'");
      assertAnswer(await sendV2(outsider, 'GET', path), 200, { authenticators: [], count: 0 });
    });

    it('finds nothing of unknown types and names', async () => {
      for (const name of [
        'jwt/nope',
        'foo/ci',
        'jwt/a%2Fb',
        'gcp/other',
        'jwt/ci%2Fstatus',
        `jwt/${'n'.repeat(2000)}`,
      ]) {
        const text = decodeURIComponent(name.slice(name.indexOf('/') + 1));
        assertRefused(await get(name), 404, `Authenticator: ${text} not found in account 'acct'`);
      }
      assertAnswer(await sendV2(admin, 'GET', `${path}?type=foo`), 200, { authenticators: [], count: 0 });
    });

    it('shows the one of GCP without a name, too', async () => {
      assert.equal((await get('gcp')).status, 200);
      assertEmpty(await get('jwt'), 404);
    });

    it('lists by id, without the webservices of statuses and others', async () => {
      await load(
        admin,
        '- !webservice conjur/authn-foo/bar\n- !webservice conjur/authn-oidc\n- !webservice other',
      );
      const answer = await sendV2(admin, 'GET', path);
      const { authenticators, count } = answer.json() as {
        readonly authenticators: readonly { readonly type: string; readonly name: string }[];
        readonly count: number;
      };
      assert.equal(authenticators.length, count);
      const names = authenticators.map(({ type, name }) => `${type}/${name}`);
      assert.ok(names.includes('ldap/plain') && names.includes('gcp/default'));
      assert.ok(!names.some((name) => name.endsWith('/status') || name.startsWith('foo')));
      assert.deepEqual(names.slice(0, 3), ['azure/cloud', 'gcp/default', 'aws/prod']);
    });

    it('shows a variable without a value as empty, and keys that are no JSON not at all', async () => {
      await load(
        admin,
        '- !policy\n  id: loaded\n  body: [!webservice, !variable jwks-uri, !variable public-keys, !variable enforced-claims]',
        'conjur/authn-jwt',
      );
      await setSecret(admin, 'conjur/authn-jwt/loaded/public-keys', 'no JSON');
      const { data, enabled } = (await get('jwt/loaded')).json() as {
        readonly data: unknown;
        readonly enabled: boolean;
      };
      assert.deepEqual(data, { jwks_uri: '', identity: { enforced_claims: [] } });
      assert.equal(enabled, false);
    });

    for (const [query, message] of [
      ['limit=0', "'limit' contains an invalid value. 'limit' must be a positive integer."],
      ['limit=abc', "'limit' contains an invalid value. 'limit' must be a positive integer."],
      [
        'offset=-1',
        "'offset' contains an invalid value. 'offset' must be an integer greater than or equal to 0.",
      ],
    ] as const) {
      it(`refuses ${query}`, async () => {
        const answer = await sendV2(admin, 'GET', `${path}?${query}`);
        assert.equal(answer.status, 422);
        assert.deepEqual(answer.json(), { error: { code: 'argument_error', message } });
      });
    }

    it('shows ten from an offset on', async () => {
      const answer = await sendV2(admin, 'GET', `${path}?offset=1`);
      assert.equal(
        (answer.json() as { readonly authenticators: readonly unknown[] }).authenticators.length,
        10,
      );
    });
  });

  describe('switching', () => {
    for (const [body, status, message] of [
      ['', 400, 'Request body is empty'],
      ['  ', 400, 'Request body is empty'],
      ['test', 400, 'Request JSON is malformed'],
      ['[true]', 400, 'Request JSON is malformed'],
      ['{}', 422, 'Missing required parameter: enabled'],
      [{ config: 'x' }, 422, 'Missing required parameter: enabled'],
      [{ enabled: 'test' }, 422, 'The enabled parameter must be of type=boolean'],
      [{ enabled: 1 }, 422, 'The enabled parameter must be of type=boolean'],
      [{ enabled: null }, 422, 'The enabled parameter must be of type=boolean'],
      [
        { config: 'x', enabled: false, name: 'y' },
        422,
        "The following parameters were not expected: 'config, name'",
      ],
    ] as const) {
      it(`refuses ${JSON.stringify(body)}`, async () => {
        assertRefused(await patch('jwt/ci', body), status, message);
      });
    }

    it('takes update on the webservice, and hides what is invisible', async () => {
      await load(admin, '- !grant { role: !group conjur/authn-jwt/ci/operators, member: !user reader }');
      const reader = await as('reader');
      assertRefused(
        await patch('jwt/ci', { enabled: false }, reader),
        403,
        "CONJ00006E 'reader' does not have 'update' privilege on acct:webservice:conjur/authn-jwt/ci",
      );
      const message = "Authenticator: authn-jwt/keys not found in account 'acct'";
      assertRefused(await patch('jwt/keys', { enabled: false }, reader), 404, message);
      await load(
        admin,
        '- !permit { role: !user reader, privileges: [update], resource: !webservice conjur/authn-jwt/ci }',
      );
      assert.equal((await patch('jwt/ci', { enabled: false }, reader)).status, 200);
    });

    it('finds nothing that is not there', async () => {
      const message = "Authenticator: authn-jwt/foo not found in account 'acct'";
      assertRefused(await patch('jwt/foo', { enabled: true }), 404, message);
    });

    it('is what the older API shows and sets, too', async () => {
      const enabledAs = async (): Promise<boolean> =>
        ((await get('aws/prod')).json() as { readonly enabled: boolean }).enabled;
      assert.equal((await patch('iam/prod', { enabled: false })).status, 200);
      assert.equal(await enabledAs(), false);
      const lists = (await admin.send('GET', '/authenticators')).json() as {
        readonly enabled: readonly string[];
      };
      assert.ok(!lists.enabled.includes('authn-iam/prod'));
    });

    it('works for the one of GCP', async () => {
      assert.equal((await patch('gcp', { enabled: false })).status, 200);
      assert.equal(((await get('gcp/default')).json() as { readonly enabled: boolean }).enabled, false);
    });
  });

  describe('removing', () => {
    it('takes everything below along, whoever owns it, and leaves the policy of the kind', async () => {
      await create(jwt('going'));
      await load(
        admin,
        '- !variable { id: extra, owner: !user /app }\n- !host inside',
        'conjur/authn-jwt/going',
      );
      assertEmpty(await remove('jwt/going'), 204);
      const left = (await admin.send('GET', '/resources/acct?search=going')).json();
      assert.deepEqual(left, []);
      assert.equal((await admin.send('GET', '/resources/acct/policy/conjur%2Fauthn-jwt')).status, 200);
      const again = await create({ type: 'jwt', name: 'going', data: { jwks_uri: 'https://other.example' } });
      assert.equal(again.status, 201, again.text);
      const value = await admin.send('GET', secretPath(on.service, 'conjur/authn-jwt/going/jwks-uri'));
      assert.equal(value.text, 'https://other.example');
    });

    it('takes delete on its policy', async () => {
      const reader = await as('reader');
      assertRefused(await remove('jwt/ci', reader), 403, 'Unauthorized');
      await load(
        admin,
        '- !permit { role: !user reader, privileges: [delete], resource: !policy conjur/authn-jwt/ci }',
      );
      assertEmpty(await remove('jwt/ci', reader), 204);
      assertRefused(await remove('jwt/ci', reader), 404, "Authenticator: ci not found in account 'acct'");
    });

    it('of the one of GCP leaves its policy, so that it can be made again', async () => {
      assertEmpty(await remove('gcp/default'), 204);
      assert.equal((await get('gcp')).status, 404);
      assert.equal((await create({ type: 'gcp', name: 'default' })).status, 201);
    });
  });
});
