import { openRedisStore } from '../../../src/drivers/redis/store.ts';
import { storeContract } from '../../contracts/store.contract.ts';
import { startSentinelSet } from '../../support/redis-sentinel.ts';

storeContract('redis behind sentinels', async () => {
  // The largest commits keep a server busy for longer than the tests of failover would wait.
  const set = await startSentinelSet({ downAfterMs: 30_000 });
  return {
    connect: () => openRedisStore({ url: set.url, waitReplicas: 1, waitTimeoutMs: 30_000 }),
    close: () => set.stop(),
  };
});
