import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  lstatSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { isFailure, type ErrorCode } from '../../../src/domain/errors.ts';
import { newDataKeyText, openDataKeyFile } from '../../../src/drivers/keyring/data-key-file.ts';
import { loadDataKeys } from '../../../src/drivers/keyring/data-key.ts';
import { dataKeyId } from '../../../src/drivers/keyring/keyring.ts';
import { temporaryDirectory } from '../../support/temp.ts';

const first = Buffer.alloc(32, 1);
const second = Buffer.alloc(32, 2);
const third = Buffer.alloc(32, 3);

function textOf(...keys: readonly Buffer[]): string {
  return keys.map((key) => `${key.toString('base64')}\n`).join('');
}

describe('openDataKeyFile', () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  let path: string;

  beforeEach(() => {
    directory = temporaryDirectory();
    path = join(directory.path, 'data.key');
  });

  afterEach(() => {
    directory.remove();
  });

  function write(text: string, mode = 0o600): void {
    writeFileSync(path, text);
    chmodSync(path, mode);
  }

  async function refused(act: () => unknown, code: ErrorCode, pattern: RegExp): Promise<void> {
    await assert.rejects(
      async () => act(),
      (error) => {
        assert.ok(isFailure(error, code), String(error));
        assert.match(error.message, pattern);
        assert.ok(!error.message.includes(first.toString('base64')));
        return true;
      },
    );
  }

  const onlyFile = (): void => {
    assert.deepEqual(readdirSync(directory.path), ['data.key']);
  };

  it('makes keys that are random and can be read', async () => {
    const texts = [newDataKeyText(), newDataKeyText()];
    assert.notEqual(texts[0], texts[1]);
    const keys = await loadDataKeys({ environmentValue: texts.join(' '), mayCreate: false });
    assert.equal(keys.length, 2);
  });

  it('names the keys in their order, as they are by now', () => {
    write(textOf(first, second));
    const file = openDataKeyFile(path);
    assert.deepEqual([file.path, file.keyIds()], [path, [dataKeyId(first), dataKeyId(second)]]);
    write(textOf(second));
    assert.deepEqual(file.keyIds(), [dataKeyId(second)]);
  });

  for (const [title, before] of [
    ['with a line end', textOf(first)],
    ['without a line end', textOf(first).trimEnd()],
    ['with the line end of another system', `${first.toString('base64')}\r\n`],
  ] as const) {
    it(`adds a key at the end of a file ${title}, in place`, async () => {
      write(before);
      const { ino } = statSync(path);
      const file = openDataKeyFile(path);
      const id = await file.add();
      assert.deepEqual(file.keyIds(), [dataKeyId(first), id]);
      assert.ok(readFileSync(path, 'utf8').startsWith(before));
      assert.match(readFileSync(path, 'utf8'), /=\n$/);
      const { ino: inoAfter, mode } = statSync(path);
      assert.deepEqual([inoAfter, mode & 0o777], [ino, 0o600]);
      onlyFile();
    });
  }

  it('adds a key to nothing that is missing, malformed or open to others', async () => {
    const file = openDataKeyFile(path);
    await refused(() => file.add(), 'SETTING_INVALID', /does not exist/);
    write('rubbish');
    await refused(() => file.add(), 'DATA_KEY_INVALID', /32 bytes/);
    write(textOf(first), 0o644);
    await refused(() => file.add(), 'SETTING_INVALID', /chmod 600/);
    assert.equal(readFileSync(path, 'utf8'), textOf(first));
  });

  it('adds no key to as many as can be read', async () => {
    write(textOf(...Array.from({ length: 15 }, (_, index) => Buffer.alloc(32, index))));
    const file = openDataKeyFile(path);
    await file.add();
    await refused(() => file.add(), 'SETTING_INVALID', /16 keys already/);
    assert.equal(file.keyIds().length, 16);
  });

  it('removes keys and keeps the others in their order, with the mode', async () => {
    write(textOf(first, second, third), 0o400);
    const file = openDataKeyFile(path);
    await file.remove([dataKeyId(second), '0123456789abcdef']);
    assert.equal(readFileSync(path, 'utf8'), textOf(first, third));
    assert.equal(statSync(path).mode & 0o777, 0o400);
    assert.deepEqual(readdirSync(directory.path).sort(), ['data.key', 'data.key.retired']);
  });

  it('keeps what it removes beside the file, once each, for its owner only', async () => {
    write(textOf(first, second));
    const file = openDataKeyFile(path);
    await file.remove([dataKeyId(first)]);
    const retired = `${path}.retired`;
    assert.equal(readFileSync(retired, 'utf8'), textOf(first));
    assert.equal(statSync(retired).mode & 0o777, 0o600);
    write(textOf(first, second));
    await file.remove([dataKeyId(first)]);
    assert.equal(readFileSync(retired, 'utf8'), textOf(first));
  });

  it('keeps the owner when it removes a key, so that the service can still read it', async () => {
    // Only the superuser can give a file away.
    const isSuperuser = process.getuid?.() === 0;
    write(textOf(first, second));
    if (isSuperuser) chownSync(path, 1_234, 2_345);
    const { uid, gid } = statSync(path);
    await openDataKeyFile(path).remove([dataKeyId(first)]);
    const { uid: uidAfter, gid: gidAfter } = statSync(path);
    assert.deepEqual([uidAfter, gidAfter], [uid, gid]);
    assert.equal(readFileSync(path, 'utf8'), textOf(second));
  });

  it('leaves the file alone where it holds none of the keys to remove', async () => {
    write(textOf(first));
    const { ino } = statSync(path);
    await openDataKeyFile(path).remove([dataKeyId(second)]);
    assert.equal(statSync(path).ino, ino);
  });

  it('never removes the last key', async () => {
    write(textOf(first, second));
    const file = openDataKeyFile(path);
    await refused(() => file.remove(file.keyIds()), 'SETTING_INVALID', /no key would be left/);
    assert.equal(readFileSync(path, 'utf8'), textOf(first, second));
    onlyFile();
  });

  it('changes what a link leads to, and leaves the link', async () => {
    const link = join(directory.path, 'link');
    write(textOf(first, second));
    symlinkSync(path, link);
    const file = openDataKeyFile(link);
    await file.remove([dataKeyId(first)]);
    const added = await file.add();
    assert.ok(lstatSync(link).isSymbolicLink());
    assert.deepEqual(openDataKeyFile(path).keyIds(), [dataKeyId(second), added]);
  });
});
