import assert from 'node:assert/strict';
import { freshAccount, key, put, remove, text, type StoreFixture } from './fixture.ts';

/** Reading: single records, whole collections. */
export function readsContract(fixture: StoreFixture): void {
  describe('reads', () => {
    it('answer undefined for what is not there, in an account that is not there', async () => {
      const snapshot = await fixture.store.read(fixture.account, [key('role\ta')]);
      assert.deepEqual(snapshot, { epoch: { lineage: '', counter: 0 }, records: [undefined] });
    });

    it('answer in the order of the keys, a key asked twice included', async () => {
      await fixture.write(put('role\ta', '1'), put('secret\tb', '2'));
      assert.deepEqual(await fixture.values('secret\tb', 'role\tnone', 'role\ta', 'secret\tb'), [
        '2',
        undefined,
        '1',
        '2',
      ]);
    });

    it('carry the revision of the commit that wrote the record', async () => {
      const first = await fixture.write(put('role\ta', '1'), put('role\tb', '1'));
      const second = await fixture.write(put('role\tb', '2'));
      const { records } = await fixture.store.read(fixture.account, [key('role\ta'), key('role\tb')]);
      assert.deepEqual(
        records.map((record) => record?.revision),
        [first.revision, second.revision],
      );
      assert.ok(second.revision > first.revision);
    });

    it('give back every byte', async () => {
      const bytes = Buffer.from(Array.from({ length: 512 }, (_, index) => index & 0xff));
      await fixture.write(put('secret\tbytes', bytes), put('secret\tempty', ''));
      const { records } = await fixture.store.read(fixture.account, [
        key('secret\tbytes'),
        key('secret\tempty'),
      ]);
      assert.deepEqual(Buffer.from(records[0]!.value), bytes);
      assert.equal(records[1]!.value.byteLength, 0);
    });

    it('give values that later reads and commits leave alone', async () => {
      await fixture.write(put('secret\ta', 'first'), put('secret\tb', 'other'));
      const { records } = await fixture.store.read(fixture.account, [key('secret\ta')]);
      await fixture.write(put('secret\ta', 'second'));
      await fixture.store.read(fixture.account, [key('secret\ta'), key('secret\tb')]);
      assert.equal(text(records[0]?.value), 'first');
    });

    it('of one turn see what was committed before it, each its own account', async () => {
      const other = freshAccount();
      await fixture.write(put('role\ta', 'mine'));
      await fixture.store.commit(other, { changes: [put('role\ta', 'theirs')], authority: true });
      const snapshots = await Promise.all(
        Array.from({ length: 200 }, (_, index) =>
          fixture.store.read(index % 2 === 0 ? fixture.account : other, [key('role\ta')]),
        ),
      );
      snapshots.forEach(({ epoch, records }, index) => {
        assert.equal(text(records[0]?.value), index % 2 === 0 ? 'mine' : 'theirs');
        assert.equal(epoch.counter, index % 2);
      });
    });

    it('never see half a commit, nor an epoch that does not belong to it', async () => {
      const names = Array.from({ length: 20 }, (_, index) => `role\t${index}`);
      const begun = await fixture.authorize(...names.map((name) => put(name, '0')));
      const rounds = 60;
      const writer = (async () => {
        for (let round = 1; round <= rounds; round += 1) {
          await fixture.authorize(...names.map((name) => put(name, String(round))));
        }
      })();
      for (let seenRound = 0; seenRound < rounds;) {
        const { epoch, records } = await fixture.store.read(fixture.account, names.map(key));
        const seen = new Set(records.map((record) => text(record?.value)));
        seenRound = epoch.counter - begun.epoch.counter;
        assert.deepEqual([...seen], [String(seenRound)]);
        await new Promise(setImmediate);
      }
      await writer;
    });
  });

  describe('scans', () => {
    it('give every record of the collection, and of no other', async () => {
      const expected = new Map(
        Array.from({ length: 2_500 }, (_, index) => [`role\t${index}`, String(index)]),
      );
      await fixture.write(
        ...[...expected].map(([name, value]) => put(name, value)),
        put('roles\tx', 'x'),
        put('rol\tx', 'x'),
      );
      assert.deepEqual(await fixture.scanned('role'), expected);
    });

    it('give the revision of each record', async () => {
      const { revision } = await fixture.write(put('role\ta', '1'));
      for await (const batch of fixture.store.scan(fixture.account, 'role'))
        assert.equal(batch[0]?.[1].revision, revision);
    });

    it('give nothing for an account or a collection that is not there', async () => {
      assert.equal((await fixture.scanned('role')).size, 0);
      await fixture.write(put('role\ta', '1'));
      assert.equal((await fixture.scanned('resource')).size, 0);
    });

    it('go on while others commit, and miss nothing that was there all along', async () => {
      const names = Array.from({ length: 3_000 }, (_, index) => `role\tkept-${index}`);
      await fixture.write(...names.map((name) => put(name, '1')));
      const seen = new Set<string>();
      let round = 0;
      for await (const batch of fixture.store.scan(fixture.account, 'role')) {
        for (const [recordKey] of batch) seen.add(recordKey);
        await fixture.write(put(`role\tadded-${round}`, '1'), remove(`role\tadded-${round - 1}`));
        round += 1;
      }
      assert.deepEqual(
        names.filter((name) => !seen.has(name)),
        [],
      );
    });
  });
}
