import { openRedisStore } from '../../src/drivers/redis/store.ts';
import { storeContract } from '../contracts/store.contract.ts';
import { startRedis } from '../support/redis-server.ts';

storeContract('redis', async () => {
  const server = await startRedis();
  return {
    connect: () => openRedisStore({ url: server.url }),
    close: () => server.stop(),
  };
});
