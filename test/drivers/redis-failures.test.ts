import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { isFailure } from '../../src/domain/errors.ts';
import { openRedisStore } from '../../src/drivers/redis/store.ts';
import type { Store } from '../../src/ports/store.ts';
import { assertCommitted, freshAccount, key, put, text } from '../contracts/store/fixture.ts';
import { startRedis, type RedisServer } from '../support/redis-server.ts';

const timeoutMs = 300;

describe('the redis store', function () {
  this.timeout(30_000);
  const account = freshAccount();
  let server: RedisServer;
  let store: Store;
  let admin: Redis;

  beforeEach(async () => {
    // With everysec, a server whose disk is busy acknowledges before it has written, and loses that when it is killed.
    server = await startRedis({ settings: { appendfsync: 'always' } });
    store = await openRedisStore({ url: server.url, commandTimeoutMs: timeoutMs });
    admin = new Redis(server.url, { retryStrategy: () => 20 });
    admin.on('error', () => undefined);
    await commit('first');
  });
  afterEach(async () => {
    admin.disconnect();
    await store.close();
    await server.stop();
  });

  async function commit(value: string): Promise<void> {
    assertCommitted(await store.commit(account, { changes: [put('role\ta', value)], authority: true }));
  }

  async function value(): Promise<string | undefined> {
    return text((await store.read(account, [key('role\ta')])).records[0]?.value);
  }

  async function healthyAgain(): Promise<void> {
    while ((await store.health().catch(() => 'away')) === 'away') await pause(5);
  }

  async function assertUnavailable(call: Promise<unknown>): Promise<void> {
    await assert.rejects(call, (error) => {
      assert.ok(isFailure(error, 'STORE_UNAVAILABLE'), String(error));
      return true;
    });
  }

  async function assertAllUnavailable(): Promise<void> {
    const many = Array.from({ length: 3_000 }, (_, index) => put(`role\t${index}`, '1'));
    await Promise.all([
      assertUnavailable(value()),
      assertUnavailable(commit('lost')),
      assertUnavailable(store.commit(account, { changes: many, authority: true })),
      assertUnavailable(store.changesSince(account, { lineage: '', counter: 0 })),
      assertUnavailable(store.scan(account, 'role')[Symbol.asyncIterator]().next()),
      assertUnavailable(store.accounts()),
      assertUnavailable(store.health()),
    ]);
  }

  describe('while the server is away', () => {
    it('fails every call, and works again by itself when it is back', async () => {
      await server.kill();
      await assertAllUnavailable();
      await assertAllUnavailable();
      await server.restart();
      await healthyAgain();
      assert.equal(await value(), 'first');
      await commit('second');
      assert.equal(await value(), 'second');
    });

    it('never runs later what it has failed', async () => {
      await server.kill();
      await assertUnavailable(commit('late'));
      await server.restart();
      await healthyAgain();
      assert.equal(await admin.hlen(`latchkey:{${account}}:records:role`), 1);
      assert.equal(await value(), 'first');
    });

    it('never sends again what was under way when the connection broke', async () => {
      const { counter } = (await store.read(account, [])).epoch;
      server.signal('SIGSTOP');
      const lost = assertUnavailable(commit('late'));
      await pause(20);
      await server.restart();
      await lost;
      await healthyAgain();
      assert.equal(await value(), 'first');
      assert.equal((await store.read(account, [])).epoch.counter, counter);
    });

    it('fails every call of a server that hangs, and works again when it goes on', async () => {
      server.signal('SIGSTOP');
      await assertUnavailable(value());
      await assertUnavailable(store.health());
      server.signal('SIGCONT');
      await healthyAgain();
      assert.equal(await value(), 'first');
    });
  });

  it('works on when the server forgets its scripts', async () => {
    await admin.script('FLUSH');
    assert.equal(await value(), 'first');
    await admin.script('FLUSH');
    await Promise.all([commit('second'), commit('third')]);
    assert.equal(await value(), 'third');
    await admin.script('FLUSH');
    assert.equal((await store.changesSince(account, { lineage: 'x', counter: 0 })).kind, 'reload');
  });

  it('fails commits, but not reads, while the server is out of memory', async () => {
    await admin.config('SET', 'maxmemory', '1');
    await assertUnavailable(commit('second'));
    assert.equal(await value(), 'first');
    await admin.config('SET', 'maxmemory', '0');
    await commit('second');
    assert.equal(await value(), 'second');
  });

  it('fails commits on a replica', async () => {
    await admin.replicaof('127.0.0.1', 1);
    await admin.config('SET', 'replica-serve-stale-data', 'yes');
    await assertUnavailable(commit('second'));
    await admin.replicaof('NO', 'ONE');
    await healthyAgain();
    await commit('third');
    assert.equal(await value(), 'third');
  });

  it('gives an account a new lineage with its first commit after the server restarted', async () => {
    const before = (await store.read(account, [key('role\ta')])).epoch;
    await server.restart();
    await healthyAgain();
    const { epoch, records } = await store.read(account, [key('role\ta')]);
    assert.deepEqual(epoch, before, 'reading alone changes nothing');
    await commit('second');
    const after = (await store.read(account, [key('role\ta')])).epoch;
    assert.notEqual(after.lineage, before.lineage);
    assert.ok(after.counter > before.counter);
    assert.equal((await store.changesSince(account, before)).kind, 'reload');
    const stale = { key: key('role\ta'), revision: records[0]!.revision };
    const late = { changes: [put('role\ta', 'late')], authority: true, expectRevisions: [stale] };
    assert.equal((await store.commit(account, late)).committed, false);
    await commit('third');
    assert.equal((await store.read(account, [])).epoch.lineage, after.lineage);
  });

  it('leaves nothing behind of a large commit that was stopped', async () => {
    const changes = Array.from({ length: 5_000 }, (_, index) => put(`role\t${index}`, '1'));
    const expectEpoch = { lineage: 'another', counter: 0 };
    assert.equal((await store.commit(account, { changes, authority: true, expectEpoch })).committed, false);
    assert.deepEqual(await admin.keys('latchkey:*:staged:*'), []);
  });

  it('lets what a large commit left behind expire', async () => {
    const changes = Array.from({ length: 20_000 }, (_, index) => put(`role\t${index}`, 'x'.repeat(500)));
    await admin.config('SET', 'maxmemory', '6mb');
    await assertUnavailable(store.commit(account, { changes, authority: true }));
    await admin.config('SET', 'maxmemory', '0');
    const [left = ''] = await admin.keys('latchkey:*:staged:*');
    assert.ok((await admin.pttl(left)) > 0);
    assert.equal(await value(), 'first');
  });

  it('reads what one turn asks for in one command', async () => {
    await admin.config('RESETSTAT');
    const reads = await Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        store.read(account, [key('role\ta'), key(`secret\t${index}`)]),
      ),
    );
    assert.ok(reads.every(({ records }) => text(records[0]?.value) === 'first' && records[1] === undefined));
    assert.match(await admin.info('commandstats'), /cmdstat_evalsha:calls=1,/);
  });
});

