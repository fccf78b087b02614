import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { optionList } from '../../src/config/options.ts';
import { TestHome, serve } from './support.ts';

describe('the command line', () => {
  let home: TestHome;

  beforeEach(() => {
    home = new TestHome();
  });

  afterEach(() => {
    home.remove();
  });

  it('prints help and version on standard output', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly version: string };
    assert.equal((await home.run(['--version'])).stdout, `${version}\n`);
    const help = await home.run(['--help']);
    assert.deepEqual([help.code, help.stderr], [0, '']);
    assert.match(help.stdout, /variable +Read and write/);
    assert.match((await home.run(['variable', 'get', '-h'])).stdout, /-i, --id <ids\.\.\.>/);
  });

  it('prints help on standard error when no command is given', async () => {
    for (const args of [[], ['variable']]) {
      const run = await home.run(args);
      assert.deepEqual([run.code, run.stdout], [2, '']);
      assert.match(run.stderr, /Usage: latchkey/);
    }
  });

  it('suggests the spelling of commands and options', async () => {
    const command = await home.run(['polcy', 'load']);
    assert.equal(command.code, 2);
    assert.equal(
      command.stderr,
      'latchkey: there is no such command; did you mean policy?\nRun: latchkey --help\n',
    );
    const sub = await home.run(['variable', 'gett']);
    assert.equal(
      sub.stderr,
      'latchkey: there is no such command; did you mean get?\nRun: latchkey variable --help\n',
    );
    const option = await home.run(['login', '--pasword-stdin']);
    assert.equal(
      option.stderr,
      'latchkey: an option is not known; did you mean --password-stdin?\nRun: latchkey login --help\n',
    );
  });

  it('never repeats what was typed', async () => {
    for (const args of [
      ['hunter2'],
      ['variable', 'hunter2'],
      ['variable', 'set', '-i', 'a', 'hunter2'],
      ['variable', 'set', '-i', 'a', '--valeu=hunter2'],
      ['variable', 'set', '-i', 'a', '-xhunter2'],
      ['login', '--hunter2', '-i', 'a'],
      ['whoami', '--output', 'hunter2'],
      ['whoami', '--output'],
      ['server', '--data-key', 'hunter2'],
      ['server', 'hunter2'],
    ]) {
      const run = await home.run(args);
      assert.equal(run.code, 2, args.join(' '));
      assert.ok(run.stderr.startsWith('latchkey: '), run.stderr);
      assert.ok(!run.stderr.includes('hunter2'), run.stderr);
    }
  });

  it('shows where a fault of its own arose, but not its message, which may quote anything', async () => {
    const env = { LATCHKEY_URL: 'http://127.0.0.1:1', LATCHKEY_ACCOUNT: 'acme' };
    const broken = { env, brokenInput: new Error('hunter2') };
    const run = await home.run(['login', '-i', 'a', '--password-stdin'], broken);
    assert.equal(run.code, 70);
    assert.match(run.stderr, /^latchkey: a fault in latchkey itself\nError\n +at /);
    assert.ok(!run.stderr.includes('hunter2'));
  });

  it('shows every setting of the service in the help of server', async () => {
    const { code, stdout } = await home.run(['server', '--help']);
    assert.equal(code, 0);
    for (const [, { summary }] of optionList) assert.ok(stdout.includes(summary), summary);
  });

  it('says which settings of the service are wrong', async () => {
    const run = await home.run(['server', '--port', 'http'], { env: { LATCHKEY_LOG_LEVEL: 'loud' } });
    assert.equal(run.code, 2);
    assert.match(
      run.stderr,
      /^latchkey: the service cannot start with these settings:\n {2}--port: expected/,
    );
    assert.match(run.stderr, /\n {2}LATCHKEY_LOG_LEVEL: expected/);
  });

  it('says what kept the service from starting', async () => {
    const taken = await serve(() => undefined);
    const data = join(home.path, 'data');
    const run = await home.spawn(['server', '--port', String(taken.port), '--data', data]);
    await taken.close();
    assert.equal(run.code, 1, run.stderr);
    assert.match(run.stderr, /latchkey: the service stopped: .*in use/);
  });
});
