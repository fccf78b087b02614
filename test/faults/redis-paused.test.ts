import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { startRedis, type RedisServer } from '../support/redis-server.ts';
import { SharedStore } from './shared-store.ts';

const pausedMs = 10_000;
const flood = 2_000;
const mostGrowthBytes = 200 * 1024 * 1024;

describe('two service processes on a Redis that hangs', function () {
  this.timeout(120_000);
  let redis: RedisServer;
  let world: SharedStore;

  before(async () => {
    redis = await startRedis();
    world = await SharedStore.start({ LATCHKEY_STORE: redis.url });
  });
  after(async () => {
    await world.stop();
    await redis.stop();
  });

  it('answer every one of thousands of requests with 503 meanwhile, in bounded memory, and go on after it', async () => {
    await world.during(async () => {
      const before = world.residentBytes();
      redis.signal('SIGSTOP');
      const hung = pause(pausedMs);
      const statuses = await world.flood(flood);

      assert.deepEqual(statuses, new Map([[503, flood]]));
      const growth = world.residentBytes() - before;
      assert.ok(growth < mostGrowthBytes, `${growth} bytes more`);
      await hung;
      redis.signal('SIGCONT');
    });

    assert.ok(world.unavailable > 0);
    await world.verify();
  });
});
