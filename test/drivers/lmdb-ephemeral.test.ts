import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { open } from 'lmdb';
import { isFailure } from '../../src/domain/errors.ts';
import { openLmdbStore } from '../../src/drivers/lmdb/store.ts';
import { entry } from '../contracts/store/ephemeral.ts';
import { freshAccount, text } from '../contracts/store/fixture.ts';
import { temporaryDirectory } from '../support/temp.ts';

const tables = ['ephemeral', 'ephemeral-expiry', 'ephemeral-groups'];

describe('the ephemeral space of lmdb', function () {
  this.timeout(30_000);
  const account = freshAccount();
  let directory: ReturnType<typeof temporaryDirectory>;

  beforeEach(() => {
    directory = temporaryDirectory();
  });
  afterEach(() => {
    directory.remove();
  });

  /** How many entries each table has; no store may be open. */
  async function sizes(): Promise<readonly number[]> {
    const root = open({ path: directory.path, noSubdir: false, overlappingSync: false, encoding: 'binary' });
    const counts = tables.map((name) =>
      root.openDB({ name, encoding: 'binary', keyEncoding: 'binary' }).getCount(),
    );
    await root.close();
    return counts;
  }

  it('is made where a store has none yet', async () => {
    const coding = { encoding: 'binary', keyEncoding: 'binary' } as const;
    const root = open<Buffer, Buffer>({
      ...coding,
      path: directory.path,
      noSubdir: false,
      overlappingSync: false,
    });
    await root.put(Buffer.from('latchkey:format'), Buffer.from('1'));
    for (const name of ['accounts', 'records', 'change-log']) root.openDB({ ...coding, name });
    await root.close();

    const store = await openLmdbStore({ directory: directory.path });
    await store.ephemeral.put(account, [entry('a', 'one', 'g')]);
    assert.equal(text((await store.ephemeral.take(account, 'a'))?.value), 'one');
    await store.close();
    assert.deepEqual(await sizes(), [0, 0, 0]);
  });

  it('lets go of what has expired, in part with each write', async () => {
    const store = await openLmdbStore({ directory: directory.path, keepExpiredMs: 0 });
    const brief = Array.from({ length: 100 }, (_, index) => ({ ...entry(`${index}`, '1', 'g'), ttlMs: 10 }));
    await store.ephemeral.put(account, brief);
    while ((await store.ephemeral.get(account, ['99']))[0] !== undefined) await pause(5);
    const other = freshAccount();
    for (let index = 0; index < 10; index += 1) await store.ephemeral.put(other, [entry(`new${index}`)]);
    await store.close();
    assert.deepEqual(await sizes(), [10, 10, 0]);
  });

  it('has nothing left of what was replaced, taken, counted, or removed with its account', async () => {
    const store = await openLmdbStore({ directory: directory.path });
    const { ephemeral } = store;
    const long = 'x'.repeat(512);
    await store.commit(account, { changes: [], authority: true });
    for (const group of ['g', 'h'])
      await ephemeral.put(account, [entry('a', '1', group), entry(long, '1', group)]);
    await ephemeral.use(account, 'a');
    for (let count = 0; count < 3; count += 1) await ephemeral.count(account, 'c', 60_000);
    await ephemeral.put(account, [entry('b', '1', 'g'), entry('t', '1', 'g')]);
    await ephemeral.take(account, 't');
    await store.close();
    assert.deepEqual(await sizes(), [4, 4, 3]);

    const again = await openLmdbStore({ directory: directory.path });
    const { epoch } = await again.read(account, []);
    assert.equal(await again.remove(account, epoch), true);
    await again.close();
    assert.deepEqual(await sizes(), [0, 0, 0]);
  });

  it('answers what needs no write while another process holds the lock, and gives up what does', async () => {
    const store = await openLmdbStore({ directory: directory.path, commitTimeoutMs: 100 });
    await store.ephemeral.put(account, [entry('a')]);
    await store.ephemeral.use(account, 'a');
    const holder = fork(fileURLToPath(new URL('./crash/lock-holder.js', import.meta.url)), [directory.path]);
    await once(holder, 'message');
    assert.equal(await store.ephemeral.use(account, 'a'), 'again');
    assert.equal(await store.ephemeral.add(account, entry('a')), false);
    assert.equal(await store.ephemeral.take(account, 'guess'), undefined);
    assert.equal(await store.ephemeral.use(account, 'guess'), 'missing');
    await store.ephemeral.remove(account, ['guess']);
    await store.ephemeral.removeGroup(account, 'guess');
    await assert.rejects(store.ephemeral.take(account, 'a'), (error) =>
      isFailure(error, 'STORE_UNAVAILABLE'),
    );

    const gone = once(holder, 'exit');
    holder.send('let go');
    await gone;
    await store.ephemeral.put(account, [entry('b')]);
    await store.close();
  });
});
