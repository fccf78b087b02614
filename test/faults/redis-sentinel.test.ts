import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { startSentinelSet, type SentinelSet } from '../support/redis-sentinel.ts';
import { SharedStore } from './shared-store.ts';

describe('two service processes behind sentinels, with --redis-wait-replicas 1', function () {
  this.timeout(120_000);
  let set: SentinelSet;
  let world: SharedStore;

  before(async () => {
    // Two failovers leave a primary and one replica, which it takes to acknowledge.
    set = await startSentinelSet({ replicas: 3 });
    world = await SharedStore.start({ LATCHKEY_STORE: set.url, LATCHKEY_REDIS_WAIT_REPLICAS: '1' });
  });
  after(async () => {
    await world.stop();
    await set.stop();
  });

  it('go by no older state when a primary that hung comes back after it was replaced', async () => {
    await world.during(async () => {
      const former = await set.pause();
      await set.failedOver(former);
      await world.serving();
      await set.resume(former);
    });
    await world.verify();
  });

  it('lose nothing acknowledged when the primary is killed, and go on with the next one', async () => {
    await world.during(async () => {
      await set.failedOver(await set.killPrimary('SIGKILL'));
    });
    await world.verify();
  });
});

describe('two service processes behind sentinels, without waiting for replicas', function () {
  this.timeout(120_000);
  let set: SentinelSet;
  let world: SharedStore;

  before(async () => {
    set = await startSentinelSet();
    world = await SharedStore.start({ LATCHKEY_STORE: set.url });
  });
  after(async () => {
    await world.stop();
    await set.stop();
  });

  it('lose what no replica had when the primary is killed, and both go by what is left', async () => {
    await world.permit(0, false);
    const primary = await set.primary();
    const replica = set.servers.find((server) => server !== primary)!;
    const admin = new Redis(primary.url);
    assert.equal(await admin.wait(1, 0), 1);
    const before = await lineage(admin);
    admin.disconnect();

    const successor = new Redis(replica.url);
    await successor.replicaof('127.0.0.1', unusedPort);
    await world.permit(1, true);
    assert.deepEqual(await world.mayRead(), [true, true]);
    await set.killPrimary('SIGKILL');
    await set.failedOver(primary);
    await world.serving();
    assert.deepEqual(await world.mayRead(), [false, false]);

    while ((await lineage(successor)) === before) await pause(10);
    successor.disconnect();
    await world.permit(0, true);
    assert.deepEqual(await world.mayRead(), [true, true]);
    await world.permit(1, false);
    assert.deepEqual(await world.mayRead(), [false, false]);
  });
});

/** Nobody is there: the replica gets nothing more. */
const unusedPort = 1;

async function lineage(client: Redis): Promise<string> {
  return (await client.getBuffer('latchkey:{acct}:meta'))!.toString('latin1', 0, 32);
}
