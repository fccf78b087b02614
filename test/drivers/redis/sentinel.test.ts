import { openRedisTransfer } from '../../../src/drivers/redis/restore.ts';
import { openRedisStore } from '../../../src/drivers/redis/store.ts';
import { storeContract } from '../../contracts/store.contract.ts';
import { transferContract } from '../../contracts/transfer.contract.ts';
import { startSentinelSet, type SentinelSet } from '../../support/redis-sentinel.ts';

describe('behind sentinels', function () {
  this.timeout(60_000);
  const replicated = { waitReplicas: 1, waitTimeoutMs: 30_000 };
  let set: SentinelSet;

  before(async () => {
    // The largest commits keep a server busy for longer than the tests of failover would wait.
    set = await startSentinelSet({ downAfterMs: 30_000, settings: { databases: '64' } });
  });
  after(() => set.stop());

  storeContract('redis behind sentinels', async () => ({
    connect: () => openRedisStore({ url: set.url, ...replicated }),
    close: async () => undefined,
  }));

  transferContract('redis behind sentinels', async () => {
    let databases = 0;
    return {
      make: async () => {
        databases += 1;
        const url = `${set.url}?db=${databases}`;
        return {
          connect: () => openRedisStore({ url, ...replicated }),
          transfer: (restart) => openRedisTransfer({ url, restart, waitReplicas: 1 }),
        };
      },
      close: async () => undefined,
    };
  });
});
