import assert from 'node:assert/strict';
import { isFailure } from '../../../src/domain/errors.ts';
import type { Store } from '../../../src/ports/store.ts';
import { freshAccount, key, put, remove, text, type StoreFixture } from './fixture.ts';

/** Committing: all or nothing, and only where what was expected still holds. */
export function commitsContract(fixture: StoreFixture): void {
  describe('commits', () => {
    it('write, replace and delete together', async () => {
      await fixture.write(put('role\ta', '1'), put('role\tb', '1'));
      await fixture.write(put('role\tb', '2'), remove('role\ta'), put('role\tc', '2'));
      assert.deepEqual(await fixture.values('role\ta', 'role\tb', 'role\tc'), [undefined, '2', '2']);
    });

    it('delete what is not there without fault', async () => {
      await fixture.write(remove('role\tnone'));
      assert.deepEqual(await fixture.values('role\tnone'), [undefined]);
    });

    it('let the last change of a key win', async () => {
      await fixture.write(
        put('role\ta', '1'),
        remove('role\ta'),
        put('role\ta', '2'),
        put('role\tb', '1'),
        remove('role\tb'),
      );
      assert.deepEqual(await fixture.values('role\ta', 'role\tb'), ['2', undefined]);
    });

    it('without changes still make the account and count', async () => {
      const first = await fixture.write();
      const second = await fixture.authorize();
      assert.equal(second.revision, first.revision + 1);
      assert.equal(second.epoch.counter, first.epoch.counter + 1);
      assert.ok((await fixture.store.accounts()).includes(fixture.account));
    });

    it('answer with the epoch that reads then see', async () => {
      const { epoch } = await fixture.authorize(put('role\ta', '1'));
      assert.deepEqual(await fixture.epochNow(), epoch);
    });

    it('keep the accounts apart', async () => {
      const other = freshAccount();
      await fixture.write(put('role\ta', 'mine'));
      await fixture.store.commit(other, {
        changes: [remove('role\ta'), put('role\tb', 'theirs')],
        authority: true,
      });
      assert.deepEqual(await fixture.values('role\ta', 'role\tb'), ['mine', undefined]);
      assert.equal((await fixture.epochNow()).counter, 0);
    });

    it('of 100,000 changes apply whole', async () => {
      const names = Array.from(
        { length: 100_000 },
        (_, index) => `membership\tmy:group:g${index}\tmy:user:u${index}\tm`,
      );
      const { revision } = await fixture.authorize(
        ...names.map((name, index) => put(name, `value ${index}`)),
      );
      const found = await fixture.scanned('membership');
      assert.equal(found.size, names.length);
      assert.equal(found.get(names[77_777]!), 'value 77777');
      const { records } = await fixture.store.read(fixture.account, [key(names[0]!), key(names.at(-1)!)]);
      assert.deepEqual(
        records.map((record) => record?.revision),
        [revision, revision],
      );
      await fixture.authorize(...names.map(remove));
      assert.equal((await fixture.scanned('membership')).size, 0);
    });

    it('of many changes keep their order, in each collection', async () => {
      const many = Array.from({ length: 9_000 }, (_, index) =>
        put(`${index % 2 === 0 ? 'role' : 'resource'}\t${index}`, 'a'),
      );
      await fixture.write(put('role\tgone', '1'));
      await fixture.write(
        remove('role\ta'),
        put('role\ta', '1'),
        ...many,
        put('role\ta', '2'),
        put('role\t0', 'b'),
        remove('role\tgone'),
      );
      assert.deepEqual(await fixture.values('role\ta', 'role\t0', 'role\tgone', 'resource\t8999'), [
        '2',
        'b',
        undefined,
        'a',
      ]);
      assert.equal((await fixture.scanned('resource')).size, 4_500);
    });

    it('of many bytes apply whole', async () => {
      const values = Array.from({ length: 6 }, (_, index) => Buffer.alloc(5 * 1024 * 1024, index));
      await fixture.write(...values.map((value, index) => put(`secret\t${index}`, value)));
      const { records } = await fixture.store.read(
        fixture.account,
        values.map((_, index) => key(`secret\t${index}`)),
      );
      assert.ok(values.every((value, index) => value.equals(records[index]!.value)));
    });

    it('of many changes are stopped whole by an expectation that does not hold', async () => {
      const changes = Array.from({ length: 5_000 }, (_, index) => put(`role\t${index}`, '1'));
      const { epoch } = await fixture.authorize();
      await fixture.authorize();
      const late = await fixture.store.commit(fixture.account, {
        changes,
        authority: true,
        expectEpoch: epoch,
      });
      assert.deepEqual(late, { committed: false });
      assert.equal((await fixture.scanned('role')).size, 0);
    });

    it('of many changes are refused whole when one of them cannot be kept', async () => {
      const changes = Array.from({ length: 5_000 }, (_, index) => put(`role\t${index}`, '1'));
      const commit = { changes: [...changes, put('nowhere', '1')], authority: true };
      await assert.rejects(fixture.store.commit(fixture.account, commit), (error) =>
        isFailure(error, 'INTERNAL'),
      );
      assert.equal((await fixture.scanned('role')).size, 0);
    });
  });

  describe('expectations', () => {
    const change = put('role\ta', 'written');

    it('on the epoch let a commit through, or stop it whole', async () => {
      const { epoch } = await fixture.authorize(put('role\ta', '1'));
      const held = await fixture.store.commit(fixture.account, {
        changes: [change],
        authority: true,
        expectEpoch: epoch,
      });
      const late = {
        changes: [put('role\ta', 'late'), put('role\tb', 'late')],
        authority: true,
        expectEpoch: epoch,
      };
      assert.equal(held.committed, true);
      assert.deepEqual(await fixture.store.commit(fixture.account, late), { committed: false });
      assert.deepEqual(await fixture.values('role\ta', 'role\tb'), ['written', undefined]);
    });

    it('on an epoch of another lineage stop the commit', async () => {
      const { epoch } = await fixture.authorize(put('role\ta', '1'));
      const expectEpoch = { lineage: 'another', counter: epoch.counter };
      assert.deepEqual(
        await fixture.store.commit(fixture.account, { changes: [change], authority: true, expectEpoch }),
        {
          committed: false,
        },
      );
    });

    it('that the account is not there let only the first commit through', async () => {
      const commit = { changes: [change], authority: true, expectEpoch: { lineage: '', counter: 0 } };
      assert.equal((await fixture.store.commit(fixture.account, commit)).committed, true);
      assert.equal((await fixture.store.commit(fixture.account, commit)).committed, false);
    });

    it('that stop the first commit leave no account behind', async () => {
      const expectRevisions = [{ key: key('role\ta'), revision: 3 }];
      await fixture.store.commit(fixture.account, { changes: [change], authority: true, expectRevisions });
      assert.equal((await fixture.store.accounts()).includes(fixture.account), false);
      assert.deepEqual(await fixture.epochNow(), { lineage: '', counter: 0 });
    });

    it('on a revision hold until another commit writes the record', async () => {
      const { revision } = await fixture.write(put('role\ta', '1'));
      const expectRevisions = [{ key: key('role\ta'), revision }];
      await fixture.write(put('role\tother', '1'));
      assert.equal(
        (
          await fixture.store.commit(fixture.account, {
            changes: [change],
            authority: false,
            expectRevisions,
          })
        ).committed,
        true,
      );
      assert.equal(
        (
          await fixture.store.commit(fixture.account, {
            changes: [change],
            authority: false,
            expectRevisions,
          })
        ).committed,
        false,
      );
    });

    it('on a revision do not hold for a record that was deleted, or made again', async () => {
      const { revision } = await fixture.write(put('role\ta', '1'));
      const commit = {
        changes: [change],
        authority: false,
        expectRevisions: [{ key: key('role\ta'), revision }],
      };
      await fixture.write(remove('role\ta'));
      assert.equal((await fixture.store.commit(fixture.account, commit)).committed, false);
      await fixture.write(put('role\ta', '1'));
      assert.equal((await fixture.store.commit(fixture.account, commit)).committed, false);
    });

    it('on absence hold only while the record is absent', async () => {
      const commit = {
        changes: [change],
        authority: false,
        expectRevisions: [{ key: key('role\ta'), revision: 0 }],
      };
      assert.equal((await fixture.store.commit(fixture.account, commit)).committed, true);
      assert.equal((await fixture.store.commit(fixture.account, commit)).committed, false);
      await fixture.write(remove('role\ta'));
      assert.equal((await fixture.store.commit(fixture.account, commit)).committed, true);
    });

    it('must all hold', async () => {
      const { revision, epoch } = await fixture.authorize(put('role\ta', '1'));
      const expectRevisions = [
        { key: key('role\ta'), revision },
        { key: key('role\tnone'), revision: 0 },
        { key: key('secret\tnone'), revision: 7 },
      ];
      const commit = { changes: [change], authority: true, expectEpoch: epoch, expectRevisions };
      assert.equal((await fixture.store.commit(fixture.account, commit)).committed, false);
      const fewer = { ...commit, expectRevisions: expectRevisions.slice(0, 2) };
      assert.equal((await fixture.store.commit(fixture.account, fewer)).committed, true);
    });

    it('lose no update under 16 writers on two connections', async () => {
      const second = await fixture.connect();
      const counter = key('secret\tcounter');
      const increments = 25;
      async function count(connection: Store): Promise<void> {
        for (let done = 0; done < increments;) {
          const record = (await connection.read(fixture.account, [counter])).records[0];
          const next = Number(text(record?.value) ?? 0) + 1;
          const result = await connection.commit(fixture.account, {
            changes: [{ key: counter, value: Buffer.from(String(next)) }],
            authority: false,
            expectRevisions: [{ key: counter, revision: record?.revision ?? 0 }],
          });
          if (result.committed) done += 1;
        }
      }
      await Promise.all(
        Array.from({ length: 16 }, (_, index) => count(index % 2 === 0 ? fixture.store : second)),
      );
      assert.deepEqual(await fixture.values('secret\tcounter'), [String(16 * increments)]);
      await second.close();
    });

    it('on the epoch let exactly one of 16 racing writers through', async () => {
      const { epoch } = await fixture.authorize();
      const results = await Promise.all(
        Array.from({ length: 16 }, (_, index) =>
          fixture.store.commit(fixture.account, {
            changes: [put('role\ta', String(index))],
            authority: true,
            expectEpoch: epoch,
          }),
        ),
      );
      const winners = results.flatMap((result, index) => (result.committed ? [String(index)] : []));
      assert.equal(winners.length, 1);
      assert.deepEqual(await fixture.values('role\ta'), winners);
    });
  });
}
