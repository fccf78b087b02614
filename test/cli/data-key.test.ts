import assert from 'node:assert/strict';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dataKeyId } from '../../src/drivers/keyring/keyring.ts';
import { TestHome, type Run } from './support.ts';

describe('latchkey data-key', function () {
  this.timeout(60_000);
  let home: TestHome;
  let keyFile: string;
  let env: Record<string, string>;

  beforeEach(async () => {
    home = new TestHome();
    keyFile = join(home.path, 'keys');
    writeFileSync(keyFile, `${(await done(['generate'])).trim()}\n`, { mode: 0o600 });
    env = { LATCHKEY_DATA: home.path, LATCHKEY_DATA_KEY_FILE: keyFile };
  });
  afterEach(() => {
    home.remove();
  });

  const run = (args: readonly string[]): Promise<Run> => home.run(['data-key', ...args], { env });
  const done = async (args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await run(args);
    assert.equal(code, 0, stderr);
    return stdout;
  };
  const makeAccount = async (): Promise<void> => {
    const { code, stderr } = await home.run(['account', 'create', 'acme'], { env });
    assert.equal(code, 0, stderr);
  };
  const idInFile = (): string =>
    dataKeyId(Buffer.from(readFileSync(keyFile, 'utf8').split('\n')[0] ?? '', 'base64'));

  it('prints a new key of 32 bytes each time, as text and as JSON', async () => {
    const text = (await done(['generate'])).trim();
    const { data_key: json } = JSON.parse(await done(['generate', '--output', 'json'])) as {
      readonly data_key: string;
    };
    assert.deepEqual(
      [text, json].map((key) => Buffer.from(key, 'base64').length),
      [32, 32],
    );
    assert.notEqual(text, json);
  });

  it('says in words which key seals how much, and that nobody answered', async () => {
    await makeAccount();
    const [first = '', ...others] = (await done(['status', '--wait-seconds', '1'])).trim().split('\n');
    assert.match(first, new RegExp(`^${idInFile()}  seals  [1-9]\\d* values$`));
    assert.deepEqual(others, ['No running process answered.']);
  });

  it('says in words what a rotation did, where the old key is, and what it still opens', async () => {
    await makeAccount();
    const old = idInFile();
    const lines = (await done(['rotate', '--wait-seconds', '1'])).trim().split('\n');
    assert.notEqual(idInFile(), old);
    assert.match(
      lines[0] ?? '',
      new RegExp(
        `^Everything is sealed under the data key ${idInFile()}: [1-9]\\d* values were sealed anew\\.$`,
      ),
    );
    assert.deepEqual(lines.slice(1), [
      `${old} is now in ${keyFile}.retired; take it out of the files of other machines, too.`,
      'Backups that were made under it open with nothing else: move it to where you keep their keys.',
    ]);
    assert.equal(dataKeyId(Buffer.from(readFileSync(`${keyFile}.retired`, 'utf8').trim(), 'base64')), old);
  });

  it('wants whole numbers, and a store that it can open', async () => {
    for (const args of [
      ['status', '--wait-seconds', '0'],
      ['rotate', '--rate', 'fast'],
    ]) {
      assert.equal((await run(args)).code, 2);
    }
    await makeAccount();
    writeFileSync(keyFile, `${Buffer.alloc(32, 5).toString('base64')}\n`);
    const { code, stdout, stderr } = await run(['status', '--wait-seconds', '1']);
    assert.deepEqual([code === 0, stdout], [false, '']);
    assert.match(stderr, /the data keys cannot be shown/);
  });

  it('refuses a key file that others can read', async () => {
    chmodSync(keyFile, 0o644);
    const { code, stderr } = await run(['status', '--wait-seconds', '1']);
    assert.notEqual(code, 0);
    assert.match(stderr, /chmod 600/);
  });
});
