/**
 * The command line against the real service and a real issuer: the program that is shipped, as a process of its own, where
 * a user goes from nothing to a session and where a script reads what it prints; otherwise in this process.
 */
import assert from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TestHome, type Run } from '../cli/support.ts';
import * as client from '../support/client.ts';
import { startIssuer, type Issuer } from '../support/issuer.ts';
import { startTestService, testAccount, type TestService } from '../support/service.ts';

const policy = `
- !user alice
- !user bob
- !host builder
- !policy
  id: app
  body:
    - !variable password
    - !variable certificate
    - !group users
    - !permit
      role: !group users
      privileges: [read, execute]
      resource: !variable password
- !grant
  role: !group app/users
  member: !user alice
`;

describe('the command line and the service', function () {
  // Each command is a process that has to start.
  this.timeout(60_000);
  let service: TestService;
  let home: TestHome;
  let env: Record<string, string>;

  beforeEach(async () => {
    isProcess = false;
    service = await startTestService();
    home = new TestHome();
    env = { LATCHKEY_URL: service.url, LATCHKEY_ACCOUNT: testAccount };
  });
  afterEach(async () => {
    await service.stop();
    home.remove();
  });

  let isProcess: boolean;
  const latchkey = (line: string, input: string | Buffer = ''): Promise<Run> => {
    const [args, options] = [line.split(' '), { env, input }];
    return isProcess ? home.spawn(args, options) : home.run(args, options);
  };
  const asProcess = (): void => {
    isProcess = true;
  };

  /** Runs a command that has to succeed. */
  const done = async (line: string, input: string | Buffer = ''): Promise<string> => {
    const run = await latchkey(line, input);
    assert.equal(run.code, 0, `latchkey ${line}: ${run.stderr}`);
    return run.stdout;
  };

  const login = (name: string, secret = ''): Promise<string> =>
    done(`login -i ${name} --password-stdin`, secret);

  /** Commands act as the administrator without a login. */
  const actAsAdmin = (): void => {
    env = { ...env, LATCHKEY_AUTHN_LOGIN: 'admin', LATCHKEY_AUTHN_API_KEY: service.adminKey };
  };

  /** Loads into root, over HTTP; answers the API keys of the new roles. */
  const arrange = async (text: string): Promise<Readonly<Record<string, string>>> => {
    const { created_roles: created } = await client.load(await client.signIn(service), text);
    return Object.fromEntries(Object.values(created).map(({ id, api_key: key }) => [id, key]));
  };

  const modeOf = (file: string): number => statSync(join(home.configFolder, file)).mode & 0o777;

  describe('init, login, whoami, logout', () => {
    beforeEach(asProcess);

    it('go from a server to its administrator and back to nobody', async () => {
      const url = service.url;
      env = {};
      assert.match(await done(`init -u ${url} -a ${testAccount}`), /version 1\.24\.0/);
      assert.equal(modeOf('client.yml'), 0o600);
      await login('admin', `${service.adminKey}\n`);
      assert.equal(modeOf('credentials.json'), 0o600);
      assert.ok(readFileSync(home.credentials, 'utf8').includes(service.adminKey));
      assert.match(await done('whoami'), /^account: acct\nusername: admin\nclient ip: 127\.0\.0\.1\n/);
      await done('logout');
      assert.ok(!readFileSync(home.credentials, 'utf8').includes(service.adminKey));
      assert.equal((await latchkey('whoami')).code, 3);
    });

    it('refuse a wrong password, and keep nothing', async () => {
      const run = await latchkey('login -i admin --password-stdin', 'wrong-password-1');
      assert.equal(run.code, 3);
      assert.ok(!run.stderr.includes('wrong-password-1'));
      assert.equal((await latchkey('whoami')).code, 3);
    });

    it('end with 4 where no service answers, and write nothing', async () => {
      await service.stop();
      for (const line of [`init -u ${service.url} -a ${testAccount}`, 'login -i admin -p x'])
        assert.equal((await latchkey(line)).code, 4, line);
      assert.throws(() => statSync(home.configFolder), { code: 'ENOENT' });
    });
  });

  describe('authenticate', () => {
    it('prints a header that the service takes', async () => {
      actAsAdmin();
      const [name = '', value = ''] = (await done('authenticate -H')).trim().split(': ');
      const answer = await fetch(`${service.url}/whoami`, { headers: { [name]: value } });
      assert.equal(((await answer.json()) as { readonly username: string }).username, 'admin');
    });
  });

  describe('policy', () => {
    beforeEach(() => {
      actAsAdmin();
    });

    it('is loaded, updated and replaced', async () => {
      const loaded = JSON.parse(await done('policy load -b root -f -', policy)) as client.Loaded;
      const roles = ['acct:host:builder', 'acct:user:alice', 'acct:user:bob'];
      assert.deepEqual([Object.keys(loaded.created_roles).sort(), loaded.version], [roles, 1]);
      const update = await done(
        'policy update -b app -f -',
        '- !delete\n  record: !variable certificate\n- !host web\n- !variable own\n',
      );
      assert.deepEqual(Object.keys((JSON.parse(update) as client.Loaded).created_roles), [
        'acct:host:app/web',
      ]);
      assert.equal((await latchkey('variable set -i app/certificate -v x')).code, 1);
      await done('variable set -i app/own -v x');
      const file = join(home.path, 'app.yml');
      writeFileSync(file, '- !variable other\n');
      await done(`policy replace -b app -f ${file}`);
      assert.equal((await latchkey('variable set -i app/own -v x')).code, 1);
      await done('variable set -i app/other -v x');
      await done('variable set -i app/password -v x');
    });

    it('that cannot be read is refused with line and column', async () => {
      const text = '- !user alice\n- !policy\n  id: x\n  body:\n    - !varible v\n';
      const run = await latchkey('policy load -b root -f -', text);
      assert.deepEqual([run.code, run.stdout], [1, '']);
      assert.match(
        run.stderr,
        /422 Unprocessable Content\. It says: Error at line 5, column 7 in policy : .*'!varible'/,
      );
    });

    it('that names what is not there is refused with line and column, and nothing of it is there', async () => {
      const text = '- !variable v\n- !group g\n- !grant\n  role: !group g\n  member: !user none\n';
      const run = await latchkey('policy load -b root -f -', text);
      assert.deepEqual([run.code, run.stdout], [1, '']);
      assert.match(run.stderr, /User 'none' not found in account 'acct' \(line 5, column 11\)/);
      assert.equal((await latchkey('variable set -i v -v x')).code, 1);
    });

    it('of another is refused', async () => {
      const keys = await arrange(policy);
      env = { ...env, LATCHKEY_AUTHN_LOGIN: 'bob', LATCHKEY_AUTHN_API_KEY: keys['acct:user:bob'] ?? '' };
      assert.equal((await latchkey('policy load -b root -f -', '- !user eve\n')).code, 1);
    });
  });

  describe('variable', () => {
    beforeEach(async () => {
      actAsAdmin();
      await arrange(policy);
    });

    it('is set from standard input and from a file, byte for byte', async () => {
      asProcess();
      const bytes = Buffer.from([0, 255, 10, 13, 128, 10]);
      await done('variable set -i app/password', bytes);
      assert.deepEqual((await latchkey('variable get -i app/password')).stdoutBytes, bytes);
      const file = join(home.path, 'certificate.pem');
      writeFileSync(file, 'from a file\n');
      await done(`variable set -i app/certificate -f ${file}`);
      assert.equal(await done('variable get -i acct:variable:app/certificate'), 'from a file\n');
    });

    it('is read in any of its versions', async () => {
      for (const value of ['one', 'two']) await done('variable set -i app/password', value);
      assert.equal(await done('variable get -i app/password'), 'two');
      assert.equal(await done('variable get -i app/password --version 1'), 'one');
      assert.equal((await latchkey('variable get -i app/password --version 3')).code, 1);
    });

    it('comes as JSON together with others, or not at all', async () => {
      await done('variable set -i app/password -v x');
      const one = await latchkey('variable get -i app/password,app/certificate');
      assert.deepEqual([one.code, one.stdout], [1, '']);
      await done('variable set -i app/certificate -v y');
      for (const ids of ['app/password,app/certificate', 'app/password app/certificate']) {
        const values = JSON.parse(await done(`variable get -i ${ids}`)) as unknown;
        assert.deepEqual(values, { 'app/password': 'x', 'app/certificate': 'y' });
      }
    });
  });

  describe('credentials', () => {
    let keys: Readonly<Record<string, string>>;

    beforeEach(async () => {
      keys = await arrange(policy);
    });

    it('are rotated by the user, who stays logged in while the old key ends', async () => {
      const old = keys['acct:user:bob'];
      await login('bob', old);
      const fresh = (await done('user rotate-api-key')).trim();
      assert.notEqual(fresh, old);
      assert.equal(modeOf('credentials.json'), 0o600);
      assert.match(await done('whoami'), /username: bob/);
      assert.equal((await latchkey('login -i bob --password-stdin', old)).code, 3);
      await login('bob', fresh);
    });

    it('are rotated by a host, and by who owns it', async () => {
      await login('host/builder', keys['acct:host:builder']);
      const own = (await done('host rotate-api-key')).trim();
      await login('host/builder', own);
      actAsAdmin();
      const fresh = (await done('host rotate-api-key -i builder')).trim();
      env = { LATCHKEY_URL: service.url, LATCHKEY_ACCOUNT: testAccount };
      assert.equal((await latchkey('whoami')).code, 3);
      await login('host/builder', fresh);
      assert.match(await done('whoami'), /username: host\/builder/);
    });

    it('of another user are refused to who does not own it', async () => {
      await login('bob', keys['acct:user:bob']);
      const run = await latchkey('user rotate-api-key -i alice');
      assert.notEqual(run.code, 0);
      await login('alice', keys['acct:user:alice']);
    });

    it('may be a password, which has to be strong', async () => {
      await login('bob', keys['acct:user:bob']);
      assert.equal((await latchkey('user change-password --password-stdin', 'weak')).code, 1);
      await done('user change-password --password-stdin', 'New-Passw0rd-of-bob\n');
      await done('logout');
      await login('bob', 'New-Passw0rd-of-bob\n');
      assert.match(await done('whoami'), /username: bob/);
      assert.ok(!readFileSync(home.credentials, 'utf8').includes('New-Passw0rd'));
    });
  });

  describe('authn-oidc', () => {
    const variables = 'conjur/authn-oidc/okta';
    let issuer: Issuer;

    before(async () => {
      issuer = await startIssuer({ algorithms: ['RS256'] });
    });
    after(() => issuer.stop());

    beforeEach(async () => {
      for (const name of ['the-application', 'authn-oidc-okta', 'authn-oidc-okta-users'])
        await arrange(readFileSync(`policies/${name}.yml`, 'utf8'));
      const admin = await client.signIn(service);
      await client.setSecret(admin, `${variables}/provider-uri`, issuer.url);
      await client.setSecret(admin, `${variables}/id-token-user-property`, 'preferred_username');
      await client.setSecret(admin, 'the-application/required-var', 'opened');
    });

    const idToken = (user: string): Promise<string> => issuer.idToken(user, { clientId: 'the-application' });

    it('is enabled, checked and disabled', async () => {
      actAsAdmin();
      const off = await latchkey('authenticator status -i authn-oidc/okta');
      assert.equal(off.code, 1);
      assert.match(off.stderr, /CONJ00004E 'authn-oidc\/okta' is not enabled/);
      await done('authenticator enable -i authn-oidc/okta');
      const unset = await latchkey('authenticator status -i authn-oidc/okta --output json');
      assert.equal(unset.code, 1);
      assert.equal((JSON.parse(unset.stdout) as { readonly status: string }).status, 'error');
      assert.match(unset.stderr, /CONJ00037E .*\/audience/);
      await done(`variable set -i ${variables}/audience -v the-application`);
      assert.match(await done('authenticator status -i authn-oidc/okta'), /in order/);
      await done('authenticator disable -i authn-oidc/okta');
      assert.equal((await latchkey('authenticator status -i authn-oidc/okta')).code, 1);
    });

    it('is in order without an audience, with a warning', async () => {
      actAsAdmin();
      await done('authenticator enable -i authn-oidc/okta');
      await done('policy update -b root -f -', `- !delete\n  record: !variable ${variables}/audience\n`);
      const run = await latchkey('authenticator status -i authn-oidc/okta --output json');
      assert.equal(run.code, 0, run.stderr);
      assert.match(run.stderr, /^warning: .*audience/);
      const { warnings } = JSON.parse(run.stdout) as { readonly warnings: readonly string[] };
      assert.equal(warnings.length, 1);
    });

    it('lets the user of an ID token in, from a file or standard input, and nobody else', async () => {
      asProcess();
      const admin = await client.signIn(service);
      await client.setSecret(admin, `${variables}/audience`, 'the-application');
      await admin.send('PATCH', `/authn-oidc/okta/${testAccount}`, 'enabled=true');
      const file = join(home.path, 'alice.jwt');
      writeFileSync(file, `${await idToken('alice')}\n`);
      for (const [source, input] of [
        [file, ''],
        ['-', await idToken('alice')],
      ] as const) {
        await done(`authn-oidc login -i okta -f ${source}`, input);
        assert.equal(modeOf('credentials.json'), 0o600);
        assert.match(await done('whoami'), /username: alice/);
        assert.equal(await done('variable get -i the-application/required-var'), 'opened');
        await done('logout');
      }

      await done(`authn-oidc login -i okta -f ${file}`);
      assert.equal((await latchkey('user rotate-api-key')).code, 3, 'an access token is not enough');
      const bob = await latchkey('authn-oidc login -i okta -f -', await idToken('bob'));
      assert.deepEqual([bob.code, bob.stdout], [1, '']);
      assert.match(bob.stderr, /403 Forbidden/);
      assert.match(await done('whoami'), /username: alice/, 'who was logged in stays so');
      const other = await latchkey('authn-oidc login -i okta -f -', await issuer.idToken('alice'));
      assert.equal(other.code, 3, 'an ID token for another application');
    });
  });

  it('prints what can be parsed, with --output json', async () => {
    asProcess();
    const parsed = async (line: string, input = ''): Promise<Record<string, unknown>> =>
      JSON.parse(await done(`${line} --output json`, input)) as Record<string, unknown>;
    await parsed(`init -u ${service.url} -a ${testAccount}`);
    await parsed('login -i admin --password-stdin', service.adminKey);
    assert.equal((await parsed('whoami'))['username'], 'admin');
    assert.equal(typeof (await parsed('authenticate'))['payload'], 'string');
    assert.equal((await parsed('policy load -b root -f -', policy))['version'], 1);
    await parsed('variable set -i app/password -v x');
    assert.deepEqual(await parsed('variable get -i app/password'), { 'app/password': 'x' });
    assert.equal(typeof (await parsed('user rotate-api-key -i bob'))['api_key'], 'string');
    await parsed('user change-password --password-stdin', 'New-Passw0rd-here');
    await parsed('logout');
  });
});
