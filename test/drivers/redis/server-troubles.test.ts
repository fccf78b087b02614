import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { isFailure } from '../../../src/domain/errors.ts';
import { openRedisStore } from '../../../src/drivers/redis/store.ts';
import type { Store } from '../../../src/ports/store.ts';
import { freshAccount, key, put, text } from '../../contracts/store/fixture.ts';
import { startRedis, type RedisServer } from '../../support/redis-server.ts';

const maxFileBytes = 128 * 1_024;

describe('the redis store on a server in trouble', function () {
  this.timeout(60_000);
  const account = freshAccount();
  let server: RedisServer;
  let store: Store;

  async function start(settings: Readonly<Record<string, string>>, limit?: number): Promise<void> {
    server = await startRedis({ settings, ...(limit === undefined ? {} : { maxFileBytes: limit }) });
    store = await openRedisStore({ url: server.url, commandTimeoutMs: 1_000 });
  }
  afterEach(async () => {
    await store.close();
    await server.stop();
  });

  async function commit(index: number): Promise<boolean> {
    const filler = 'x'.repeat(4_000);
    const changes = [put(`role\t${index}`, filler), put(`resource\t${index}`, filler)];
    return outcome(store.commit(account, { changes, authority: true }));
  }

  async function outcome(call: Promise<unknown>): Promise<boolean> {
    try {
      await call;
      return true;
    } catch (error) {
      assert.ok(isFailure(error, 'STORE_UNAVAILABLE'), String(error));
      return false;
    }
  }

  async function healthyAgain(): Promise<void> {
    while (!(await outcome(store.health()))) await pause(10);
  }

  /** Commits until one fails. Answers how many did not. */
  async function commitUntilRefused(): Promise<number> {
    let index = 0;
    while (await commit(index)) index += 1;
    return index;
  }

  async function assertWhole(acknowledged: number, tried: number): Promise<void> {
    for (let index = 0; index < tried; index += 1) {
      const { records } = await store.read(account, [key(`role\t${index}`), key(`resource\t${index}`)]);
      const found = records.filter((record) => record !== undefined).length;
      assert.ok(index < acknowledged ? found === 2 : found !== 1, `commit ${index}: ${found} of 2 records`);
    }
  }

  it('fails every call while the server still loads its data, and goes on when it has', async () => {
    await start({ appendfsync: 'always' });
    assert.ok(await outcome(store.commit(account, { changes: [put('role\ta', 'kept')], authority: true })));
    const admin = new Redis(server.url, { enableReadyCheck: false, retryStrategy: () => 5 });
    admin.on('error', () => undefined);
    const fill = admin.pipeline();
    for (let index = 0; index < 4_000; index += 1) fill.set(`filler:${index}`, 'x');
    await fill.exec();
    await server.kill();
    const restarted = server.restart({ settings: { 'key-load-delay': '500' } });
    let loading = false;
    while (!loading) {
      loading = await admin.get('filler:0').then(
        () => assert.fail('the server has loaded its data already'),
        (error: unknown) => String(error).includes('LOADING'),
      );
    }
    const read = store.read(account, [key('role\ta')]);
    assert.deepEqual(await Promise.all([outcome(store.health()), outcome(read)]), [false, false]);
    await restarted;
    await healthyAgain();
    assert.equal(text((await store.read(account, [key('role\ta')])).records[0]?.value), 'kept');
    assert.ok(await commit(0));
    admin.disconnect();
  });

  it('fails commits, but not reads, while the disk is full, and goes on when there is room', async () => {
    await start({ appendfsync: 'everysec' }, maxFileBytes);
    const acknowledged = await commitUntilRefused();
    assert.ok(acknowledged > 0);
    assert.equal(await commit(acknowledged + 1), false);
    await assertWhole(acknowledged, acknowledged + 2);
    allowFiles(server);
    while (!(await commit(acknowledged + 2))) await pause(10);
    await assertWhole(acknowledged, acknowledged + 2);
    const admin = new Redis(server.url);
    await admin.config('SET', 'appendfsync', 'always');
    admin.disconnect();
    assert.ok(await commit(acknowledged + 3), 'all that came before is written with it');
    await server.restart();
    await healthyAgain();
    await assertWhole(acknowledged, acknowledged + 2);
  });

  it('loses nothing acknowledged when a full disk ends a server that syncs always', async () => {
    await start({ appendfsync: 'always' }, maxFileBytes);
    const acknowledged = await commitUntilRefused();
    assert.ok(acknowledged > 0);
    while (server.running()) await pause(10);
    await server.restart({ maxFileBytes: undefined });
    await healthyAgain();
    await assertWhole(acknowledged, acknowledged + 1);
    assert.ok(await commit(acknowledged + 1));
  });

  it('refuses what takes memory when there is none left, and goes on when there is', async () => {
    await start({ maxmemory: '3mb' });
    const acknowledged = await commitUntilRefused();
    assert.ok(acknowledged > 0);
    const admin = new Redis(server.url);
    await admin.config('SET', 'maxmemory', '1');
    const entry = { key: 'a', value: Buffer.from('1'), ttlMs: 60_000 };
    assert.equal(await outcome(store.ephemeral.put(account, [entry])), false);
    await assertWhole(acknowledged, acknowledged + 1);
    assert.deepEqual(await store.ephemeral.get(account, ['a']), [undefined]);
    await admin.config('SET', 'maxmemory', '0');
    admin.disconnect();
    assert.ok(await commit(acknowledged + 1));
    await store.ephemeral.put(account, [entry]);
  });
});

/** What the disk has room for again. */
function allowFiles(server: RedisServer): void {
  execFileSync('prlimit', ['--pid', String(server.pid()), '--fsize=unlimited']);
}
