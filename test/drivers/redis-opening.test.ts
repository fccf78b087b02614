import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { isFailure } from '../../src/domain/errors.ts';
import { openRedisStore, type RedisStoreOptions } from '../../src/drivers/redis/store.ts';
import { createLog } from '../../src/log.ts';
import { freshAccount, key, put, text } from '../contracts/store/fixture.ts';
import { startRedis, type RedisServer, type RedisServerOptions } from '../support/redis-server.ts';

describe('openRedisStore', function () {
  this.timeout(30_000);
  let server: RedisServer | undefined;

  afterEach(async () => {
    await server?.stop();
    server = undefined;
  });

  async function start(options: RedisServerOptions = {}): Promise<string> {
    server = await startRedis(options);
    return server.url;
  }

  async function assertRefused(options: RedisStoreOptions, reason: RegExp): Promise<void> {
    await assert.rejects(openRedisStore(options), (error) => {
      assert.ok(isFailure(error, 'STORE_REFUSED'), String(error));
      assert.match(error.message, reason);
      return true;
    });
  }

  async function assertWorks(options: RedisStoreOptions): Promise<void> {
    const account = freshAccount();
    const store = await openRedisStore(options);
    await store.commit(account, { changes: [put('role\ta', 'there')], authority: true });
    const { records } = await store.read(account, [key('role\ta')]);
    assert.equal(text(records[0]?.value), 'there');
    await store.close();
  }

  /** As a user who may do everything but the given commands. */
  async function withoutCommands(url: string, ...commands: readonly string[]): Promise<string> {
    const admin = new Redis(url);
    const rules = ['on', '>secret', '~*', '+@all', ...commands.map((command) => `-${command}`)];
    await admin.call('ACL', ['SETUSER', 'limited', ...rules]);
    admin.disconnect();
    return url.replace('redis://', 'redis://limited:secret@');
  }

  describe('on a server that may lose what it acknowledged', () => {
    it('refuses one without an append-only file, and names the setting', async () => {
      const url = await start({ settings: { appendonly: 'no' } });
      await assertRefused({ url }, /set "appendonly yes"/);
      await assertWorks({ url, allowVolatile: true });
    });

    it('refuses one that may evict, and names the setting', async () => {
      const url = await start({ settings: { 'maxmemory-policy': 'allkeys-lru' } });
      await assertRefused({ url }, /maxmemory-policy allkeys-lru.*set "maxmemory-policy noeviction"/);
      await assertWorks({ url, allowVolatile: true });
    });

    it('finds out by INFO where CONFIG is forbidden', async () => {
      await assertWorks({ url: await withoutCommands(await start(), 'config') });
      await server?.stop();
      const volatile = await withoutCommands(await start({ settings: { appendonly: 'no' } }), 'config');
      await assertRefused({ url: volatile }, /set "appendonly yes"/);
    });

    it('finds out by INFO where CONFIG has another name', async () => {
      const url = await start({ settings: { 'rename-command': ['CONFIG', 'hidden'] } });
      await assertWorks({ url });
    });

    it('refuses one that tells neither, unless a volatile store is allowed', async () => {
      const url = await withoutCommands(await start(), 'config', 'info');
      await assertRefused({ url }, /neither by CONFIG nor by INFO/);
      await assertWorks({ url, allowVolatile: true });
    });
  });

  it('says so when the server may lose later what it acknowledges, once, and when it is well again', async () => {
    const url = await start();
    const told: string[] = [];
    const log = createLog('info', { write: (line: string) => told.push(line) });
    const store = await openRedisStore({ url, log, durabilityIntervalMs: 20 });
    const admin = new Redis(url);
    const isTold = async (count: number): Promise<void> => {
      while (told.length < count) await pause(5);
    };
    await admin.config('SET', 'maxmemory-policy', 'allkeys-lru');
    await isTold(1);
    await server?.restart({ settings: { appendonly: 'no' } });
    await isTold(2);
    await server?.restart({ settings: { appendonly: 'yes' } });
    await isTold(3);
    assert.match(told[0]!, /"level":"error".*maxmemory-policy allkeys-lru/);
    assert.match(told[1]!, /"level":"error".*set \\"appendonly yes/);
    assert.match(told[2]!, /"level":"info".*keeps again/);
    assert.equal(told.length, 3);
    admin.disconnect();
    await store.close();
  });

  describe('letting itself in', () => {
    it('uses the password of the address', async () => {
      const url = await start({ settings: { requirepass: 'p@ss w:rd/?#' } });
      await assertWorks({ url });
    });

    it('refuses a password that the server does not take, without telling it', async () => {
      const url = await start({ settings: { requirepass: 'right' } });
      const wrong = url.replace('right', 'hunter2');
      await assert.rejects(openRedisStore({ url: wrong }), (error) => {
        assert.ok(isFailure(error, 'STORE_REFUSED'));
        assert.match(error.message, /does not let this client in: WRONGPASS/);
        const { cause } = error;
        assert.ok(!`${error.stack} ${JSON.stringify(error)} ${JSON.stringify(cause)}`.includes('hunter2'));
        return true;
      });
      await assertRefused({ url: url.replace(':right@', '') }, /NOAUTH/);
    });

    it('uses the database of the address, and refuses one that the server does not have', async () => {
      const url = await start();
      await assertWorks({ url: `${url}/5` });
      await assertRefused({ url: `${url}/99` }, /does not let this client in/);
    });

    it('uses a Unix socket', async () => {
      await assertWorks({ url: await start({ unixSocket: true }) });
    });
  });

  it('fails within the time-out where there is no server', async () => {
    const url = await start();
    await server?.kill();
    const opening = openRedisStore({ url, commandTimeoutMs: 200 });
    await assert.rejects(opening, (error) => isFailure(error, 'STORE_UNAVAILABLE'));
  });
});
