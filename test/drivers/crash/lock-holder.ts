/** A process that holds the write lock of an LMDB directory until it is told to let go. */
import { open } from 'lmdb';

const [, , directory = ''] = process.argv;
const root = open({ path: directory, noSubdir: false, overlappingSync: false, encoding: 'binary' });
const letGo = new Promise<void>((resolve) => {
  process.once('message', () => {
    resolve();
  });
});
await root.transactionSync(() => {
  process.send?.('held');
  return letGo;
});
await root.close();
process.disconnect();
