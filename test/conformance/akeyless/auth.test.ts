/** Authentication methods of Akeyless’ dialect: access ids, access types, and the tokens that `auth` gives. */
import assert from 'node:assert/strict';
import { decodeJwt } from 'jose';
import {
  AkeylessWorld,
  call,
  done,
  refused,
  type AppCredentials,
  type Body,
} from '../../support/akeyless.ts';
import { awsAccount, machine, methodsPolicy } from '../../support/akeyless-methods.ts';
import { exchangeGrant } from '../../support/akeyless-tokens.ts';
import { load, send, setSecret, signIn } from '../../support/client.ts';
import { signedHeaders, startFakeSts, type FakeSts } from '../../support/fake-sts.ts';
import { startIssuer, type Issuer } from '../../support/issuer.ts';
import { openJwtStage, type JwtStage } from '../../support/jwt-stage.ts';
import { describeOnStores } from '../../support/on-stores.ts';
import { startLdap, type LdapServer } from '../../support/slapd.ts';

const tokenForm = /^t-[0-9a-f]{32}$/;

const policy = `${methodsPolicy}- !policy
  id: conjur/authn-ldap/people
  body:
  - !webservice
  - !permit { role: !user /alice, privilege: [ read, authenticate ], resource: !webservice "" }
- !user { id: fenced, restricted_to: 198.51.100.0/24 }
- !user { id: walled, restricted_to: 198.51.100.0/24 }
- !user hasty
`;

const env: Record<string, string> = {
  LATCHKEY_AUTHENTICATORS: 'authn,authn-oidc/mail,authn-ldap/people,authn-iam/prod',
};

