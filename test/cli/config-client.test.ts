/** The commands of configuration clients against the real service. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { without } from '../support/akamai.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { serve, TestHome, type Run } from './support.ts';

interface Record_ {
  readonly id: string;
  readonly secret: string;
  readonly name: string;
  readonly title: string;
  readonly allowedScopes: readonly string[];
}

describe('latchkey config-client', () => {
  let service: TestService;
  let home: TestHome;
  let admin: Record<string, string>;
  let owner: Record<string, string>;

  before(async () => {
    service = await startTestService();
    home = new TestHome();
    const server = { LATCHKEY_URL: service.url, LATCHKEY_ACCOUNT: service.account };
    admin = { ...server, LATCHKEY_AUTHN_LOGIN: 'admin', LATCHKEY_AUTHN_API_KEY: service.adminKey };
    const printed = await run(admin, 'init');
    assert.equal(printed.code, 0, printed.stderr);
    const variables = printed.stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split('=') as [string, string]);
    owner = { ...server, ...Object.fromEntries(variables) };
  });
  after(async () => {
    home.remove();
    await service.stop();
  });

  const run = (env: Record<string, string>, ...args: readonly string[]): Promise<Run> =>
    home.run(['config-client', ...args], { env });
  const done = async (...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await run(owner, ...args);
    assert.equal(code, 0, stderr);
    return stdout;
  };
  const json = async <T = Record_>(...args: readonly string[]): Promise<T> =>
    JSON.parse(await done(...args)) as T;
  const refused = async (
    code: number,
    message: RegExp,
    env: Record<string, string>,
    ...args: readonly string[]
  ) => {
    const ended = await run(env, ...args);
    assert.equal(ended.code, code, ended.stderr);
    assert.match(ended.stderr, message);
    assert.ok(!ended.stderr.includes(owner['LATCHKEY_CONFIG_CLIENT_SECRET'] ?? ''));
  };

  it('makes the first configuration client once, in a form that a shell reads', async () => {
    assert.deepEqual(Object.keys(owner).slice(2), [
      'LATCHKEY_CUSTOMER_ID',
      'LATCHKEY_CONFIG_CLIENT_ID',
      'LATCHKEY_CONFIG_CLIENT_SECRET',
    ]);
    await refused(1, /already/, admin, 'init');
    const { stdout } = await run(admin, 'init', '--another', '--output', 'json');
    const made = JSON.parse(stdout) as Record<string, string>;
    assert.deepEqual(Object.keys(made), ['customer_id', 'client_id', 'client_secret', 'token_policy']);
  });

  it('shows the customer id', async () => {
    const text = await run(admin, 'customer');
    assert.equal(text.stdout, `${owner['LATCHKEY_CUSTOMER_ID'] ?? ''}\n`);
    const { stdout } = await run(admin, 'customer', '--output', 'json');
    assert.deepEqual(JSON.parse(stdout), { customer_id: owner['LATCHKEY_CUSTOMER_ID'], initialized: true });
    await refused(3, /not logged in/, owner, 'customer');
  });

  it('gets a token, with the customer id from the server where none is given', async () => {
    assert.match(await done('token'), /^[A-Za-z0-9_-]{66}\n$/);
    const rest = without(owner, 'LATCHKEY_CUSTOMER_ID');
    const answer = await run({ ...rest, ...admin }, 'token', '--output', 'json');
    assert.equal((JSON.parse(answer.stdout) as { scope: string }).scope, '*:config/**');
  });

  it('sends a plus sign so that it arrives', async () => {
    const policy = (
      await done('token-policies', 'create', '--title', 'Mutate', '--allowed-scopes', '+:config/clients')
    ).trim();
    const made = await json('create', '-n', 'mutator', '-t', 'configuration', '--token-policy', policy);
    const flags = ['--client-id', made.id, '--client-secret', made.secret, '-s', '+:config/clients'];
    assert.match(await done('token', ...flags), /^.{66}\n$/);
    await refused(1, /403.*do not permit/, owner, 'list', ...flags);
    await done('update', '-i', made.id, '-n', 'renamed', ...flags);
  });

  it('makes, shows, lists, changes and deletes clients', async () => {
    const login = (await done('login-policies', 'create', '--title', 'People')).trim();
    const policy = (
      await done('token-policies', 'create', '--title', 'People', '--allowed-scopes', 'openid', 'email')
    ).trim();
    const uris = ['https://a.example/cb', 'https://b.example/cb'];
    const rest = ['--token-policy', policy, '--login-policy', login, '--redirect-uris', ...uris];
    const made = await json<Record_ & { redirectURIs: string[] }>(
      'create',
      '-n',
      'app',
      '-t',
      'confidential',
      ...rest,
    );
    assert.deepEqual([made.redirectURIs, made.secret.length], [uris, 32]);
    const shown = without(made, 'secret');
    assert.deepEqual(await json('get', '-i', made.id), shown);
    assert.ok((await json<Record_[]>('list')).some(({ id, name }) => id === made.id && name === 'app'));
    const changed = await json(
      'update',
      '-i',
      made.id,
      '-n',
      'app 2',
      '--redirect-uris',
      'https://c.example',
    );
    assert.deepEqual(changed, { ...shown, name: 'app 2', redirectURIs: ['https://c.example'] });
    await refused(2, /nothing to change/, owner, 'update', '-i', made.id);
    assert.equal(await done('delete', '-i', made.id), `Client ${made.id} is deleted\n`);
    await refused(1, /404.*Not found/, owner, 'get', '-i', made.id);
  });

  it('gives, lists and deletes secrets', async () => {
    const policy = (
      await done('token-policies', 'create', '--title', 'x', '--allowed-scopes', '.:config')
    ).trim();
    const { id } = await json('create', '-n', 'rotating', '-t', 'configuration', '--token-policy', policy);
    const added = await json('secrets', 'add', '-i', id, '--expire-others-in', '60', '--expires-in', '3600');
    assert.equal(added.secret.length, 32);
    const listed = await json<{ id: string; expiresAt?: string }[]>('secrets', 'list', '-i', id);
    assert.deepEqual(
      listed.map((each) => each.expiresAt !== undefined),
      [true, true],
    );
    const json_ = await done('secrets', 'delete', '-i', id, '--secret-id', added.id, '--output', 'json');
    assert.deepEqual(JSON.parse(json_), { id: added.id, deleted: true });
    await refused(2, /whole number of seconds/, owner, 'secrets', 'add', '-i', id, '--expires-in', '1h');
  });

  it('makes, shows, lists, changes and deletes policies', async () => {
    const fields = ['--allowed-scopes', '*:config/clients', '.:config/**', '--access-token-lifetime', '600'];
    const id = (
      await done('token-policies', 'create', '--title', 'Some', ...fields, '--refresh-token-lifetime', '900')
    ).trim();
    const shown = await json('token-policies', 'get', '-i', id);
    assert.deepEqual(shown.allowedScopes, ['*:config/clients', '.:config/**']);
    const changed = await json('token-policies', 'update', '-i', id, '--title', 'Other');
    assert.deepEqual(changed, { ...shown, title: 'Other' });
    assert.ok((await json<Record_[]>('token-policies', 'list')).some((each) => each.title === 'Other'));
    assert.equal(await done('token-policies', 'delete', '-i', id), `The token policy ${id} is deleted\n`);
    await refused(2, /nothing to change/, owner, 'token-policies', 'update', '-i', id);

    const file = join(home.path, 'login.json');
    writeFileSync(file, JSON.stringify({ loginURL: 'https://a.example/login' }));
    const made = await done('login-policies', 'create', '--title', 'L', '-f', file, '--output', 'json');
    const login = (JSON.parse(made) as Record_).id;
    const policy = await json<Record_ & { loginURL: string }>('login-policies', 'get', '-i', login);
    assert.deepEqual([policy.title, policy.loginURL], ['L', 'https://a.example/login']);
    writeFileSync(file, '[]');
    await refused(2, /holds no JSON object/, owner, 'login-policies', 'update', '-i', login, '-f', file);
    await done('login-policies', 'delete', '-i', login);
  });

  it('says what is refused, and does it when it is forced', async () => {
    const { id, secret } = await json(
      'create',
      '-n',
      'leaving',
      '-t',
      'configuration',
      '--token-policy',
      await ownerPolicy(),
    );
    const as = { ...owner, LATCHKEY_CONFIG_CLIENT_ID: id, LATCHKEY_CONFIG_CLIENT_SECRET: secret };
    await refused(1, /409.*would lose access of its own/, as, 'delete', '-i', id);
    const forced = await run(as, 'delete', '-i', id, '--force');
    assert.equal(forced.code, 0, forced.stderr);
    await refused(3, /401.*Client authentication failed.*client id or secret/, as, 'list');
  });

  it('wants to know which configuration client it is', async () => {
    const rest = without(owner, 'LATCHKEY_CONFIG_CLIENT_SECRET');
    await refused(2, /Set LATCHKEY_CONFIG_CLIENT_ID and LATCHKEY_CONFIG_CLIENT_SECRET/, rest, 'list');
  });

  it('encodes the scope as a form does', async () => {
    const server = await serve((_request, response) => {
      response.writeHead(401).end();
    });
    const env = { ...owner, LATCHKEY_URL: server.url };
    await refused(3, /cannot get a token/, env, 'token', '-s', '+:config/clients .:config');
    await server.close();
    const [request] = server.seen;
    assert.equal(request?.target, `/${owner['LATCHKEY_CUSTOMER_ID'] ?? ''}/login/token`);
    assert.equal(
      request.body.toString(),
      'grant_type=client_credentials&scope=%2B%3Aconfig%2Fclients+.%3Aconfig',
    );
  });

  async function ownerPolicy(): Promise<string> {
    const id = owner['LATCHKEY_CONFIG_CLIENT_ID'] ?? '';
    return (await json<{ tokenPolicy: string }>('get', '-i', id)).tokenPolicy;
  }
});
