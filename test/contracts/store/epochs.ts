import assert from 'node:assert/strict';
import type { Epoch } from '../../../src/ports/epoch.ts';
import type { Store } from '../../../src/ports/store.ts';
import { assertCommitted, freshAccount, put, remove, text, type StoreFixture } from './fixture.ts';

/** Epochs and the change log: how a process learns what others changed. */
export function epochsContract(fixture: StoreFixture): void {
  describe('epochs', () => {
    it('grow by one with an authority commit, and with no other', async () => {
      const made = await fixture.write(put('secret\ta', '1'));
      const first = await fixture.authorize(put('role\ta', '1'));
      const between = await fixture.write(put('secret\ta', '2'));
      const second = await fixture.authorize(put('role\ta', '2'));
      const counters = [made, first, between, second].map(({ epoch }) => epoch.counter);
      assert.deepEqual(counters, [0, 1, 1, 2]);
    });

    it('keep their lineage, which differs from account to account', async () => {
      const first = await fixture.authorize();
      const second = await fixture.authorize();
      const other = assertCommitted(
        await fixture.store.commit(freshAccount(), { changes: [], authority: true }),
      );
      assert.equal(first.epoch.lineage, second.epoch.lineage);
      assert.notEqual(first.epoch.lineage, '');
      assert.notEqual(first.epoch.lineage, other.epoch.lineage);
    });
  });

  describe('the change log', () => {
    async function changesSince(
      epoch: Epoch,
      from: Store = fixture.store,
    ): Promise<ReadonlyMap<string, string | undefined>> {
      const catchup = await from.changesSince(fixture.account, epoch);
      if (catchup.kind === 'reload') assert.fail('asked to reload');
      const changes = new Map(catchup.changes.map((change) => [change.key as string, text(change.value)]));
      assert.equal(changes.size, catchup.changes.length, 'a key came twice');
      assert.deepEqual(catchup.epoch, await fixture.epochNow());
      return changes;
    }

    it('gives the present state of every record that was touched since, once', async () => {
      await fixture.authorize(put('role\tolder', '1'));
      const { epoch } = await fixture.authorize(put('role\told', '1'));
      await fixture.authorize(put('role\ta', '1'), put('role\tb', '1'));
      await fixture.authorize(put('role\ta', '2'), remove('role\told'));
      await fixture.authorize(remove('role\tb'));
      const expected = new Map([
        ['role\ta', '2'],
        ['role\tb', undefined],
        ['role\told', undefined],
      ]);
      assert.deepEqual(await changesSince(epoch), expected);
    });

    it('gives nothing when nothing happened', async () => {
      assert.equal((await changesSince({ lineage: '', counter: 0 })).size, 0);
      const { epoch } = await fixture.authorize(put('role\ta', '1'));
      assert.equal((await changesSince(epoch)).size, 0);
    });

    it('leaves out what a commit without authority touched', async () => {
      const { epoch } = await fixture.authorize(put('role\ta', '1'));
      await fixture.write(put('secret\ta', '1'));
      await fixture.authorize(put('role\tb', '1'));
      assert.deepEqual(await changesSince(epoch), new Map([['role\tb', '1']]));
    });

    it('reaches back to the beginning of the account', async () => {
      const { epoch } = await fixture.write();
      await fixture.authorize(put('role\ta', '1'));
      assert.deepEqual(await changesSince(epoch), new Map([['role\ta', '1']]));
    });

    it('asks to reload when the lineage is another or the counter lies ahead', async () => {
      const { epoch } = await fixture.authorize(put('role\ta', '1'));
      const strange = [
        { lineage: 'another', counter: epoch.counter },
        { lineage: '', counter: 0 },
        { lineage: epoch.lineage, counter: epoch.counter + 1 },
      ];
      for (const since of strange) {
        assert.deepEqual(await fixture.store.changesSince(fixture.account, since), { kind: 'reload', epoch });
      }
    });

    it('asks to reload an account that is gone', async () => {
      const catchup = await fixture.store.changesSince(fixture.account, { lineage: 'another', counter: 3 });
      assert.deepEqual(catchup, { kind: 'reload', epoch: { lineage: '', counter: 0 } });
    });

    it('asks to reload after a commit that is too large for it, and works on from there', async () => {
      const before = await fixture.authorize(put('role\ta', '1'));
      const large = await fixture.authorize(
        ...Array.from({ length: 60_000 }, (_, index) => put(`role\t${index}`, '1')),
      );
      assert.equal((await fixture.store.changesSince(fixture.account, before.epoch)).kind, 'reload');
      await fixture.authorize(put('role\ta', '2'));
      assert.equal((await fixture.store.changesSince(fixture.account, before.epoch)).kind, 'reload');
      assert.deepEqual(await changesSince(large.epoch), new Map([['role\ta', '2']]));
    });

    it('forgets the oldest commits when it is full, and nothing newer', async () => {
      const batch = Array.from({ length: 20_000 }, (_, index) => put(`role\t${index}`, '1'));
      const epochs = [(await fixture.authorize()).epoch];
      for (let round = 0; round < 4; round += 1)
        epochs.push((await fixture.authorize(...batch, put(`x\t${round}`, '1'))).epoch);
      const kinds = await Promise.all(
        epochs.map(async (epoch) => (await fixture.store.changesSince(fixture.account, epoch)).kind),
      );
      assert.deepEqual(kinds, ['reload', 'reload', 'changes', 'changes', 'changes']);
      const changes = await changesSince(epochs[2]!);
      assert.equal(changes.size, batch.length + 2);
      assert.equal(changes.has('x\t1'), false);
    });

    it('brings a second connection up to date, from any epoch that it saw', async () => {
      const second = await fixture.connect();
      await fixture.authorize(put('role\t0', 'first'));
      const copy = await fixture.scanned('role', second);
      let { epoch } = await second.read(fixture.account, []);
      for (let round = 0; round < 30; round += 1) {
        await fixture.authorize(put(`role\t${round % 7}`, String(round)), remove(`role\t${(round * 3) % 7}`));
        if (round % 4 !== 0) continue;
        for (const [name, value] of await changesSince(epoch, second)) {
          if (value === undefined) copy.delete(name);
          else copy.set(name, value);
        }
        epoch = await fixture.epochNow();
        assert.deepEqual(new Map([...copy].sort()), new Map([...(await fixture.scanned('role'))].sort()));
      }
      await second.close();
    });
  });
}