describe('auth of Akeyless’ dialect', () => {
  let directory: LdapServer;
  let sts: FakeSts;
  let issuer: Issuer;

  before(async () => {
    directory = await startLdap([{ uid: 'alice', password: 'ldap of alice' }]);
    sts = await startFakeSts([machine]);
    issuer = await startIssuer({ algorithms: ['RS256'] });
    Object.assign(env, {
      LDAP_URI: directory.url,
      LDAP_BASE: directory.baseDn,
      LDAP_BINDDN: directory.bindDn,
      LDAP_BINDPW: directory.bindPassword,
      LATCHKEY_STS_ENDPOINT: sts.url,
    });
  });
  after(async () => {
    await Promise.all([directory.stop(), sts.stop(), issuer.stop()]);
  });

  describeOnStores(
    'as a service',
    (on) => {
      let world: AkeylessWorld;
      let stage: JwtStage;
      let keys: Readonly<Record<string, { readonly api_key: string }>>;

      before(async () => {
        world = await AkeylessWorld.of(on.service);
        ({ created_roles: keys } = await load(world.admin, policy));
        await setSecret(world.admin, 'conjur/authn-oidc/mail/provider-uri', issuer.url);
        await setSecret(world.admin, 'conjur/authn-oidc/mail/id-token-user-property', 'username');
        stage = await openJwtStage(on);
        await stage.define('lab');
      });
      after(() => stage.stop());

      const authenticated = async (body: Body): Promise<string> => {
        const answer = await done(on.service, 'auth', body);
        assert.deepEqual(Object.keys(answer), ['token']);
        assert.match(String(answer['token']), tokenForm);
        return String(answer['token']);
      };
      const exchanged = async (
        { name, clientId, clientSecret }: AppCredentials,
        form: Readonly<Record<string, string>>,
      ): Promise<{ readonly status: number; readonly body: Body }> => {
        const { issuer_url: url } = await world.clientInfo(name);
        const grant = { grant_type: exchangeGrant, client_id: clientId, client_secret: clientSecret };
        const body = new URLSearchParams({ ...grant, ...form });
        const answer = await fetch(`${String(url)}/oauth2/token`, { method: 'POST', body });
        return { status: answer.status, body: (await answer.json()) as Body };
      };
      /** Whom a token is, by what list-auth-methods shows of the caller alone. */
      const isToken = async (token: string, method: string, login: string): Promise<void> => {
        const entry = { access_id: await world.accessIdOf(method), sub_claims: { login: [login] } };
        const app = await world.app(`who-${Math.random()}`, {
          'permission-assignment': [entry],
          scopes: 'login',
        });
        const { status, body } = await exchanged(app, { assertion: token, scope: 'login' });
        assert.equal(status, 200, JSON.stringify(body));
        const claims = decodeJwt(String(body['access_token']));
        assert.equal(claims['login'], login);
        const own = await world.accessIdOf(`authn/${login}`);
        const shown = method.startsWith('authn/') || method === 'authn' ? own : entry.access_id;
        assert.equal(claims['sub'], `${shown}/${own}`);
      };

      it('takes the access id of a role and its API key; access_key is the default type', async () => {
        const accessId = await world.accessIdOf('authn/alice');
        const proof = { 'access-id': accessId, 'access-key': world.apiKeyOf('alice') };
        for (const type of [undefined, '', 'access_key', 'api_key']) {
          const token = await authenticated({ ...proof, 'access-type': type });
          await isToken(token, 'authn/alice', 'alice');
        }
      });

      it('takes the access id of all API keys, or none, with a login', async () => {
        const proof = { login: 'host/ci', 'access-key': world.apiKeyOf('host/ci') };
        await isToken(
          await authenticated({ ...proof, 'access-id': await world.accessIdOf('authn') }),
          'authn',
          'host/ci',
        );
        await isToken(await authenticated(proof), 'authn', 'host/ci');
      });

      it('takes a password', async () => {
        const password = 'Correct-Horse-7';
        const basic = Buffer.from(`bob:${world.apiKeyOf('bob')}`).toString('base64');
        const changed = await send(`${on.service.url}/authn/${on.service.account}/password`, 'PUT', {
          headers: { authorization: `Basic ${basic}` },
          body: password,
        });
        assert.equal(changed.status, 204);
        const token = await authenticated({
          'access-type': 'password',
          'admin-email': 'bob',
          'admin-password': password,
        });
        await isToken(token, 'authn', 'bob');
      });

      it('takes an ID token at the access id of an authn-oidc service', async () => {
        const accessId = await world.accessIdOf('authn-oidc/mail');
        const jwt = await issuer.idToken('alice');
        const token = await authenticated({ 'access-type': 'oidc', 'access-id': accessId, jwt });
        await isToken(token, 'authn-oidc/mail', 'alice');
      });

      it('takes a JWT at the access id of an authn-jwt service', async () => {
        const accessId = await world.accessIdOf('authn-jwt/lab');
        const body = { 'access-id': accessId, jwt: stage.token('lab') };
        await isToken(
          await authenticated({ ...body, 'access-type': 'jwt' }),
          'authn-jwt/lab',
          'host/app-lab',
        );
        await authenticated({ ...body, 'access-type': 'oauth2' });
      });

      it('takes the password of a directory', async () => {
        const accessId = await world.accessIdOf('authn-ldap/people');
        const proof = { ldap_username: 'alice', ldap_password: 'ldap of alice' };
        const token = await authenticated({ 'access-type': 'ldap', 'access-id': accessId, ...proof });
        await isToken(token, 'authn-ldap/people', 'alice');
      });

      it('takes a signed request of AWS', async () => {
        const accessId = await world.accessIdOf('authn-iam/prod');
        const cloudId = Buffer.from(JSON.stringify(signedHeaders(machine))).toString('base64');
        const login = `host/${awsAccount}/web`;
        const proof = { 'access-type': 'aws_iam', 'access-id': accessId, 'cloud-id': cloudId };
        await isToken(await authenticated({ ...proof, login }), 'authn-iam/prod', login);
        await refused(on.service, 'auth', proof, 400, /^login is needed$/);
      });

      it('refuses with one and the same word whatever is wrong', async () => {
        const alice = await world.accessIdOf('authn/alice');
        const okta = await world.accessIdOf('authn-oidc/okta');
        const key = world.apiKeyOf('alice');
        const wrong: readonly Body[] = [
          { 'access-id': alice, 'access-key': 'wrong' },
          { 'access-id': alice, 'access-key': world.apiKeyOf('bob') },
          { 'access-id': 'p-000000000000', 'access-key': key },
          { 'access-id': okta, 'access-key': key },
          { 'access-id': alice, login: 'bob', 'access-key': world.apiKeyOf('bob') },
          { login: 'nobody', 'access-key': key },
          { login: 'fenced', 'access-key': keys[`${on.service.account}:user:fenced`]?.api_key },
          { 'access-type': 'password', 'admin-email': 'alice', 'admin-password': 'wrong' },
          { 'access-type': 'oidc', 'access-id': alice, jwt: await issuer.idToken('alice') },
          { 'access-type': 'oidc', 'access-id': okta, jwt: await issuer.idToken('alice') },
          { 'access-type': 'oidc', 'access-id': await world.accessIdOf('authn-oidc/mail'), jwt: 'none' },
          { 'access-type': 'jwt', 'access-id': await world.accessIdOf('authn-jwt/lab'), jwt: 'a.b.c' },
        ];
        for (const body of wrong) await refused(on.service, 'auth', body, 401, /^Unauthorized$/);
      });

      it('says what is missing, and which types there are not', async () => {
        await refused(on.service, 'auth', {}, 400, /^access-key is needed$/);
        await refused(on.service, 'auth', { 'access-key': 'x' }, 400, /^access-id is needed$/);
        await refused(on.service, 'auth', { 'access-type': 'oidc' }, 400, /^access-id is needed$/);
        const authn = { 'access-id': await world.accessIdOf('authn'), 'access-key': 'x' };
        await refused(on.service, 'auth', authn, 400, /^login is needed$/);
        for (const type of ['saml', 'universal_identity', 'kerberos', 'constructor']) {
          await refused(
            on.service,
            'auth',
            { 'access-type': type },
            400,
            /^The access type is not supported$/,
          );
        }
        await refused(on.service, 'auth', { 'access-id': 7 }, 400, /^access-id must be text$/);
      });

      it('ends for a while what fails too often', async () => {
        const key = keys[`${on.service.account}:user:hasty`]?.api_key;
        for (let attempt = 0; attempt < 10; attempt += 1) {
          await refused(on.service, 'auth', { login: 'hasty', 'access-key': 'wrong' }, 401, /./);
        }
        await refused(on.service, 'auth', { login: 'hasty', 'access-key': key }, 429, /./);
      });

      it('counts a right key from a forbidden address as a failure, so that nothing tells that it is right', async () => {
        const key = keys[`${on.service.account}:user:walled`]?.api_key;
        for (let attempt = 0; attempt < 10; attempt += 1) {
          await refused(on.service, 'auth', { login: 'walled', 'access-key': key }, 401, /^Unauthorized$/);
        }
        await refused(on.service, 'auth', { login: 'walled', 'access-key': key }, 429, /./);
        const records = (await on.service.auditLines()).filter((line) => line.includes('user:walled'));
        assert.ok(
          records.some((line) => line.includes('CONJ00003E')),
          records.join('\n'),
        );
      });

      it('lets no method stand for anybody once policy has it no more', async () => {
        await stage.define('gone');
        const entry = { access_id: await world.accessIdOf('authn-jwt/gone'), sub_claims: {} };
        const app = await world.app('by-gone', { 'permission-assignment': [entry] });
        const proof = { 'access-type': 'jwt', 'access-id': entry.access_id, jwt: stage.token('gone') };
        const assertion = await authenticated(proof);
        assert.equal((await exchanged(app, { assertion })).status, 200);
        await load(world.admin, '- !delete { record: !webservice conjur/authn-jwt/gone }', 'root', 'PATCH');
        const { status, body } = await exchanged(app, { assertion });
        assert.deepEqual([status, body['error']], [400, 'access_denied']);
      });

      it('is recorded: the proof, and the session that began; an unknown access id as well', async () => {
        await authenticated({ login: 'alice', 'access-key': world.apiKeyOf('alice') });
        const [proof = '', started = ''] = (await on.service.auditLines()).slice(-2);
        assert.match(proof, /user:alice.*authn/);
        assert.match(started, /user:alice/);
        await refused(on.service, 'auth', { 'access-id': 'p-000000000000', 'access-key': 'x' }, 401, /./);
        const refusal = (await on.service.auditLines()).at(-1) ?? '';
        assert.match(refusal, /the access id is not one of an own secret/);
      });

      it('gives tokens that end when the API key is rotated', async () => {
        const token = await authenticated({ login: 'host/ci', 'access-key': world.apiKeyOf('host/ci') });
        await done(on.service, 'list-groups', { token });
        await world.admin.send('PUT', `/authn/${on.service.account}/api_key?role=host:ci`);
        await refused(on.service, 'list-groups', { token }, 401, /./);
      });

      describe('list-auth-methods', () => {
        const listed = async (body: Body, login = 'admin'): Promise<readonly Record<string, unknown>[]> => {
          const { auth_methods: methods } = await world.done('list-auth-methods', body, login);
          return methods as readonly Record<string, unknown>[];
        };
        const namesFor = async (login: string): Promise<readonly unknown[]> =>
          (await listed({}, login)).map((method) => method['auth_method_name']);

        it('has every authenticator of policy, and each role’s own secret', async () => {
          const all = await namesFor('admin');
          const authenticators = ['authn', 'authn-iam/prod', 'authn-jwt/lab', 'authn-ldap/people'];
          for (const name of [
            ...authenticators,
            'authn-oidc/mail',
            'authn-oidc/okta',
            'authn/alice',
            'authn/host/ci',
          ]) {
            assert.ok(all.includes(name), `${name} of ${all.join(', ')}`);
          }
        });

        it('shows of roles only those that the caller may see, and itself', async () => {
          const all = await namesFor('bob');
          assert.ok(all.includes('authn/bob') && all.includes('authn-oidc/okta'));
          assert.ok(!all.includes('authn/alice'));
        });

        it('shows all to whom policy lets read identities', async () => {
          assert.deepEqual(await namesFor('manager'), await namesFor('admin'));
          const { groups } = await world.done('list-groups', { filter: 'developers' }, 'manager');
          assert.equal((groups as readonly Body[]).length, 1);
        });

        it('shows access ids of p- and 12, each once, with the type of the method', async () => {
          const all = await listed({});
          const ids = all.map((method) => String(method['auth_method_access_id']));
          assert.ok(ids.every((id) => /^p-[a-z0-9]{12}$/.test(id)));
          assert.equal(new Set(ids).size, ids.length);
          const types = new Map(
            all.map((each) => [each['auth_method_name'], (each['access_info'] as Body)['rules_type']]),
          );
          const expected = { authn: 'api_key', 'authn/alice': 'api_key', 'authn-oidc/mail': 'oidc' };
          const more = {
            'authn-jwt/lab': 'oauth2/jwt',
            'authn-ldap/people': 'ldap',
            'authn-iam/prod': 'aws_iam',
          };
          for (const [name, type] of Object.entries({ ...expected, ...more }))
            assert.equal(types.get(name), type);
        });

        it('filters by a part of the name and by type', async () => {
          assert.deepEqual((await listed({ filter: 'OIDC/MA' })).length, 1);
          const ldap = await listed({ type: ['ldap'] });
          assert.deepEqual(
            ldap.map((method) => method['auth_method_name']),
            ['authn-ldap/people'],
          );
        });
      });

      describe('list-groups', () => {
        it('has the groups and layers that the caller may see, also by the name that Akeyless gives the call', async () => {
          for (const path of ['list-groups', 'list-group']) {
            const { groups } = await world.done(path, { filter: 'a' });
            const shown = (groups as readonly Record<string, string>[]).map((group) => group['group_name']);
            assert.ok(shown.includes('backend') && shown.includes('machines') && !shown.includes('empty'));
            assert.deepEqual(shown.toSorted(), shown);
          }
          assert.deepEqual((await world.done('list-groups', {}, 'bob'))['groups'], []);
        });

        it('gives a group that is made again another id', async () => {
          const before = await world.groupIdOf('empty');
          assert.match(before, /^g-[a-z0-9]{12}$/);
          assert.equal(await world.groupIdOf('empty'), before);
          await load(world.admin, '- !delete { record: !group empty }', 'root', 'PATCH');
          await load(world.admin, '- !group empty');
          assert.notEqual(await world.groupIdOf('empty'), before);
        });
      });

      it('takes nothing in the name of another account', async () => {
        const operator = await signIn(on.service);
        const token = Buffer.from(operator.token).toString('base64');
        await done(on.service, 'list-groups', { token });
        const answer = await call(on.service, 'list-groups', { token: `${token.slice(0, -8)}AAAAAAA=` });
        assert.equal(answer.status, 401);
      });
    },
    env,
  );
});
