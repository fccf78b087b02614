import { openLmdbStore } from '../../../src/drivers/lmdb/store.ts';
import type { Account } from '../../../src/domain/ids.ts';
import type { Store } from '../../../src/ports/store.ts';
import { freshAccount } from '../../contracts/store/fixture.ts';
import { temporaryDirectory } from '../../support/temp.ts';
import { assertSurvived, writeUntilKilled, type Acknowledged } from './lanes.ts';

const kills = 52;
const atOnce = 4;

describe('the lmdb store, when a writer is killed', function () {
  this.timeout(120_000);
  const directory = temporaryDirectory();
  const address = { directory: directory.path };
  let store: Store;

  before(async () => {
    store = await openLmdbStore(address);
  });
  after(async () => {
    await store.close();
    directory.remove();
  });

  it(`keeps every acknowledged commit of ${kills} writers, and no part of another`, async () => {
    const survived = new Map<Account, Acknowledged>();
    const killSome = async (): Promise<void> => {
      for (let kill = 0; kill < kills / atOnce; kill += 1) {
        const account = freshAccount();
        const acknowledged = await writeUntilKilled(address, account);
        survived.set(account, acknowledged);
        await assertSurvived(store, account, acknowledged);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, killSome));

    await store.close();
    store = await openLmdbStore(address);
    for (const [account, acknowledged] of survived) await assertSurvived(store, account, acknowledged);
  });
});
