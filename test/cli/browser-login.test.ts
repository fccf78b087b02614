/** `latchkey authn-oidc login` with a browser: a real issuer, the real service, a browser over HTTP. */
import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { runProgram } from '../../src/cli/program.ts';
import { load, send, signIn } from '../support/client.ts';
import { freePort } from '../support/free-port.ts';
import { startIssuer, type Issuer } from '../support/issuer.ts';
import { codeServicePolicy, configureCodeService } from '../support/oidc-code.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { visit } from '../support/sign-in.ts';
import { TestHome } from './support.ts';

const policy = `${codeServicePolicy('sso')}
- !user alice
- !grant { role: !group conjur/authn-oidc/sso/users, member: !user alice }
`;

describe('authn-oidc login with a browser', () => {
  let issuer: Issuer;
  let service: TestService;
  let home: TestHome;
  let callback: string;
  let env: Record<string, string>;

  before(async () => {
    issuer = await startIssuer();
    service = await startTestService({ LATCHKEY_AUTHENTICATORS: 'authn,authn-oidc/sso' });
    callback = `http://127.0.0.1:${await freePort()}/callback`;
    const admin = await signIn(service);
    await load(admin, policy);
    await configureCodeService(admin, 'sso', issuer, { 'redirect-uri': callback });
    issuer.register('conjurClient', 'a secret: 100% + more', { redirect_uris: [callback] });
    env = { LATCHKEY_URL: service.url, LATCHKEY_ACCOUNT: service.account };
  });

  beforeEach(() => {
    home = new TestHome();
  });

  afterEach(() => {
    home.remove();
  });

  after(async () => {
    await service.stop();
    await issuer.stop();
  });

  interface Login {
    readonly code: number;
    readonly stdout: string;
    readonly stderr: string;
    /** What the user read in the browser at last. */
    readonly page: string;
  }

  /** Runs the command with a user who does this when the browser opens. */
  async function login(
    browse: (url: string) => Promise<string>,
    options: readonly string[] = [],
  ): Promise<Login> {
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    let page = Promise.resolve('');
    const code = await runProgram(['authn-oidc', 'login', '-i', 'sso', ...options], {
      env,
      home: home.path,
      stdin: new PassThrough(),
      stdout,
      stderr,
      openBrowser: (url) => {
        page = browse(url);
        return Promise.resolve();
      },
    });
    const read = (stream: PassThrough): string => String(stream.read() ?? '');
    return { code, stdout: read(stdout), stderr: read(stderr), page: await page };
  }

  it('logs in as the user who signed in at the issuer, and keeps the access token', async () => {
    const run = await login((url) => visit(url, 'alice'));
    assert.equal(run.code, 0, run.stderr);
    assert.match(run.stdout, /^Logged in to account acct as alice until /);
    assert.match(run.page, /You may close this window/);
    const whoami = await home.run(['whoami', '--output', 'json'], { env });
    assert.equal((JSON.parse(whoami.stdout) as { readonly username: string }).username, 'alice');
  });

  it('prints the address for who has no browser here, and leaves no secret of the exchange in it', async () => {
    const run = await login((url) => visit(url, 'alice'));
    const [, address = ''] = run.stderr.split('\n');
    const { searchParams } = new URL(address);
    assert.equal(searchParams.get('redirect_uri'), callback);
    assert.ok((searchParams.get('state') ?? '').length >= 40);
    assert.equal(searchParams.has('code_verifier'), false);
  });

  it('is not ended by a request with another state, and takes no code from it', async () => {
    const run = await login(async (url) => {
      const forged = await send(`${callback}?state=forged&code=stolen`, 'GET');
      assert.equal(forged.status, 400);
      assert.equal((await send(`${callback}?code=stolen`, 'GET')).status, 400);
      // Not by `send`, which would hold the answer against what the service says of its own `/`.
      assert.equal((await fetch(callback.replace('/callback', '/'))).status, 400);
      return visit(url, 'alice');
    });
    assert.equal(run.code, 0, run.stderr);
  });

  it('says that the issuer refused', async () => {
    const run = await login(async (url) => {
      const state = new URL(url).searchParams.get('state') ?? '';
      return (await send(`${callback}?error=access_denied&state=${state}`, 'GET')).text;
    });
    assert.equal(run.code, 1);
    assert.match(run.stderr, /did not log you in: access_denied/);
    assert.match(run.page, /You were not logged in/);
  });

  it('keeps what was kept when the user may not come in', async () => {
    assert.equal((await login((url) => visit(url, 'alice'))).code, 0);
    const run = await login((url) => visit(url, 'bob'));
    assert.equal(run.code, 1);
    assert.match(run.stderr, /the user is not defined/);
    assert.match((await home.run(['whoami'], { env })).stdout, /alice/);
  });

  it('says what a service lacks that is not offered', async () => {
    const run = await login(() => Promise.resolve(''), ['-i', 'nosuch']);
    assert.equal(run.code, 1);
    assert.match(run.stderr, /client-id, client-secret, redirect-uri and claim-mapping/);
  });

  it('does not listen elsewhere than on this machine', async () => {
    const admin = await signIn(service);
    await configureCodeService(admin, 'sso', issuer, {
      'redirect-uri': 'https://elsewhere.example/callback',
    });
    try {
      const run = await login(() => Promise.resolve(''));
      assert.equal(run.code, 2);
      assert.match(run.stderr, /redirect-uri must be like http:\/\/localhost/);
    } finally {
      await configureCodeService(admin, 'sso', issuer, { 'redirect-uri': callback });
      issuer.register('conjurClient', 'a secret: 100% + more', { redirect_uris: [callback] });
    }
  });

  it('says that another login waits at the address', async () => {
    const run = await login(async (url) => {
      const second = await login(() => Promise.resolve(''));
      assert.equal(second.code, 2);
      assert.match(second.stderr, /is another login waiting there/);
      return visit(url, 'alice');
    });
    assert.equal(run.code, 0, run.stderr);
  });
});
