/** A process whose files may not grow far: commits until that is felt, and tells how each commit went. */
import { toAccount } from '../../../src/domain/ids.ts';
import { isFailure } from '../../../src/domain/errors.ts';
import { openLmdbStore } from '../../../src/drivers/lmdb/store.ts';
import { put, remove } from '../../contracts/store/fixture.ts';
import type { Change } from '../../../src/ports/store.ts';

const [, , directory = ''] = process.argv;
const account = toAccount('full');
const store = await openLmdbStore({ directory });
const outcomes: string[] = [];

async function attempt(changes: readonly Change[]): Promise<void> {
  try {
    const result = await store.commit(account, { changes, authority: true });
    outcomes.push(result.committed ? String(result.epoch.counter) : 'refused');
  } catch (error) {
    outcomes.push(isFailure(error) ? error.code : String(error));
  }
}

const large = Array.from({ length: 1_500 }, (_, index) => put(`secret\t${index}`, Buffer.alloc(1_000)));
const huge = Array.from({ length: 4_000 }, (_, index) => put(`secret\t${index}`, Buffer.alloc(1_000)));
await attempt([put('role\ta', 'before')]);
await attempt([put('role\ta', 'lost'), ...large]);
await attempt([put('role\ta', 'lost'), ...huge]);
await Promise.all([
  attempt([put('role\tb', '1')]),
  attempt([put('role\tc', '1')]),
  attempt([remove('role\td')]),
]);
const { epoch, records } = await store.read(account, [large[0]!.key]);
outcomes.push(String(epoch.counter), records[0] === undefined ? 'absent' : 'present');
await store.close();
process.stdout.write(JSON.stringify(outcomes));
