/** A process that removes an account and reports when it was acknowledged. */
import { writeSync } from 'node:fs';
import { toAccount } from '../../../src/domain/ids.ts';
import { openLmdbStore } from '../../../src/drivers/lmdb/store.ts';
import { openRedisStore } from '../../../src/drivers/redis/store.ts';
import type { StoreAddress } from './lanes.ts';

const [, , addressText = '', accountText = ''] = process.argv;
const address = JSON.parse(addressText) as StoreAddress;
const account = toAccount(accountText);
const store = await ('url' in address ? openRedisStore(address) : openLmdbStore(address));
const { epoch } = await store.read(account, []);
writeSync(1, 'begun\n');
writeSync(1, (await store.remove(account, epoch)) ? 'removed\n' : 'refused\n');
setInterval(() => undefined, 1_000);
