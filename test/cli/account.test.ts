import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { basicHeader, send, signIn } from '../support/client.ts';
import { startTestService, testDataKey, type TestService } from '../support/service.ts';
import { TestHome } from './support.ts';

/** On the store of a service that runs meanwhile, each command as a process of its own. */
describe('latchkey account', function () {
  this.timeout(60_000);
  let service: TestService;
  let home: TestHome;

  before(async () => {
    service = await startTestService();
    home = new TestHome();
  });
  after(async () => {
    await service.stop();
    home.remove();
  });

  const run = (
    args: readonly string[],
    input?: string,
  ): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> =>
    home.spawn(['account', ...args], {
      env: { LATCHKEY_DATA: service.folder, LATCHKEY_DATA_KEY: testDataKey },
      ...(input === undefined ? {} : { input }),
    });

  it('makes an account, whose administrator signs in with the key that it printed', async () => {
    const { code, stdout, stderr } = await run(['create', 'acme']);
    assert.deepEqual([code, stderr], [0, '']);
    await signIn({ ...service, account: 'acme' }, 'admin', stdout.trim());
  });

  it('takes a password for the administrator from standard input', async () => {
    const made = await run(
      ['create', 'with-password', '--password-stdin', '--output', 'json'],
      'Pass-Word-123\n',
    );
    assert.equal(made.code, 0);
    const { id, api_key: apiKey } = JSON.parse(made.stdout) as { id: string; api_key: string };
    const login = await send(`${service.url}/authn/${id}/login`, 'GET', {
      headers: basicHeader('admin', 'Pass-Word-123'),
    });
    assert.deepEqual([login.status, login.text], [200, apiKey]);
  });

  it('says what is wrong with a name or a password, and makes nothing', async () => {
    for (const [args, input, code, text] of [
      [['create', 'a:b'], undefined, 2, /contains invalid characters \(:\)/],
      [['create', service.account], undefined, 1, /already exists/],
      [['create', 'weak', '--password-stdin'], 'weak\n', 2, /12-128 characters/],
      [['delete', 'none', '--yes'], undefined, 1, /'none' not found/],
      [['create', 'x', '--no-such-setting'], undefined, 2, /no-such-setting/],
    ] as const) {
      const { code: actual, stdout, stderr } = await run(args, input);
      assert.deepEqual([actual, stdout], [code, ''], stderr);
      assert.match(stderr, text);
    }
    const listed = JSON.parse((await run(['list', '--output', 'json'])).stdout) as readonly string[];
    assert.equal(listed.includes('weak') || listed.includes('x'), false);
  });

  it('removes an account only where that is confirmed, and lists those that are left', async () => {
    await run(['create', 'brief']);
    const asked = await run(['delete', 'brief']);
    assert.equal(asked.code, 2);
    assert.match(asked.stderr, /--yes/);
    assert.ok((await run(['list'])).stdout.split('\n').includes('brief'));
    assert.equal((await run(['delete', 'brief', '--yes'])).code, 0);
    assert.equal((await run(['list'])).stdout.split('\n').includes('brief'), false);
  });

  it('gives the operator a key for the accounts API, and another the next time', async () => {
    const store = { ...service, account: '!' };
    const first = (await run(['operator'])).stdout.trim();
    const operator = await signIn(store, 'admin', first);
    assert.equal((await operator.send('GET', '/accounts')).status, 200);
    const second = (await run(['operator', '--output', 'json'])).stdout;
    const { id, api_key: apiKey } = JSON.parse(second) as { id: string; api_key: string };
    assert.equal(id, '!:user:admin');
    await signIn(store, 'admin', apiKey);
    const old = await send(`${service.url}/authn/!/admin/authenticate`, 'POST', { body: first });
    assert.equal(old.status, 401);
  });

  it('records what it does', () => {
    const lines = readFileSync(join(service.folder, 'audit.log'), 'utf8').split('\n');
    const records = lines.filter((line) => / account \[auth@43868 user="!:!:root"\]/.test(line));
    for (const operation of ['list', 'create', 'delete', 'renew-operator']) {
      assert.ok(
        records.some((line) => line.includes(`operation="${operation}"`)),
        operation,
      );
    }
  });
});
