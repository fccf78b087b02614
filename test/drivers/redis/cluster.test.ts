import { Redis } from 'ioredis';
import { openRedisTransfer } from '../../../src/drivers/redis/restore.ts';
import { openRedisStore } from '../../../src/drivers/redis/store.ts';
import { storeContract } from '../../contracts/store.contract.ts';
import { transferContract } from '../../contracts/transfer.contract.ts';
import { startRedisCluster, type RedisCluster } from '../../support/redis-cluster.ts';

describe('on a cluster', function () {
  this.timeout(60_000);
  const replicated = { waitReplicas: 1, waitTimeoutMs: 30_000 };
  let cluster: RedisCluster;

  before(async () => {
    // The largest commits keep a node busy for longer than the tests of failover would wait.
    cluster = await startRedisCluster({ nodeTimeoutMs: 30_000 });
  });
  after(() => cluster.stop());

  storeContract('a redis cluster', async () => ({
    connect: () => openRedisStore({ url: cluster.url, ...replicated }),
    close: async () => undefined,
  }));

  transferContract('a redis cluster', async () => ({
    make: async () => {
      await empty(cluster);
      return {
        connect: () => openRedisStore({ url: cluster.url, ...replicated }),
        transfer: (restart) => openRedisTransfer({ url: cluster.url, restart, waitReplicas: 1 }),
      };
    },
    close: async () => undefined,
  }));
});

async function empty({ nodes }: RedisCluster): Promise<void> {
  for (const { url } of nodes) {
    const client = new Redis(url);
    if ((await client.info('replication')).includes('role:master')) await client.flushall();
    client.disconnect();
  }
}
