import { openRedisStore } from '../../../src/drivers/redis/store.ts';
import { storeContract } from '../../contracts/store.contract.ts';
import { startRedisCluster } from '../../support/redis-cluster.ts';

storeContract('a redis cluster', async () => {
  // The largest commits keep a node busy for longer than the tests of failover would wait.
  const cluster = await startRedisCluster({ nodeTimeoutMs: 30_000 });
  return {
    connect: () => openRedisStore({ url: cluster.url, waitReplicas: 1, waitTimeoutMs: 30_000 }),
    close: () => cluster.stop(),
  };
});
