import { openLmdbStore } from '../../src/drivers/lmdb/store.ts';
import { storeContract } from '../contracts/store.contract.ts';
import { temporaryDirectory } from '../support/temp.ts';

storeContract('lmdb', async () => {
  const directory = temporaryDirectory();
  return {
    connect: () => openLmdbStore({ directory: directory.path }),
    close: async () => {
      directory.remove();
    },
  };
});
