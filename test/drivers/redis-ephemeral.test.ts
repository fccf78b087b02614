import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { isFailure } from '../../src/domain/errors.ts';
import { openRedisStore } from '../../src/drivers/redis/store.ts';
import type { EphemeralStore } from '../../src/ports/ephemeral-store.ts';
import type { Store } from '../../src/ports/store.ts';
import { entry } from '../contracts/store/ephemeral.ts';
import { freshAccount, text } from '../contracts/store/fixture.ts';
import { startRedis, type RedisServer } from '../support/redis-server.ts';

const timeoutMs = 300;
const longMs = 60 * 60 * 1_000;

function isUnavailable(error: unknown): boolean {
  return isFailure(error, 'STORE_UNAVAILABLE');
}

describe('the ephemeral space of redis', function () {
  this.timeout(30_000);
  const account = freshAccount();
  let server: RedisServer;
  let store: Store;
  let space: EphemeralStore;
  let admin: Redis;

  before(async () => {
    server = await startRedis();
    store = await openRedisStore({ url: server.url, commandTimeoutMs: timeoutMs });
    space = store.ephemeral;
    admin = new Redis(server.url, { retryStrategy: () => 20 });
    admin.on('error', () => undefined);
  });
  after(async () => {
    admin.disconnect();
    await store.close();
    await server.stop();
  });
  beforeEach(() => admin.flushall());

  it('keeps all under the hash tag of the account, for no longer than it lives', async () => {
    await space.put(account, [entry('a', '1', 'g'), entry('b')]);
    await space.use(account, 'a');
    await space.count(account, 'c', longMs);
    const keys = await admin.keys('*');
    assert.equal(keys.length, 4);
    for (const key of keys) {
      assert.ok(key.startsWith(`latchkey:{${account}}:`), key);
      const lifeMs = await admin.pttl(key);
      assert.ok(lifeMs > longMs - 60_000 && lifeMs <= longMs + 1, `${key} lives for ${lifeMs} ms`);
    }
  });

  it('lets a group live as long as its longest-lived member, and forget those that expired', async () => {
    await space.put(account, [entry('long', '1', 'g'), { ...entry('brief', '1', 'g'), ttlMs: 5 }]);
    const [group = ''] = await admin.keys('*groups:g');
    assert.ok((await admin.pttl(group)) > longMs - 60_000);
    while ((await space.get(account, ['brief']))[0] !== undefined) await pause(2);
    await pause(2);
    await space.put(account, [{ ...entry('next', '1', 'g'), ttlMs: 1_000 }]);
    assert.equal(await admin.zcard(group), 2);
    assert.ok((await admin.pttl(group)) > longMs - 60_000);
    await space.take(account, 'long');
    await space.remove(account, ['next']);
    assert.deepEqual(await admin.keys('*'), []);
  });

  it('works on when the server forgets its scripts', async () => {
    const forget = (): Promise<unknown> => admin.script('FLUSH');
    await forget();
    await Promise.all([space.put(account, [entry('a', '1', 'g')]), space.put(account, [entry('b')])]);
    await forget();
    assert.equal((await space.get(account, ['a'])).length, 1);
    await forget();
    assert.equal(await space.use(account, 'a'), 'first');
    await forget();
    assert.equal(text((await space.take(account, 'b'))?.value), '1');
    await forget();
    assert.equal(await space.count(account, 'a', longMs), 1);
    await forget();
    await space.remove(account, ['b']);
    await forget();
    await space.removeGroup(account, 'g');
    assert.equal((await space.get(account, ['a']))[0], undefined);
  });

  it('fails every call while the server is away, runs none later, and keeps what it had', async () => {
    await space.put(account, [entry('a')]);
    await server.kill();
    const outcomes = await Promise.allSettled([
      space.put(account, [entry('late')]),
      space.add(account, entry('late')),
      space.get(account, ['a']),
      space.take(account, 'a'),
      space.use(account, 'a'),
      space.count(account, 'a', longMs),
      space.remove(account, ['a']),
      space.removeGroup(account, 'g'),
    ]);
    for (const outcome of outcomes) assert.ok(outcome.status === 'rejected' && isUnavailable(outcome.reason));
    await server.restart();
    while ((await store.health().catch(() => 'away')) === 'away') await pause(5);
    const records = await space.get(account, ['a', 'late']);
    assert.deepEqual([records[0]?.used, records[1]], [false, undefined]);
    assert.equal(await space.count(account, 'a', longMs), 1);
  });

  it('refuses to keep more, but still finds and takes, while the server is out of memory', async () => {
    await space.put(account, [entry('a', 'one')]);
    await admin.config('SET', 'maxmemory', '1');
    await assert.rejects(space.put(account, [entry('b')]), isUnavailable);
    const [found] = await space.get(account, ['a']);
    assert.equal(text(found?.value), 'one');
    assert.equal(text((await space.take(account, 'a'))?.value), 'one');
    await admin.config('SET', 'maxmemory', '0');
    await space.put(account, [entry('b')]);
  });
});

describe('the ephemeral space of redis with replicas', function () {
  this.timeout(30_000);

  it('acknowledges once they have it, and fails when they are too few', async () => {
    const account = freshAccount();
    const primary = await startRedis({ settings: { 'repl-diskless-sync-delay': '0' } });
    const replica = await startRedis({ settings: { replicaof: `127.0.0.1 ${primary.port}` } });
    const store = await openRedisStore({ url: primary.url, waitReplicas: 1, waitTimeoutMs: 300 });
    const copy = new Redis(replica.url);
    const { ephemeral } = store;
    const settled = (): Promise<boolean> =>
      ephemeral.put(account, [entry('probe')]).then(
        () => true,
        () => false,
      );
    while (!(await settled())) await pause(5);

    await ephemeral.put(account, [entry('a', 'copied'), entry('b')]);
    assert.equal(await copy.hget(`latchkey:{${account}}:ephemeral:a`, 'v'), 'copied');
    await ephemeral.take(account, 'a');
    assert.equal(await copy.exists(`latchkey:{${account}}:ephemeral:a`), 0);
    await ephemeral.use(account, 'b');

    copy.disconnect();
    await replica.stop();
    await assert.rejects(ephemeral.put(account, [entry('c')]), isUnavailable);
    await assert.rejects(ephemeral.take(account, 'c'), isUnavailable);
    assert.equal(await ephemeral.take(account, 'c'), undefined, 'what was taken without replicas is gone');
    assert.equal(await ephemeral.use(account, 'none'), 'missing');
    await store.close();
    await primary.stop();
  });
});
