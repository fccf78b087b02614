import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { FakeService } from './fake-service.ts';
import { adminKey, adminPassword, fakeService, idToken, tokenFor } from './fake-service.ts';
import type { TestServer } from './support.ts';
import { TestHome, serve } from './support.ts';

describe('logging in', () => {
  let service: FakeService;
  let server: TestServer;
  let home: TestHome;
  let env: Record<string, string>;

  beforeEach(async () => {
    service = fakeService();
    server = await serve(service.handler);
    home = new TestHome();
    env = { LATCHKEY_URL: server.url, LATCHKEY_ACCOUNT: 'acme' };
  });

  afterEach(async () => {
    await server.close();
    home.remove();
  });

  async function loggedIn(): Promise<void> {
    const run = await home.run(['login', '-i', 'admin', '-p', adminPassword], { env });
    assert.equal(run.code, 0, run.stderr);
  }

  it('keeps the API key, not the password, where only the user can read it', async () => {
    const run = await home.run(['login', '-i', 'admin', '-p', adminPassword], { env });
    assert.deepEqual([run.code, run.stdout, run.stderr], [0, 'Logged in to account acme as admin\n', '']);
    const text = readFileSync(home.credentials, 'utf8');
    assert.ok(text.includes(adminKey));
    assert.ok(!text.includes(adminPassword));
    assert.equal(statSync(home.credentials).mode & 0o777, 0o600);
    assert.equal(statSync(home.configFolder).mode & 0o777, 0o700);
    assert.deepEqual(readdirSync(home.configFolder), ['credentials.json']);
  });

  it('takes the password from standard input, without the newline at its end', async () => {
    const args = ['login', '-i', 'admin', '--password-stdin', '--output', 'json'];
    const run = await home.run(args, { env, input: `${adminPassword}\n` });
    assert.equal(run.code, 0, run.stderr);
    assert.deepEqual(JSON.parse(run.stdout), { account: 'acme', login: 'admin' });
  });

  it('asks for the password at a terminal and shows nothing of it', async () => {
    const typed = `${adminPassword}xy\u007f\u007f\r`;
    const run = await home.runAtTerminal(['login', '-i', 'admin'], typed, env);
    assert.equal(run.code, 0, run.stderr);
    assert.equal(run.stderr, 'Password or API key of admin: \n');
    assert.deepEqual(run.rawModes, [true, false]);
  });

  it('ends with its own code when interrupted at the prompt, and gives the terminal back', async () => {
    const run = await home.runAtTerminal(['login', '-i', 'admin'], 'half\u0003', env);
    assert.equal(run.code, 130);
    assert.deepEqual(run.rawModes, [true, false]);
    assert.ok(!existsSync(home.credentials));
  });

  it('wants a password when there is no terminal to ask at', async () => {
    const run = await home.run(['login', '-i', 'admin'], { env });
    assert.equal(run.code, 2);
    assert.match(run.stderr, /--password-stdin/);
    assert.equal((await home.run(['login', '-i', 'admin', '--password-stdin'], { env })).code, 2);
    assert.equal((await home.run(['login', '-p', 'x'], { env })).code, 2);
    assert.equal((await home.run(['login', '-i', 'a', '-p', 'x', '--password-stdin'], { env })).code, 2);
    assert.equal((await home.run(['login', '-i', 'a:b', '-p', 'x'], { env })).code, 2);
    assert.equal(server.seen.length, 0);
  });

  it('says when the password is wrong, without repeating it, and keeps what was kept', async () => {
    await loggedIn();
    const before = readFileSync(home.credentials, 'utf8');
    const run = await home.run(['login', '-i', 'admin', '-p', 'wrong-hunter2'], { env });
    assert.equal(run.code, 3);
    assert.match(run.stderr, /^latchkey: cannot log in as admin: .*401/);
    assert.ok(!run.stderr.includes('hunter2'));
    assert.equal(readFileSync(home.credentials, 'utf8'), before);
  });

  it('refuses an answer that is no API key', async () => {
    const page = await serve((_request, response) => response.end('<html>sign in here</html>'));
    const run = await home.run(['login', '-i', 'admin', '-p', 'x'], {
      env: { ...env, LATCHKEY_URL: page.url },
    });
    await page.close();
    assert.equal(run.code, 1);
    assert.ok(!existsSync(home.credentials));
  });

  it('is undone by logout, which may be said twice', async () => {
    await loggedIn();
    assert.equal((await home.run(['logout'], { env })).stdout, 'Logged out admin\n');
    assert.ok(!readFileSync(home.credentials, 'utf8').includes(adminKey));
    const again = await home.run(['logout'], { env });
    assert.deepEqual([again.code, again.stdout], [0, 'Nobody was logged in\n']);
    assert.equal((await home.run(['whoami'], { env })).code, 3);
  });

  it('counts for one server and account only', async () => {
    await loggedIn();
    for (const other of [{ LATCHKEY_ACCOUNT: 'other' }, { LATCHKEY_URL: `${server.url}/api` }]) {
      const run = await home.run(['whoami'], { env: { ...env, ...other } });
      assert.equal(run.code, 3);
      assert.match(run.stderr, /not logged in to account .* Run: latchkey login/);
    }
    assert.deepEqual(
      server.seen.map(({ target }) => target),
      ['/authn/acme/login'],
    );
  });

  it('does not use credentials that others may read', async () => {
    await loggedIn();
    for (const mode of [0o640, 0o604, 0o620]) {
      chmodSync(home.credentials, mode);
      const run = await home.run(['whoami'], { env });
      assert.equal(run.code, 5);
      assert.match(run.stderr, /chmod 600/);
    }
    chmodSync(home.credentials, 0o600);
    assert.equal((await home.run(['whoami'], { env })).code, 0);
  });

  it('says when the credentials file is damaged, without quoting it', async () => {
    mkdirSync(home.configFolder, { recursive: true });
    for (const text of [`{"credentials": "${adminKey}`, `{"credentials": {"x": "${adminKey}"}}`, '']) {
      writeFileSync(home.credentials, text, { mode: 0o600 });
      const run = await home.run(['whoami'], { env });
      assert.equal(run.code, 5);
      assert.match(run.stderr, /is damaged/);
      assert.ok(!run.stderr.includes(adminKey));
    }
  });

  it('says when the credentials cannot be read', async () => {
    mkdirSync(home.credentials, { recursive: true, mode: 0o700 });
    const run = await home.run(['login', '-i', 'admin', '-p', adminPassword], { env });
    assert.equal(run.code, 5);
    assert.match(run.stderr, /cannot read .*credentials\.json: it is a folder/);
  });

  it('replaces a link to elsewhere and leaves what it points to alone', async () => {
    mkdirSync(home.configFolder, { recursive: true });
    const elsewhere = join(home.path, 'elsewhere');
    writeFileSync(elsewhere, '{"credentials":{}}', { mode: 0o600 });
    symlinkSync(elsewhere, home.credentials);
    await loggedIn();
    assert.equal(readFileSync(elsewhere, 'utf8'), '{"credentials":{}}');
    assert.equal(statSync(home.credentials).mode & 0o777, 0o600);
  });

  it('keeps its files below XDG_CONFIG_HOME where that is set', async () => {
    const folder = join(home.path, 'xdg');
    const args = ['login', '-i', 'admin', '-p', adminPassword];
    assert.equal((await home.run(args, { env: { ...env, XDG_CONFIG_HOME: folder } })).code, 0);
    assert.ok(existsSync(join(folder, 'latchkey', 'credentials.json')));
    assert.ok(!existsSync(home.credentials));
  });
});

