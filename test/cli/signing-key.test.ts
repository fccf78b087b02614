import assert from 'node:assert/strict';
import { testDataKey } from '../support/service.ts';
import { TestHome, type Run } from './support.ts';

describe('latchkey signing-key', function () {
  this.timeout(60_000);
  let home: TestHome;
  let env: Record<string, string>;

  beforeEach(async () => {
    home = new TestHome();
    env = { LATCHKEY_DATA: home.path, LATCHKEY_DATA_KEY: testDataKey, LATCHKEY_ACCOUNT: 'acme' };
    const { code, stderr } = await home.run(['account', 'create', 'acme'], { env });
    assert.equal(code, 0, stderr);
  });
  afterEach(() => {
    home.remove();
  });

  const run = (args: readonly string[]): Promise<Run> => home.run(['signing-key', ...args], { env });
  const linesOf = async (args: readonly string[]): Promise<readonly string[]> => {
    const { code, stdout, stderr } = await run(args);
    assert.equal(code, 0, stderr);
    return stdout.split('\n').filter(Boolean);
  };

  it('says in words which keys there are, since when, and until when', async () => {
    const [only = '', ...others] = await linesOf(['status']);
    assert.deepEqual(others, []);
    assert.match(only, /^\S+ {2}\w+ {2}since \d{4}-\d\d-\d\dT[\d:.]+Z( until \S+Z)?$/);
    const { stdout } = await run(['status', '--output', 'json']);
    const [shown] = JSON.parse(stdout) as readonly { readonly kid: string; readonly created_at: string }[];
    assert.ok(only.startsWith(`${shown?.kid ?? ''} `) && only.includes(shown?.created_at ?? '?'));
  });

  it('says in words what signs from now on; with --revoke, what is gone', async () => {
    const kids = async (): Promise<readonly string[]> =>
      (await linesOf(['status'])).map((line) => line.split(' ')[0] ?? '');
    const [first = ''] = await kids();
    const [said = '', ...more] = await linesOf(['rotate']);
    const second = /^Access tokens of acme are signed with (\S+) from now on\.$/.exec(said)?.[1] ?? '';
    assert.deepEqual(more, []);
    assert.deepEqual([...(await kids())].sort(), [first, second].sort());
    const [again = '', ...removed] = await linesOf(['rotate', '--revoke']);
    const third = /signed with (\S+) from now on\.$/.exec(again)?.[1] ?? '';
    assert.deepEqual([...removed].sort(), [first, second].map((kid) => `Removed ${kid}`).sort());
    assert.deepEqual(await kids(), [third]);
  });

  it('refuses an account that is not there', async () => {
    const { code, stdout, stderr } = await run(['rotate', '--account', 'none']);
    assert.deepEqual([code === 0, stdout], [false, '']);
    assert.match(stderr, /the signing key was not rotated/);
  });
});
