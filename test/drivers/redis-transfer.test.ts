import { openRedisTransfer } from '../../src/drivers/redis/restore.ts';
import { openRedisStore } from '../../src/drivers/redis/store.ts';
import { transferContract } from '../contracts/transfer.contract.ts';
import { startRedis } from '../support/redis-server.ts';

transferContract('redis', async () => {
  const server = await startRedis({ settings: { databases: '64' } });
  let next = 0;
  return {
    make: async () => {
      const url = `${server.url}/${next}`;
      next += 1;
      return {
        connect: () => openRedisStore({ url }),
        transfer: (restart) => openRedisTransfer({ url, restart }),
      };
    },
    close: () => server.stop(),
  };
});
