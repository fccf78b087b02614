import { openLmdbTransfer } from '../../src/drivers/lmdb/restore.ts';
import { openLmdbStore } from '../../src/drivers/lmdb/store.ts';
import { transferContract } from '../contracts/transfer.contract.ts';
import { temporaryDirectory } from '../support/temp.ts';

transferContract('lmdb', async () => {
  const made: { remove(): void }[] = [];
  return {
    make: async () => {
      const folder = temporaryDirectory();
      made.push(folder);
      const directory = folder.path;
      return {
        connect: () => openLmdbStore({ directory }),
        transfer: (restart) => openLmdbTransfer({ directory, restart }),
      };
    },
    close: async () => {
      for (const folder of made) folder.remove();
    },
  };
});