describe('the redis store with replicas', function () {
  this.timeout(30_000);

  it('acknowledges a commit once they have it, and fails it when they are too few', async () => {
    const primary = await startRedis({ settings: { 'repl-diskless-sync-delay': '0' } });
    const replica = await startRedis({ settings: { replicaof: `127.0.0.1 ${primary.port}` } });
    const store = await openRedisStore({ url: primary.url, waitReplicas: 1, waitTimeoutMs: 300 });
    const copy = new Redis(replica.url);
    const account = freshAccount();
    const settled = async (): Promise<boolean> => {
      const probe = store.commit(account, { changes: [put('role\ta', 'probe')], authority: true });
      return probe.then(
        () => true,
        () => false,
      );
    };
    while (!(await settled())) await pause(5);

    const changes = [put('role\ta', 'copied')];
    const commits = Array.from({ length: 20 }, () => store.commit(account, { changes, authority: true }));
    assert.ok((await Promise.all(commits)).every(({ committed }) => committed));
    const copied = await copy.hgetBuffer(`latchkey:{${account}}:records:role`, 'a');
    assert.equal(text(copied?.subarray(8)), 'copied');

    copy.disconnect();
    await replica.stop();
    const lonely = store.commit(account, { changes: [put('role\ta', 'lonely')], authority: true });
    await assert.rejects(lonely, (error) => isFailure(error, 'STORE_UNAVAILABLE'));
    const stale = store.commit(account, {
      changes,
      authority: true,
      expectEpoch: { lineage: 'x', counter: 1 },
    });
    assert.equal((await stale).committed, false);
    await store.close();
    await primary.stop();
  });
});
