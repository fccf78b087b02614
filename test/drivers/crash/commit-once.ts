/** A process that commits one record to an LMDB directory and ends. */
import { toAccount } from '../../../src/domain/ids.ts';
import { openLmdbStore } from '../../../src/drivers/lmdb/store.ts';
import { put } from '../../contracts/store/fixture.ts';

const [, , directory = '', account = ''] = process.argv;
const store = await openLmdbStore({ directory });
await store.commit(toAccount(account), { changes: [put('role\ta', 'after')], authority: true });
await store.close();
