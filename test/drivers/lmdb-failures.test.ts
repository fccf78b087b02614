import assert from 'node:assert/strict';
import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { open } from 'lmdb';
import { isFailure } from '../../src/domain/errors.ts';
import { openLmdbStore } from '../../src/drivers/lmdb/store.ts';
import { freshAccount, key, put } from '../contracts/store/fixture.ts';
import { temporaryDirectory } from '../support/temp.ts';

function processPath(name: string): string {
  return fileURLToPath(new URL(`./crash/${name}.js`, import.meta.url));
}

describe('the lmdb store', function () {
  this.timeout(30_000);
  let directory: ReturnType<typeof temporaryDirectory>;

  beforeEach(() => {
    directory = temporaryDirectory();
  });
  afterEach(() => {
    directory.remove();
  });

  async function assertRefused(path: string, reason: RegExp): Promise<void> {
    await assert.rejects(openLmdbStore({ directory: path }), (error) => {
      assert.ok(isFailure(error, 'STORE_REFUSED'));
      assert.match(error.message, reason);
      assert.ok(error.message.includes(path), 'the message names the directory');
      return true;
    });
  }

  describe('opening', () => {
    it('makes the directory and its parents, for this user alone', async () => {
      const path = join(directory.path, 'a', 'b');
      const store = await openLmdbStore({ directory: path });
      await store.commit(freshAccount(), { changes: [put('role\ta', '1')], authority: true });
      assert.equal(statSync(path).mode & 0o777, 0o700);
      assert.equal(statSync(join(directory.path, 'a')).mode & 0o777, 0o700);
      for (const name of ['data.mdb', 'lock.mdb'])
        assert.equal(statSync(join(path, name)).mode & 0o777, 0o600);
      await store.close();
    });

    it('leaves the mode of a directory that is there', async () => {
      const path = join(directory.path, 'shared');
      mkdirSync(path, { mode: 0o755 });
      await (await openLmdbStore({ directory: path })).close();
      assert.equal(statSync(path).mode & 0o777, 0o755);
    });

    it('refuses what is not a directory', async () => {
      const file = join(directory.path, 'file');
      writeFileSync(file, '');
      await assertRefused(file, /cannot be used.*name a directory that this user may create and write/);
      await assertRefused(join(file, 'below'), /cannot be used/);
    });

    it('refuses a place where nothing can be made', async function () {
      if (process.platform !== 'linux') return;
      await assertRefused('/proc/latchkey/data', /cannot be used/);
    });

    it('refuses a data file that is not one', async () => {
      for (const content of ['hello', Buffer.alloc(100_000), Buffer.alloc(100_000, 'x')]) {
        writeFileSync(join(directory.path, 'data.mdb'), content);
        await assertRefused(directory.path, /not the data file of a store/);
      }
    });

    it('refuses a store of another format', async () => {
      const root = open({
        path: directory.path,
        noSubdir: false,
        overlappingSync: false,
        encoding: 'binary',
        keyEncoding: 'binary',
      });
      await root.put(Buffer.from('latchkey:format'), Buffer.from('7'));
      await root.close();
      await assertRefused(directory.path, /written in format 7; this release reads format 1/);
    });
  });

  it('fails commits on a full disk, keeps what it has and works on when there is room', function () {
    if (process.platform === 'win32') return;
    const limited = `ulimit -S -f 2048; exec "$@"`;
    const args = ['-c', limited, 'bash', process.execPath, processPath('full-disk'), directory.path];
    const { status, stdout } = spawnSync('bash', args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    assert.equal(status, 0);
    const [before, large, huge, ...after] = JSON.parse(stdout) as string[];
    assert.deepEqual([before, large, huge], ['1', 'STORE_UNAVAILABLE', 'STORE_UNAVAILABLE']);
    assert.deepEqual(after, ['2', '3', '4', '4', 'absent']);
  });

  it('gives up a commit that waits too long for another process, and works on afterwards', async () => {
    const account = freshAccount();
    const store = await openLmdbStore({ directory: directory.path, commitTimeoutMs: 100 });
    const holder = fork(processPath('lock-holder'), [directory.path]);
    await once(holder, 'message');
    const late = store.commit(account, { changes: [put('role\ta', '1')], authority: true });
    await assert.rejects(late, (error) => isFailure(error, 'STORE_UNAVAILABLE'));
    assert.equal((await store.read(account, [key('role\ta')])).records[0], undefined);

    const gone = once(holder, 'exit');
    holder.send('let go');
    await gone;
    const next = await store.commit(account, { changes: [put('role\tb', '1')], authority: true });
    assert.equal(next.committed, true);
    await store.close();
  });

  it('is not healthy once its file is no longer the one in the directory', async () => {
    const store = await openLmdbStore({ directory: directory.path });
    const file = join(directory.path, 'data.mdb');
    copyFileSync(file, `${file}.copy`);
    rmSync(file);
    await assert.rejects(store.health(), (error) => isFailure(error, 'STORE_UNAVAILABLE'));
    copyFileSync(`${file}.copy`, file);
    await assert.rejects(store.health(), (error) => isFailure(error, 'STORE_UNAVAILABLE'));
    await store.close();
  });

  it('can be opened again after it was closed', async () => {
    const account = freshAccount();
    const first = await openLmdbStore({ directory: directory.path });
    await first.commit(account, { changes: [put('role\ta', '1')], authority: true });
    const { epoch } = await first.read(account, []);
    await first.close();
    const second = await openLmdbStore({ directory: directory.path });
    assert.deepEqual((await second.read(account, [])).epoch, epoch);
    await second.close();
  });

  it('keeps the event loop going during a large commit', async () => {
    const store = await openLmdbStore({ directory: directory.path });
    const changes = Array.from({ length: 50_000 }, (_, index) => put(`role\t${index}`, 'x'.repeat(50)));
    let turns = 0;
    let counting = setImmediate(function count() {
      turns += 1;
      counting = setImmediate(count);
    });
    await store.commit(freshAccount(), { changes, authority: true });
    clearImmediate(counting);
    assert.ok(turns >= 50, `only ${turns} turns of the event loop`);
    await store.close();
  });
});
