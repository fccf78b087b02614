import type { Store } from '../../../src/ports/store.ts';
import type { StoreAddress } from './lanes.ts';

/** Opens a store by its address; loads only the driver that it needs, as many processes do this. */
export async function openStore(address: StoreAddress): Promise<Store> {
  if ('url' in address) {
    const { openRedisStore } = await import('../../../src/drivers/redis/store.ts');
    return openRedisStore(address);
  }
  const { openLmdbStore } = await import('../../../src/drivers/lmdb/store.ts');
  return openLmdbStore(address);
}
