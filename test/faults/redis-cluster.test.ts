import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { isFailure } from '../../src/domain/errors.ts';
import { openRedisStore } from '../../src/drivers/redis/store.ts';
import { assertCommitted, freshAccount, key, put, text } from '../contracts/store/fixture.ts';
import { startRedisCluster, type RedisCluster } from '../support/redis-cluster.ts';
import { SharedStore } from './shared-store.ts';

/** On a machine that is busy, a node may take another that lives for dead. */
async function eventually<Result>(call: () => Promise<Result>): Promise<Result> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      assert.ok(isFailure(error, 'STORE_UNAVAILABLE'), String(error));
      await pause(20);
    }
  }
}

describe('two service processes on a cluster, with --redis-wait-replicas 1', function () {
  this.timeout(120_000);
  let cluster: RedisCluster;
  let world: SharedStore;

  before(async () => {
    cluster = await startRedisCluster();
    world = await SharedStore.start({
      LATCHKEY_STORE: cluster.url,
      LATCHKEY_REDIS_WAIT_REPLICAS: '1',
    });
  });
  after(async () => {
    await world.stop();
    await cluster.stop();
  });

  it('lose nothing acknowledged when the primary of their account is killed, and serve other accounts meanwhile', async () => {
    const store = await openRedisStore({ url: cluster.url });
    const down = await cluster.nodeOf('acct');
    let other = freshAccount();
    while ((await cluster.nodeOf(other)) === down) other = freshAccount();
    assertCommitted(await store.commit(other, { changes: [put('role\ta', 'first')], authority: true }));
    await world.during(async () => {
      await cluster.kill(down);
      for (let round = 0; round < 100; round += 1) {
        const changes = [put('role\ta', String(round))];
        assertCommitted(await eventually(() => store.commit(other, { changes, authority: true })));
        const { records } = await eventually(() => store.read(other, [key('role\ta')]));
        assert.equal(text(records[0]?.value), String(round));
      }
      await cluster.settled();
      // The successor acknowledges once it has a replica, which the former primary becomes.
      await down.restart();
    });
    await store.close();
    await world.verify();
  });
});
