import assert from 'node:assert/strict';
import { toAccount } from '../../../src/domain/ids.ts';
import type { Epoch } from '../../../src/ports/epoch.ts';
import { assertCommitted, freshAccount, key, put, text, type StoreFixture } from './fixture.ts';

const noEpoch: Epoch = { lineage: '', counter: 0 };

/** Removing an account whole, and making it again. */
export function removalsContract(fixture: StoreFixture): void {
  const remove = async (): Promise<boolean> =>
    fixture.store.remove(fixture.account, await fixture.epochNow());

  describe('a removal', () => {
    const long = `role\t${'x'.repeat(3_000)}`;

    it('leaves nothing of the account', async () => {
      await fixture.authorize(put('role\ta', '1'), put(long, '1'));
      await fixture.write(put('secret\ta', '1'), put('rare-collection\ta', '1'));
      assert.equal(await remove(), true);
      assert.deepEqual(await fixture.epochNow(), noEpoch);
      assert.deepEqual(await fixture.values('role\ta', long, 'secret\ta', 'rare-collection\ta'), [
        undefined,
        undefined,
        undefined,
        undefined,
      ]);
      for (const collection of ['role', 'secret', 'rare-collection']) {
        assert.equal((await fixture.scanned(collection)).size, 0);
      }
      assert.equal((await fixture.store.accounts()).includes(fixture.account), false);
    });

    it('touches no other account, whatever the names', async () => {
      const neighbours = [`${fixture.account}1`, `${fixture.account}*`, `x${fixture.account}`, '*', '[a-z]?'];
      const accounts = neighbours.map((name) => toAccount(name.slice(-60)));
      for (const account of accounts) {
        await fixture.store.commit(account, { changes: [put('role\ta', 'mine')], authority: true });
      }
      await fixture.authorize(put('role\ta', '1'));
      assert.equal(await remove(), true);
      for (const [index, account] of accounts.entries()) {
        const { epoch, records } = await fixture.store.read(account, [key('role\ta')]);
        assert.equal(text(records[0]?.value), 'mine');
        fixture.account = account;
        assert.equal(await fixture.store.remove(account, epoch), true, String(index));
        assert.deepEqual(await fixture.values('role\ta'), [undefined]);
      }
    });

    it('removes nothing at another epoch', async () => {
      const before = await fixture.authorize(put('role\ta', '1'));
      await fixture.authorize(put('role\ta', '2'));
      assert.equal(await fixture.store.remove(fixture.account, before.epoch), false);
      assert.equal(await fixture.store.remove(fixture.account, noEpoch), false);
      assert.deepEqual(await fixture.values('role\ta'), ['2']);
    });

    it('finds nothing to remove where there is no account, or no more', async () => {
      assert.equal(await fixture.store.remove(freshAccount(), noEpoch), false);
      const { epoch } = await fixture.authorize(put('role\ta', '1'));
      assert.equal(await fixture.store.remove(fixture.account, epoch), true);
      assert.equal(await fixture.store.remove(fixture.account, epoch), false);
      assert.equal(await fixture.store.remove(fixture.account, noEpoch), false);
    });

    it('is done by one of those who race for it', async () => {
      const { epoch } = await fixture.authorize(put('role\ta', '1'));
      const outcomes = await Promise.all(
        Array.from({ length: 4 }, () => fixture.store.remove(fixture.account, epoch)),
      );
      assert.equal(outcomes.filter(Boolean).length, 1);
    });

    it('is seen by another connection at once', async () => {
      const second = await fixture.connect();
      const { epoch } = await fixture.authorize(put('role\ta', '1'));
      await second.read(fixture.account, []);
      await remove();
      assert.deepEqual((await second.read(fixture.account, [key('role\ta')])).records, [undefined]);
      assert.deepEqual(await second.changesSince(fixture.account, epoch), { kind: 'reload', epoch: noEpoch });
      assert.deepEqual(await second.changesSince(fixture.account, noEpoch), {
        kind: 'changes',
        epoch: noEpoch,
        changes: [],
      });
      await second.close();
    });

    it('of 50,000 records is whole', async () => {
      const names = Array.from({ length: 50_000 }, (_, index) => `role\t${String(index)}`);
      await fixture.authorize(...names.map((name) => put(name, '1')));
      assert.equal(await remove(), true);
      assert.equal((await fixture.scanned('role')).size, 0);
    });
  });

  describe('an account made again', () => {
    it('has another lineage and counts its epochs anew', async () => {
      const first = await fixture.authorize(put('role\ta', '1'));
      await remove();
      const second = await fixture.authorize(put('role\tb', '1'));
      assert.notEqual(second.epoch.lineage, first.epoch.lineage);
      assert.equal(second.epoch.counter, 1);
      assert.deepEqual(await fixture.values('role\ta', 'role\tb'), [undefined, '1']);
      assert.ok((await fixture.store.accounts()).includes(fixture.account));
      const catchup = await fixture.store.changesSince(fixture.account, first.epoch);
      assert.deepEqual(catchup, { kind: 'reload', epoch: second.epoch });
    });

    it('never has a revision that it had before', async () => {
      const first = await fixture.write(put('role\ta', '1'));
      await remove();
      const second = await fixture.write(put('role\ta', '1'));
      assert.ok(second.revision > first.revision);
      const stale = await fixture.store.commit(fixture.account, {
        changes: [put('role\ta', 'stale')],
        authority: false,
        expectRevisions: [{ key: key('role\ta'), revision: first.revision }],
      });
      assert.equal(stale.committed, false);
    });

    it('is not reached by a commit that expects no account, and is by one that expects it', async () => {
      const absent = { changes: [put('role\ta', '1')], authority: true, expectEpoch: noEpoch };
      await fixture.write();
      await remove();
      assertCommitted(await fixture.store.commit(fixture.account, absent));
      assert.equal((await fixture.store.commit(fixture.account, absent)).committed, false);
    });
  });

  describe('a commit that expects a lineage', () => {
    const commitTo = async (expectLineage: string, expectEpoch?: Epoch): Promise<boolean> => {
      const changes = [put('role\ta', 'taken')];
      const rest = expectEpoch === undefined ? {} : { expectEpoch };
      return (
        await fixture.store.commit(fixture.account, { changes, authority: true, expectLineage, ...rest })
      ).committed;
    };

    it('is applied at any epoch of it', async () => {
      const { epoch } = await fixture.authorize();
      await fixture.authorize();
      assert.equal(await commitTo(epoch.lineage), true);
      assert.equal(await commitTo(epoch.lineage, await fixture.epochNow()), true);
      assert.equal(await commitTo(epoch.lineage, epoch), false);
    });

    it('is not applied to an account that was removed, or made again', async () => {
      const { epoch } = await fixture.authorize();
      await remove();
      assert.equal(await commitTo(epoch.lineage), false);
      assert.deepEqual(await fixture.epochNow(), noEpoch);
      await fixture.authorize();
      assert.equal(await commitTo(epoch.lineage), false);
      assert.equal(await commitTo(epoch.lineage, await fixture.epochNow()), false);
    });

    it('may expect that there is no account', async () => {
      assert.equal(await commitTo(''), true);
      assert.equal(await commitTo(''), false);
    });
  });
}
