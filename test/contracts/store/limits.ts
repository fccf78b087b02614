import assert from 'node:assert/strict';
import { isFailure } from '../../../src/domain/errors.ts';
import { toAccount } from '../../../src/domain/ids.ts';
import type { Change } from '../../../src/ports/store.ts';
import { key, put, text, type StoreFixture } from './fixture.ts';

/** Limits and names. */
export function limitsContract(fixture: StoreFixture): void {
  describe('limits', () => {
    const long = `annotation\t${'ä'.repeat(2_042)}`;

    it('take keys of up to 4 KiB and keep them apart to the last character', async () => {
      assert.ok(Buffer.byteLength(long) <= 4_096 - 1);
      const { revision } = await fixture.authorize(put(`${long}1`, 'one'), put(`${long}2`, 'two'));
      assert.deepEqual(await fixture.values(`${long}1`, `${long}2`, `${long}3`, long), [
        'one',
        'two',
        undefined,
        undefined,
      ]);
      const expected = new Map([
        [`${long}1`, 'one'],
        [`${long}2`, 'two'],
      ]);
      assert.deepEqual(await fixture.scanned('annotation'), expected);
      const absent = [{ key: key(`${long}1`), revision }];
      assert.equal(
        (
          await fixture.store.commit(fixture.account, {
            changes: [],
            authority: false,
            expectRevisions: absent,
          })
        ).committed,
        true,
      );
    });

    it('name long keys in the change log', async () => {
      const { epoch } = await fixture.authorize();
      await fixture.authorize(put(`${long}1`, 'one'));
      const catchup = await fixture.store.changesSince(fixture.account, epoch);
      assert.deepEqual(catchup.kind === 'changes' && catchup.changes, [put(`${long}1`, 'one')]);
    });

    it('take values of up to 16 MiB', async () => {
      const value = Buffer.alloc(16 * 1024 * 1024, 'latchkey');
      await fixture.write(put('secret\tlarge', value), put('secret\tsmall', 'small'));
      const { records } = await fixture.store.read(fixture.account, [
        key('secret\tlarge'),
        key('secret\tsmall'),
      ]);
      assert.ok(value.equals(records[0]!.value));
      assert.equal(text(records[1]?.value), 'small');
      assert.equal((await fixture.scanned('secret')).get('secret\tsmall'), 'small');
    });

    const refused: readonly (readonly [string, Change])[] = [
      ['a key over 4 KiB', put(`role\t${'a'.repeat(4_092)}`, '')],
      ['a key without a collection', put('role', '')],
      ['a key that is not well-formed Unicode', put('role\t\ud800', '')],
      ['a value over 16 MiB', put('role\ta', Buffer.alloc(16 * 1024 * 1024 + 1))],
    ];
    for (const [what, change] of refused) {
      it(`refuse ${what}, and then write nothing`, async () => {
        const commit = { changes: [put('role\tgood', '1'), change], authority: true };
        await assert.rejects(fixture.store.commit(fixture.account, commit), (error) =>
          isFailure(error, 'INTERNAL'),
        );
        assert.deepEqual(await fixture.epochNow(), { lineage: '', counter: 0 });
      });
    }
  });

  describe('keys', () => {
    const families: readonly (readonly [string, readonly string[]])[] = [
      ['case', ['role\tmy:user:alice', 'role\tmy:user:Alice', 'role\tmy:user:ALICE']],
      ['Unicode normalisation', ['role\tcafe\u0301', 'role\tcaf\u00e9', 'role\tcafe']],
      ['a trailing blank or tab', ['role\ta', 'role\ta ', 'role\ta\t', 'role\ta\t\t']],
      ['where a tab or colon stands', ['m\ta:b\tc', 'm\ta\tb:c', 'm\ta:b:c', 'm\ta\tb\tc']],
      ['a character outside of the first plane', ['role\t😀', 'role\t😁', 'role\t\ufffd']],
    ];
    for (const [what, names] of families) {
      it(`that differ by ${what} are different`, async () => {
        await fixture.write(...names.map((name, index) => put(name, String(index))));
        assert.deepEqual(
          await fixture.values(...names),
          names.map((_, index) => String(index)),
        );
      });
    }

    it('that no commit takes name nothing', async () => {
      await fixture.write(put('rol\trole', '1'));
      assert.deepEqual(await fixture.values('role', '', 'a\t'.repeat(5_000)), [
        undefined,
        undefined,
        undefined,
      ]);
    });

    it('that are not well-formed name nothing', async () => {
      await fixture.write(put('role\t\ufffd', '1'));
      assert.deepEqual(await fixture.values('role\t\ud800', 'role\t\udfff'), [undefined, undefined]);
    });
  });

  describe('accounts', () => {
    it('are listed sorted, whatever characters their names have', async () => {
      const names = ['b', 'a', '{braces}', '}{', 'é', 'e\u0301', 'a.b', '日本'].map((part) =>
        toAccount(`${part}-${fixture.account}`),
      );
      for (const made of names)
        await fixture.store.commit(made, { changes: [put('role\ta', made)], authority: true });
      const found = (await fixture.store.accounts()).filter((listed) => listed.endsWith(fixture.account));
      assert.deepEqual(found, [...names].sort());
      for (const made of names) {
        const { records } = await fixture.store.read(made, [key('role\ta')]);
        assert.equal(text(records[0]?.value), made);
      }
    });
  });
}