describe('who a command acts as', () => {
  let service: FakeService;
  let server: TestServer;
  let home: TestHome;
  let env: Record<string, string>;

  beforeEach(async () => {
    service = fakeService();
    server = await serve(service.handler);
    home = new TestHome();
    env = { CONJUR_APPLIANCE_URL: server.url, CONJUR_ACCOUNT: 'acme' };
  });

  afterEach(async () => {
    await server.close();
    home.remove();
  });

  async function username(extra: Record<string, string>): Promise<string | undefined> {
    const run = await home.run(['whoami'], { env: { ...env, ...extra } });
    return /^username: (.*)$/m.exec(run.stdout)?.[1] ?? run.stderr;
  }

  it("is taken from the environment under Latchkey's names and Conjur's", async () => {
    assert.equal(await username({ CONJUR_AUTHN_LOGIN: 'admin', CONJUR_AUTHN_API_KEY: adminKey }), 'admin');
    const both = {
      CONJUR_AUTHN_LOGIN: 'nobody',
      LATCHKEY_AUTHN_LOGIN: 'admin',
      LATCHKEY_AUTHN_API_KEY: adminKey,
    };
    assert.equal(await username(both), 'admin');
  });

  it('is what an access token says, as JSON or in base64, from a variable or a file', async () => {
    const token = tokenFor('alice');
    const file = join(home.path, 'token');
    writeFileSync(file, `${token}\n`);
    assert.equal(await username({ CONJUR_AUTHN_TOKEN: token }), 'alice');
    assert.equal(await username({ LATCHKEY_AUTHN_TOKEN: Buffer.from(token).toString('base64') }), 'alice');
    assert.equal(
      await username({ CONJUR_AUTHN_TOKEN_FILE: file, CONJUR_AUTHN_TOKEN: tokenFor('bob') }),
      'alice',
    );
    assert.ok(server.seen.every(({ target }) => target === '/whoami'));
  });

  it('is refused by name when the variables do not fit', async () => {
    assert.match(
      (await username({ LATCHKEY_AUTHN_TOKEN: 'hunter2' })) ?? '',
      /LATCHKEY_AUTHN_TOKEN holds no access token/,
    );
    assert.ok(!(await username({ LATCHKEY_AUTHN_TOKEN: 'hunter2' }))?.includes('hunter2'));
    assert.match(
      (await username({ LATCHKEY_AUTHN_TOKEN_FILE: '/nonexistent' })) ?? '',
      /there is no such file/,
    );
    assert.match((await username({ CONJUR_AUTHN_API_KEY: adminKey })) ?? '', /without LATCHKEY_AUTHN_LOGIN/);
  });

  it('is not another role than the one that the environment names', async () => {
    await home.run(['login', '-i', 'admin', '-p', adminKey], { env });
    assert.equal(await username({ CONJUR_AUTHN_LOGIN: 'admin' }), 'admin');
    assert.match(
      (await username({ CONJUR_AUTHN_LOGIN: 'alice' })) ?? '',
      /another role than the one that is logged in/,
    );
  });

  it('is refused when the API key is no longer good', async () => {
    await home.run(['login', '-i', 'admin', '-p', adminKey], { env });
    service.keys.set('admin', 'another');
    const run = await home.run(['whoami'], { env });
    assert.equal(run.code, 3);
    assert.match(run.stderr, /cannot authenticate as admin: .*401.* Run: latchkey login/);
    assert.ok(!run.stderr.includes(adminKey));
  });

  it('is shown by whoami as text and as JSON', async () => {
    const auth = { ...env, CONJUR_AUTHN_TOKEN: tokenFor('host/app/one') };
    const text = await home.run(['whoami'], { env: auth });
    const when = '2025-01-02T03:04:05.000+00:00';
    assert.equal(
      text.stdout,
      `account: acme\nusername: host/app/one\nclient ip: 127.0.0.1\ntoken issued at: ${when}\n`,
    );
    for (const args of [
      ['whoami', '--output', 'json'],
      ['--output', 'json', 'whoami'],
    ]) {
      const run = await home.run(args, { env: auth });
      assert.deepEqual((JSON.parse(run.stdout) as Record<string, unknown>)['username'], 'host/app/one');
    }
  });

  it('sends the API key as it is, and the access token that it gave', async () => {
    const auth = {
      CONJUR_AUTHN_LOGIN: 'host/app/one',
      CONJUR_AUTHN_API_KEY: service.keys.get('host/app/one') ?? '',
    };
    assert.equal(await username(auth), 'host/app/one');
    const [authenticate, whoami] = server.seen;
    assert.equal(authenticate?.target, '/authn/acme/host%2Fapp%2Fone/authenticate');
    assert.equal(authenticate.headers['accept-encoding'], 'base64');
    assert.equal(authenticate.body.toString(), auth.CONJUR_AUTHN_API_KEY);
    assert.match(whoami?.headers.authorization ?? '', /^Token token="[A-Za-z0-9+/]+=*"$/);
    assert.ok(!existsSync(home.credentials), 'an access token from an API key is kept in memory only');
  });

  describe('authenticate', () => {
    it('prints the access token, or the header that carries it', async () => {
      const auth = { ...env, CONJUR_AUTHN_LOGIN: 'admin', CONJUR_AUTHN_API_KEY: adminKey };
      const token = await home.run(['authenticate'], { env: auth });
      assert.deepEqual(Object.keys(JSON.parse(token.stdout) as object), [
        'protected',
        'payload',
        'signature',
      ]);
      assert.equal(token.stdout.split('\n').length, 2);
      const json = await home.run(['authenticate', '--output', 'json'], { env: auth });
      assert.deepEqual(Object.keys(JSON.parse(json.stdout) as object), ['protected', 'payload', 'signature']);
      const header = await home.run(['authenticate', '-H'], { env: auth });
      assert.match(header.stdout, /^Authorization: Token token="[A-Za-z0-9+/]+=*"\n$/);
      const both = await home.run(['authenticate', '--header', '--output', 'json'], { env: auth });
      assert.match((JSON.parse(both.stdout) as { authorization: string }).authorization, /^Token token="/);
    });
  });

  describe('authn-oidc login', () => {
    const login = ['authn-oidc', 'login', '-i', 'okta', '--id-token-file'];

    it('exchanges an ID token for an access token and keeps that', async () => {
      const run = await home.run([...login, '-'], { env, input: `${idToken}\n` });
      assert.equal(run.code, 0, run.stderr);
      assert.match(run.stdout, /^Logged in to account acme as alice until \d{4}-.*Z\n$/);
      assert.equal(statSync(home.credentials).mode & 0o777, 0o600);
      assert.ok(!readFileSync(home.credentials, 'utf8').includes(idToken));
      assert.equal(await username({}), 'alice');
      assert.deepEqual(
        server.seen.map(({ target }) => target),
        ['/authn-oidc/okta/acme/authenticate', '/whoami'],
      );
    });

    it('reads the ID token from a file and says in JSON whom it named', async () => {
      const file = join(home.path, 'id-token');
      writeFileSync(file, idToken);
      const run = await home.run([...login, file, '--output', 'json'], { env });
      const { login: name, account } = JSON.parse(run.stdout) as Record<string, unknown>;
      assert.deepEqual([name, account], ['alice', 'acme']);
    });

    it('says once the access token has expired', async () => {
      service.lifetimeSeconds = 0;
      await home.run([...login, '-'], { env, input: idToken });
      const run = await home.run(['whoami'], { env });
      assert.equal(run.code, 3);
      assert.match(run.stderr, /the access token of alice has expired. Run: latchkey authn-oidc login/);
    });

    it('keeps what was kept when the ID token is refused, and does not repeat it', async () => {
      await home.run([...login, '-'], { env, input: idToken });
      const refused = await home.run([...login, '-'], { env, input: 'bad.hunter2.token' });
      assert.equal(refused.code, 3);
      assert.match(refused.stderr, /cannot log in by authn-oidc\/okta: .*401/);
      assert.ok(!refused.stderr.includes('hunter2'));
      assert.equal(await username({}), 'alice');
      assert.equal((await home.run([...login, '-'], { env, input: '\n' })).code, 2);
    });

    it('does not suffice to change credentials', async () => {
      await home.run([...login, '-'], { env, input: idToken });
      const run = await home.run(['user', 'rotate-api-key'], { env });
      assert.equal(run.code, 3);
      assert.match(run.stderr, /an API key is needed/);
    });
  });
});
