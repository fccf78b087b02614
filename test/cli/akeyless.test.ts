/** The commands about OIDC apps against the real home.service. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AkeylessWorld, type Body } from '../support/akeyless.ts';
import { awsAccount, machine, methodsPolicy } from '../support/akeyless-methods.ts';
import { load, setSecret } from '../support/client.ts';
import { startFakeSts, type FakeSts } from '../support/fake-sts.ts';
import { startIssuer, type Issuer } from '../support/issuer.ts';
import { AdminHome } from './admin-home.ts';

describe('latchkey, as Akeyless’ command line', () => {
  let home: AdminHome;
  let world: AkeylessWorld;
  let sts: FakeSts;
  let issuer: Issuer;

  before(async () => {
    sts = await startFakeSts([machine]);
    issuer = await startIssuer({ algorithms: ['RS256'] });
    home = await AdminHome.start({
      LATCHKEY_STS_ENDPOINT: sts.url,
      LATCHKEY_AUTHENTICATORS: 'authn,authn-oidc/mail,authn-iam/prod',
    });
    world = await AkeylessWorld.of(home.service);
    await load(world.admin, methodsPolicy);
    await setSecret(world.admin, 'conjur/authn-oidc/mail/provider-uri', issuer.url);
    await setSecret(world.admin, 'conjur/authn-oidc/mail/id-token-user-property', 'username');
  });
  after(async () => {
    await Promise.all([home.close(), sts.stop(), issuer.stop()]);
  });

  const done = (...args: readonly string[]): Promise<string> => home.done(args);
  const json = async (...args: readonly string[]): Promise<Body> => JSON.parse(await done(...args)) as Body;
  const refused = async (code: number, message: RegExp, ...args: readonly string[]): Promise<void> => {
    await home.refused(code, message, args);
  };
  const info = async (name: string): Promise<Body> => {
    const item = await json('describe-item', '--name', name);
    return (item['item_general_info'] as { readonly oidc_client_info: Body }).oidc_client_info;
  };

  describe('create-oidc-app', () => {
    it('prints name, client_id and client_secret as the documented command does', async () => {
      const accessId = await world.accessIdOf('authn');
      const printed = await done(
        'create-oidc-app',
        '--name',
        'My OIDC App',
        '--redirect-uris',
        'https://app.example/cb,https://app.example/other',
        '--scopes',
        'openid,email',
        '--audience',
        'api://one',
        '--access-permission-assignment',
        `[{"access_id":"${accessId}", "sub_claims":{"email":["alice@example.com"]}}]`,
      );
      assert.match(
        printed,
        /^\{\n {2}"name": "My OIDC App",\n {2}"client_id": "c-[a-z0-9]{20}",\n {2}"client_secret": "[0-9a-f]{64}"\n\}\n$/,
      );
      const {
        redirect_uris: uris,
        scopes,
        audience,
        access_permission_assignment: assignment,
      } = await info('My OIDC App');
      assert.deepEqual(uris, ['https://app.example/cb', 'https://app.example/other']);
      assert.deepEqual([scopes, audience], [['openid', 'email'], ['api://one']]);
      assert.deepEqual(assignment, [{ access_id: accessId, sub_claims: { email: ['alice@example.com'] } }]);
    });

    it('takes the assignment from a file, groups included', async () => {
      const assignment = [{ group_id: await world.groupIdOf('developers'), sub_claims: {} }];
      const file = join(home.path, 'assignment.json');
      writeFileSync(file, JSON.stringify(assignment));
      await done('create-oidc-app', '-n', 'team/from-file', '--permission-assignment-file', file);
      assert.deepEqual((await info('team/from-file'))['access_permission_assignment'], assignment);
    });

    it('makes a public app, which has no secret', async () => {
      assert.deepEqual(Object.keys(await json('create-oidc-app', '--name', 'spa', '--public')), [
        'name',
        'client_id',
      ]);
    });

    it('refuses both forms of the assignment, a file that is not there, and what is no array, before it asks anybody', async () => {
      const file = join(home.path, 'wrong.json');
      writeFileSync(file, '{"access_id":"p-000000000000"}');
      const create = ['create-oidc-app', '--name', 'x'];
      const elsewhere = { ...home.env, LATCHKEY_URL: 'http://127.0.0.1:1' };
      const offline = async (message: RegExp, ...args: readonly string[]): Promise<void> => {
        const run = await home.run([...create, ...args], { env: elsewhere });
        assert.deepEqual([run.code, message.test(run.stderr)], [2, true], run.stderr);
      };
      await offline(
        /only one of/,
        '--access-permission-assignment',
        '[]',
        '--permission-assignment-file',
        file,
      );
      await offline(/wrong\.json holds no JSON array/, '--permission-assignment-file', file);
      await offline(
        /absent\.json: there is no such file/,
        '--permission-assignment-file',
        join(home.path, 'absent.json'),
      );
      await offline(/holds no JSON array/, '--access-permission-assignment', '{');
      await refused(2, /--name/, 'create-oidc-app');
    });

    it('says what the server refused', async () => {
      await refused(1, /an app of this name$/m, 'create-oidc-app', '--name', 'My OIDC App');
      await refused(
        1,
        /redirect-uris has a URI with plain http/,
        'create-oidc-app',
        '-n',
        'y',
        '-r',
        'http://a.example/',
      );
    });
  });

  describe('the other commands', () => {
    it('update-oidc-app replaces what is given and leaves the rest', async () => {
      const before = await info('My OIDC App');
      const text = await done(
        'update-oidc-app',
        '--name',
        'My OIDC App',
        '--scopes',
        'openid',
        '--audience',
        'a,b',
      );
      assert.equal(text, 'OIDC app My OIDC App is updated\n');
      assert.deepEqual(await info('My OIDC App'), { ...before, scopes: ['openid'], audience: ['a', 'b'] });
      await refused(2, /nothing to change/, 'update-oidc-app', '--name', 'My OIDC App');
      await refused(1, /no app of this name/, 'update-oidc-app', '--name', 'nowhere', '--scopes', 'x');
    });

    it('update-item renames, list-items lists by folder, get shows, delete-item deletes', async () => {
      assert.equal(
        await done('update-item', '--name', 'spa', '--new-name', 'web/spa'),
        'spa is now web/spa\n',
      );
      const listed = await json('list-items', '--path', 'web');
      assert.deepEqual(
        (listed['items'] as readonly Body[]).map((item) => item['item_name']),
        ['web/spa'],
      );
      const { folders } = await json('list-items');
      assert.deepEqual(folders, ['team', 'web']);
      assert.equal((await json('get', '--name', 'web/spa'))['item_name'], 'web/spa');
      assert.deepEqual(await json('delete-item', '--name', 'web/spa', '--output', 'json'), {
        name: 'web/spa',
        deleted: true,
      });
      await refused(1, /no app of this name/, 'describe-item', '--name', 'web/spa');
    });

    it('rotate-oidc-app-secret prints the new secret', async () => {
      const app = await json('rotate-oidc-app-secret', '--name', 'My OIDC App', '--overlap-seconds', '60');
      assert.deepEqual(Object.keys(app), ['name', 'client_id', 'client_secret']);
      await refused(
        2,
        /whole number of seconds/,
        'rotate-oidc-app-secret',
        '-n',
        'x',
        '--overlap-seconds',
        '1h',
      );
    });

    it('list-auth-methods and list-groups show the ids to assign', async () => {
      const methods = await json('list-auth-methods', '--filter', 'authn/alice');
      assert.equal(
        (methods['auth_methods'] as readonly Body[])[0]?.['auth_method_access_id'],
        await world.accessIdOf('authn/alice'),
      );
      const groups = await json('list-groups', '--filter', 'developers');
      assert.equal(
        (groups['groups'] as readonly Body[])[0]?.['group_id'],
        await world.groupIdOf('developers'),
      );
    });
  });

  describe('auth', () => {
    const succeeded = /^Authentication succeeded\.\nToken: t-[0-9a-f]{32}\n$/;

    it('prints that it succeeded, and the token', async () => {
      const accessId = await world.accessIdOf('authn/alice');
      const key = world.apiKeyOf('alice');
      const typed = ['auth', '--access-type', 'access_key', '--access-id', accessId];
      assert.match(await done(...typed, '--access-key', key), succeeded);
      const run = await home.run([...typed, '--secret-stdin'], { input: `${key}\n` });
      assert.match(run.stdout, succeeded);
      const { token } = await json('auth', '--access-id', accessId, '--access-key', key, '--output', 'json');
      assert.match(String(token), /^t-/);
    });

    it('takes the API key of who is logged in where none is given', async () => {
      assert.match(await done('auth'), succeeded);
      const own = await world.accessIdOf('authn/admin');
      assert.match(await done('auth', '--access-id', own), succeeded);
      const without = { ...home.env, LATCHKEY_AUTHN_API_KEY: '', LATCHKEY_AUTHN_LOGIN: '' };
      assert.equal((await home.run(['auth'], { env: without })).code, 3);
    });

    it('runs the documented command for AWS by the credentials in the environment', async () => {
      const accessId = await world.accessIdOf('authn-iam/prod');
      const aws = {
        ...home.env,
        LATCHKEY_AUTHN_LOGIN: `host/${awsAccount}/web`,
        AWS_ACCESS_KEY_ID: machine.accessKeyId,
        AWS_SECRET_ACCESS_KEY: machine.secretAccessKey,
        AWS_SESSION_TOKEN: machine.sessionToken,
      };
      const run = await home.run(['auth', '--access-type=aws_iam', '--access-id', accessId], { env: aws });
      assert.match(run.stdout, succeeded, run.stderr);
      await refused(2, /AWS_ACCESS_KEY_ID/, 'auth', '--access-type=aws_iam', '--access-id', accessId);
    });

    it('takes an ID token', async () => {
      const accessId = await world.accessIdOf('authn-oidc/mail');
      const jwt = await issuer.idToken('alice');
      assert.match(
        await done('auth', '--access-type', 'oidc', '--access-id', accessId, '--jwt', jwt),
        succeeded,
      );
    });

    it('ends with 3 where the proof is refused, without a word of it', async () => {
      const wrong = 'wrong-key-of-mine';
      const run = await home.run(['auth', '--login', 'alice', '--access-key', wrong]);
      assert.equal(run.code, 3);
      assert.ok(!run.stderr.includes(wrong));
      await refused(2, /--access-id, or --login/, 'auth', '--access-key', wrong);
      await refused(1, /access type is not supported/, 'auth', '--access-type', 'saml');
      await refused(
        1,
        /admin-password is needed/,
        'auth',
        '--access-type',
        'password',
        '--admin-email',
        'bob',
      );
      await refused(
        1,
        /access-id is needed/,
        'auth',
        '--access-type',
        'ldap',
        '--username',
        'a',
        '--password',
        'b',
      );
    });
  });
});
