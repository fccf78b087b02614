import assert from 'node:assert/strict';
import { toAccount } from '../../../src/domain/ids.ts';
import type { Change, Store } from '../../../src/ports/store.ts';
import { key, put, remove } from '../store/fixture.ts';
import { commit, readAll, type Database, type Databases } from './fixture.ts';

const acme = toAccount('acme');
const zenith = toAccount('zénith{x}');

export function snapshotsContract(at: () => Databases): void {
  describe('a snapshot', () => {
    let database: Database;
    let store: Store;
    beforeEach(async () => {
      database = await at().make();
      store = await database.connect();
    });
    afterEach(() => store.close());

    it('has every record of every account, with its epoch and revision', async () => {
      const long = `note\t${'å'.repeat(900)}`;
      const large = 'x'.repeat(3 * 1024 * 1024);
      await commit(store, acme, [put('note\ta', 'one'), put('Note\ta', 'two'), put('note\tA', 'three')]);
      await commit(
        store,
        acme,
        [put(long, 'four'), put('pair\tlarge', large), put('note\tempty', '')],
        false,
      );
      await commit(store, zenith, [put('note\ta', 'other'), put('note\tgone', '')]);
      await commit(store, zenith, [remove('note\tgone')]);
      const [first, second, ...rest] = await readAll(store);
      assert.deepEqual(rest, []);
      const { epoch } = await store.read(acme, []);
      assert.deepEqual([first?.account, first?.lineage, first?.counter], [acme, epoch.lineage, 1]);
      assert.deepEqual(
        [...(first?.records ?? [])].sort(),
        [
          ['Note\ta', 'two'],
          ['note\tA', 'three'],
          ['note\ta', 'one'],
          ['note\tempty', ''],
          [long, 'four'],
          ['pair\tlarge', large],
        ].sort(),
      );
      assert.deepEqual([second?.account, second?.counter, second?.revision], [zenith, 2, 2]);
      assert.deepEqual([...(second?.records ?? [])], [['note\ta', 'other']]);
    });

    it('has no account that was removed, and none of an empty store', async () => {
      assert.deepEqual(await readAll(store), []);
      await commit(store, acme, [put('note\ta', 'one')]);
      await store.remove(acme, (await store.read(acme, [])).epoch);
      assert.deepEqual(await readAll(store), []);
    });

    it('has nothing of what is committed while it is read', async () => {
      const before = [...Array(3_000).keys()].map((number) => put(`note\t${number}`, `before ${number}`));
      await commit(store, acme, before);
      await commit(store, acme, [put('Note\tlast', 'before')], false);
      const [seen] = await readAll(store, async () => {
        await commit(store, acme, [put('note\t1', 'after'), remove('note\t2'), put('note\tnew', 'after')]);
        await commit(store, acme, [put('note\t2', 'made again'), put('note\t1', 'twice')], false);
        await commit(store, acme, [remove('Note\tlast')]);
        const all = before.map(({ key: name }) => ({ key: name, value: undefined }));
        await commit(store, acme, [...all.slice(100), put('pair\tnew', 'after')]);
      });
      assert.equal(seen?.counter, 1);
      const expected = [...before, put('Note\tlast', 'before')];
      assert.equal(seen.records.size, expected.length);
      for (const { key: name, value } of expected) {
        assert.equal(seen.records.get(name), Buffer.from(value ?? []).toString());
      }
    });

    it('never shows half of a commit while others write', async () => {
      const names = [...Array(300).keys()].map(String);
      const write = (round: number): readonly Change[] =>
        names.flatMap((name) => [put(`pair\t${name}`, String(round)), put(`note\t${name}`, String(round))]);
      await commit(store, acme, [...write(0), put('note\there', 'token')]);
      const stopping = new AbortController();
      const together = (async () => {
        for (let round = 1; !stopping.signal.aborted; round += 1) {
          const some = write(round).slice((round % 50) * 4, (round % 50) * 4 + 40);
          await commit(store, acme, some, round % 2 === 0);
        }
      })();
      const moving = (async () => {
        for (let round = 0; !stopping.signal.aborted; round += 1) {
          const [from, to] = round % 2 === 0 ? ['note\there', 'Note\tthere'] : ['Note\tthere', 'note\there'];
          await commit(store, acme, [remove(from), put(to, 'token')]);
        }
      })();
      try {
        for (let taken = 0; taken < 12; taken += 1) {
          const [seen] = await readAll(store);
          for (const name of names) {
            assert.equal(seen?.records.get(`pair\t${name}`), seen?.records.get(`note\t${name}`), name);
          }
          const places = ['note\there', 'Note\tthere'].filter((name) => seen?.records.has(key(name)));
          assert.equal(places.length, 1, 'what is moved is in one place');
          assert.equal(seen?.records.size, 2 * names.length + 1);
        }
      } finally {
        stopping.abort();
        await Promise.all([together, moving]);
      }
    });
  });
}
