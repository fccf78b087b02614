import assert from 'node:assert/strict';
import { toAccount } from '../../../src/domain/ids.ts';
import { isFailure } from '../../../src/domain/errors.ts';
import { transferredRevisionGap, type TransferredRecord } from '../../../src/ports/store-transfer.ts';
import { key, put } from '../store/fixture.ts';
import { collections, commit, readAll, valuesOf, type Database, type Databases } from './fixture.ts';

const acme = toAccount('acme');
const other = toAccount('other');

function record(name: string, value: string): TransferredRecord {
  return { key: key(name), value: Buffer.from(value) };
}

export function transfersContract(at: () => Databases): void {
  describe('a transfer', () => {
    let database: Database;
    beforeEach(async () => {
      database = await at().make();
    });

    const unfinished = (error: unknown): boolean => isFailure(error, 'TRANSFER_UNFINISHED');

    /** Writes an account and goes away, as a process does that is killed. */
    const interrupt = async (name: string): Promise<void> => {
      const transfer = await database.transfer(false);
      await transfer.begin({ account: acme, counter: 7, revision: 9 });
      await transfer.write([record(name, 'left behind')]);
      await transfer.close();
    };

    const fill = async (restart: boolean): Promise<void> => {
      const transfer = await database.transfer(restart);
      for (const account of [acme, other]) {
        await transfer.begin({ account, counter: 7, revision: 9 });
        await transfer.write([record('note\ta', `of ${account}`), record('note\tb', 'first')]);
        await transfer.write([record('note\tb', 'second'), record('pair\ta', '')]);
        const counts = await transfer.counts(collections);
        assert.deepEqual([...counts], Object.entries({ note: 2, pair: 1, Note: 0 }));
      }
      await transfer.publish();
      await transfer.close();
    };

    it('makes each account with its records, its epoch counter and a lineage of its own', async () => {
      await fill(false);
      const store = await database.connect();
      assert.deepEqual(await store.accounts(), [acme, other]);
      const names = ['note\ta', 'note\tb', 'pair\ta'].map(key);
      assert.deepEqual(await valuesOf(store, other, names), ['of other', 'second', '']);
      const [first, second] = [await store.read(acme, []), await store.read(other, [])];
      assert.equal(first.epoch.counter, 7);
      assert.match(first.epoch.lineage, /^[0-9a-f]{32}$/);
      assert.notEqual(first.epoch.lineage, second.epoch.lineage);
      assert.deepEqual(
        (await readAll(store)).map((seen) => seen.records.get('note\ta')),
        ['of acme', 'of other'],
      );
      await store.close();
    });

    it('goes on with revisions that none before had, and an epoch that nobody knows', async () => {
      await fill(false);
      const store = await database.connect();
      const [found] = (await store.read(acme, [key('note\ta')])).records;
      assert.ok((found?.revision ?? 0) >= 9 + transferredRevisionGap);
      const result = await store.commit(acme, {
        changes: [put('note\ta', 'changed')],
        authority: true,
        expectRevisions: [{ key: key('note\ta'), revision: found?.revision ?? 0 }],
      });
      assert.ok(result.committed && result.revision > (found?.revision ?? 0) && result.epoch.counter === 8);
      const catchup = await store.changesSince(acme, { lineage: 'f'.repeat(32), counter: 7 });
      assert.equal(catchup.kind, 'reload');
      const since = await store.changesSince(acme, { lineage: result.epoch.lineage, counter: 7 });
      assert.ok(since.kind === 'changes' && since.changes.length === 1);
      await store.close();
    });

    it('goes on beyond the revisions of an account of the same name that was removed', async () => {
      const store = await database.connect();
      await commit(store, acme, [put('note\ta', 'one')]);
      for (let round = 0; round < 20; round += 1) await commit(store, acme, [put('note\ta', 'again')]);
      await store.remove(acme, (await store.read(acme, [])).epoch);
      await fill(false);
      const [found] = (await store.read(acme, [key('note\ta')])).records;
      assert.ok((found?.revision ?? 0) >= 22 + transferredRevisionGap);
      await store.close();
    });

    it('is refused by a store that has accounts, which stay as they are', async () => {
      const store = await database.connect();
      await commit(store, other, [put('note\ta', 'mine')]);
      for (const restart of [false, true]) {
        await assert.rejects(database.transfer(restart), (error) => isFailure(error, 'STORE_NOT_EMPTY'));
      }
      await commit(store, acme, [put('note\ta', 'new')]);
      assert.deepEqual(await valuesOf(store, other, [key('note\ta')]), ['mine']);
      await store.close();
      await (await database.connect()).close();
    });

    it('leaves a store that no service opens where it is interrupted', async () => {
      await interrupt('note\tz');
      await assert.rejects(database.connect(), unfinished);
      await assert.rejects(database.transfer(false), unfinished);
      await assert.rejects(database.connect(), unfinished);
    });

    it('can be started over, and then has nothing of the one before', async () => {
      await interrupt('note\tz');
      await fill(true);
      const store = await database.connect();
      assert.deepEqual(await valuesOf(store, acme, ['note\ta', 'note\tz'].map(key)), ['of acme', undefined]);
      await store.close();
    });

    it('ends when another is started over in its place', async () => {
      const first = await database.transfer(false);
      await first.begin({ account: acme, counter: 1, revision: 1 });
      await fill(true);
      await assert.rejects(first.write([record('note\ta', 'late')]), unfinished);
      await assert.rejects(first.publish(), unfinished);
      await first.close();
      const store = await database.connect();
      assert.deepEqual(await valuesOf(store, acme, [key('note\ta')]), ['of acme']);
      await store.close();
    });

    it('lets nobody make an account meanwhile, and shows none of its own', async () => {
      const store = await database.connect();
      const transfer = await database.transfer(false);
      await transfer.begin({ account: acme, counter: 7, revision: 9 });
      await transfer.write([record('note\ta', 'hidden')]);
      for (const account of [acme, other]) {
        await assert.rejects(commit(store, account, [put('note\ta', 'mine')]), (error) => isFailure(error));
      }
      assert.deepEqual(await store.accounts(), []);
      assert.deepEqual((await store.read(acme, [])).epoch, { lineage: '', counter: 0 });
      await transfer.publish();
      await transfer.close();
      assert.deepEqual(await store.accounts(), [acme]);
      await commit(store, other, [put('note\ta', 'mine')]);
      await store.close();
    });

    it('can be discarded, which leaves the store empty and open to services', async () => {
      const transfer = await database.transfer(false);
      await transfer.begin({ account: acme, counter: 7, revision: 9 });
      await transfer.write([record('note\ta', 'hidden')]);
      await transfer.discard();
      await transfer.close();
      const store = await database.connect();
      assert.deepEqual(await store.accounts(), []);
      assert.deepEqual(await valuesOf(store, acme, [key('note\ta')]), [undefined]);
      await commit(store, acme, [put('note\tb', 'mine')]);
      await store.close();
    });

    it('refuses records beyond the limits of a store', async () => {
      const transfer = await database.transfer(false);
      await transfer.begin({ account: acme, counter: 7, revision: 9 });
      for (const name of ['none', `note\t${'x'.repeat(4_100)}`, 'note\t\ud800']) {
        await assert.rejects(transfer.write([record(name, '')]), (error) => isFailure(error, 'INTERNAL'));
      }
      await transfer.discard();
      await transfer.close();
    });
  });
}
