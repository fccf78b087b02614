import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandError } from '../../src/cli/exit-codes.ts';
import { readOwnFile, writeOwnFile } from '../../src/cli/files.ts';

describe('files of the command line', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'latchkey-files-'));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('are written for the user only, also over one that others could read', async () => {
    const path = join(folder, 'a', 'b', 'file');
    await writeOwnFile(path, 'one');
    assert.equal(statSync(path).mode & 0o777, 0o600);
    writeFileSync(join(folder, 'open'), 'x', { mode: 0o644 });
    await writeOwnFile(join(folder, 'open'), 'two');
    assert.equal(statSync(join(folder, 'open')).mode & 0o777, 0o600);
    assert.equal(await readOwnFile(join(folder, 'open'), { secret: true }), 'two');
  });

  it('are written whole or not at all, and leave no draft behind', async () => {
    const path = join(folder, 'file');
    await writeOwnFile(path, 'old');
    const blocked = join(folder, 'taken');
    mkdirSync(join(blocked, 'inside'), { recursive: true });
    await assert.rejects(writeOwnFile(blocked, 'new'), (error: CommandError) => error.exit === 'files');
    await Promise.all(['a', 'b', 'c'].map((text) => writeOwnFile(path, text.repeat(10_000))));
    assert.match(readFileSync(path, 'utf8'), /^(?:a{10000}|b{10000}|c{10000})$/);
    assert.deepEqual(readdirSync(folder).sort(), ['file', 'taken']);
  });

  it('that cannot be written are named', async () => {
    writeFileSync(join(folder, 'file'), '');
    await assert.rejects(
      writeOwnFile(join(folder, 'file', 'below'), 'x'),
      (error) =>
        error instanceof CommandError && error.exit === 'files' && /cannot write/.test(error.message),
    );
  });

  it('that do not exist are undefined', async () => {
    assert.equal(await readOwnFile(join(folder, 'none'), { secret: true }), undefined);
  });
});
