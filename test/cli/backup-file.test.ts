import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeBackupFile } from '../../src/cli/backup-file.ts';
import { CommandError } from '../../src/cli/exit-codes.ts';
import { temporaryDirectory } from '../support/temp.ts';

describe('writeBackupFile', () => {
  let folder: ReturnType<typeof temporaryDirectory>;
  let path: string;
  beforeEach(() => {
    folder = temporaryDirectory();
    path = join(folder.path, 'a.backup');
  });
  afterEach(() => {
    folder.remove();
  });

  async function* pieces(then: () => void = () => undefined): AsyncGenerator<Uint8Array> {
    yield Buffer.from('one ');
    then();
    yield Buffer.from('two');
  }

  const fails =
    (text: RegExp) =>
    (error: unknown): boolean =>
      error instanceof CommandError && text.test(error.message);

  it('has the name only when all of it is there, and then only for its owner', async () => {
    let seen: readonly string[] = [];
    const look = (): void => {
      seen = readdirSync(folder.path);
    };
    await writeBackupFile(path, pieces(look));
    assert.match(seen.join(), /^a\.backup\.partial-[0-9a-f]+$/);
    assert.equal(readFileSync(path, 'utf8'), 'one two');
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(folder.path), ['a.backup']);
  });

  it('leaves nothing when the disk is full, and says so', async () => {
    const full = (): never => {
      throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC', syscall: 'write' });
    };
    await assert.rejects(writeBackupFile(path, pieces(full)), fails(/a\.backup: the disk is full/));
    assert.deepEqual(readdirSync(folder.path), []);
  });

  it('leaves nothing when the backup itself fails', async () => {
    const broken = (): never => {
      throw new RangeError('a fault');
    };
    await assert.rejects(writeBackupFile(path, pieces(broken)), RangeError);
    assert.deepEqual(readdirSync(folder.path), []);
  });

  it('leaves nothing when it is told to stop, and listens no longer', async () => {
    const before = process.listenerCount('SIGTERM');
    const stop = (): void => {
      process.emit('SIGTERM');
    };
    await assert.rejects(writeBackupFile(path, pieces(stop)), fails(/interrupted/));
    assert.deepEqual(readdirSync(folder.path), []);
    assert.equal(process.listenerCount('SIGTERM'), before);
  });

  it('replaces no file, also not one that appears meanwhile', async () => {
    const appear = (): void => {
      writeFileSync(path, 'other');
    };
    await assert.rejects(writeBackupFile(path, pieces(appear)), fails(/exists already/));
    await assert.rejects(writeBackupFile(path, pieces()), fails(/exists already/));
    assert.equal(readFileSync(path, 'utf8'), 'other');
    assert.deepEqual(readdirSync(folder.path), ['a.backup']);
  });
});
