import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { Encrypter } from 'age-encryption';
import { openEnvelope, sealEnvelope } from '../../../src/domain/backup/envelope.ts';
import { openKeyring } from '../../../src/drivers/keyring/keyring.ts';
import { isFailure } from '../../../src/domain/errors.ts';
import { all, failsWith, fileOf, inPieces, keyring } from './sample.ts';

const chunk = 64 * 1024 + 16;

describe('the envelope of a backup', () => {
  const open = (file: Uint8Array, keys = keyring): Promise<Buffer> => all(openEnvelope(keys, inPieces(file)));
  const damaged = failsWith('BACKUP_INVALID', /altered, damaged or cut off/);
  const foreign = failsWith('BACKUP_INVALID', /not a backup of Latchkey/);

  it('gives back what was put in, of any size', async () => {
    for (const size of [0, 1, 64 * 1024, 1_000_000]) {
      const contents = randomBytes(size);
      assert.ok((await open(await fileOf(inPieces(contents)))).equals(contents));
    }
  });

  it('shows nothing but the format and the id of the data key', async () => {
    const file = (await fileOf(inPieces(Buffer.from('planted-text'.repeat(100))))).toString('latin1');
    assert.ok(file.startsWith(`age-encryption.org/v1\n-> latchkey-backup 1 ${keyring.keyId}\n`));
    assert.ok(!file.includes('planted-text'));
  });

  it('is another one each time', async () => {
    const [one, other] = [await fileOf(inPieces(Buffer.from('a'))), await fileOf(inPieces(Buffer.from('a')))];
    assert.ok(!one.equals(other));
  });

  it('notices any byte that was changed', async () => {
    const file = await fileOf(inPieces(Buffer.from('contents')));
    for (let at = 0; at < file.length; at += 1) {
      const changed = Buffer.from(file);
      changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8));
      await assert.rejects(
        open(changed),
        (error) => isFailure(error, 'BACKUP_INVALID', 'DATA_KEY_UNKNOWN'),
        `byte ${at}`,
      );
    }
  });

  it('notices wherever it was cut off', async () => {
    const file = await fileOf(inPieces(Buffer.from('contents')));
    for (let length = 0; length < file.length; length += 1) {
      await assert.rejects(open(file.subarray(0, length)), failsWith('BACKUP_INVALID'), `length ${length}`);
    }
  });

  it('notices pieces that were left out, moved or repeated, and what was added', async () => {
    const file = await fileOf(inPieces(randomBytes(200_000)));
    const start = file.indexOf('\n', file.indexOf('\n--- ') + 1) + 1 + 16;
    const head = file.subarray(0, start);
    const [one, two] = [file.subarray(start, start + chunk), file.subarray(start + chunk, start + 2 * chunk)];
    const rest = file.subarray(start + 2 * chunk);
    assert.ok((await open(Buffer.concat([head, one, two, rest]))).length === 200_000);
    for (const parts of [
      [head, two, rest],
      [head, two, one, rest],
      [head, one, one, two, rest],
      [head, one, two],
      [head, one, two, rest, Buffer.of(0)],
      [head, one, two, rest, file],
    ]) {
      await assert.rejects(open(Buffer.concat(parts)), damaged);
    }
  });

  it('names the data key that is missing', async () => {
    const file = await fileOf(inPieces(Buffer.from('contents')));
    const other = openKeyring({ dataKey: randomBytes(32) });
    await assert.rejects(open(file, other), failsWith('DATA_KEY_UNKNOWN', new RegExp(keyring.keyId)));
  });

  it('opens with an older data key when that is given, too', async () => {
    const [before, now] = [randomBytes(32), randomBytes(32)];
    const sealed = await sealEnvelope(openKeyring({ dataKey: before }), inPieces(Buffer.from('contents')));
    const keys = openKeyring({ dataKey: now, otherKeys: [before] });
    assert.equal((await all(openEnvelope(keys, sealed))).toString(), 'contents');
  });

  it('refuses what is no backup, or one of another version', async () => {
    await assert.rejects(open(Buffer.alloc(0)), failsWith('BACKUP_INVALID', /empty/));
    await assert.rejects(open(Buffer.from('{}')), foreign);
    await assert.rejects(open(randomBytes(100_000)), foreign);
    await assert.rejects(open(Buffer.alloc(20_000, '\n--- ')), foreign);
    await assert.rejects(
      open(Buffer.from('age-encryption.org/v1\n-> X')),
      failsWith('BACKUP_INVALID', /cut off/),
    );
    const encrypter = new Encrypter();
    encrypter.setPassphrase('pass');
    encrypter.setScryptWorkFactor(1);
    await assert.rejects(open(await encrypter.encrypt('text')), foreign);
    const newer = (await fileOf(inPieces(Buffer.from('a'))))
      .toString('latin1')
      .replace('-backup 1', '-backup 2');
    await assert.rejects(
      open(Buffer.from(newer, 'latin1')),
      failsWith('BACKUP_INVALID', /version 2.*version 1/),
    );
  });

  it('passes on the failure of reading the file', async () => {
    const broken = async function* (): AsyncGenerator<Uint8Array> {
      yield await fileOf(inPieces(randomBytes(100_000))).then((file) => file.subarray(0, 80_000));
      throw Object.assign(new Error('EIO'), { syscall: 'read', code: 'EIO' });
    };
    await assert.rejects(all(openEnvelope(keyring, broken())), { code: 'EIO' });
  });
});
