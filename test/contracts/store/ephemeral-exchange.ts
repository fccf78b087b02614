import assert from 'node:assert/strict';
import { isFailure } from '../../../src/domain/errors.ts';
import type { EphemeralEntry, EphemeralStore } from '../../../src/ports/ephemeral-store.ts';
import { entry, found } from './ephemeral.ts';
import { freshAccount, text, type StoreFixture } from './fixture.ts';

/** Walking over all entries, and replacing the value of one. */
export function ephemeralExchangeContract(fixture: StoreFixture): void {
  const space = (): EphemeralStore => fixture.store.ephemeral;
  const keep = (...entries: EphemeralEntry[]): Promise<void> => space().put(fixture.account, entries);
  const exchange = (key: string, present: string, value: string): Promise<boolean> =>
    space().exchange(fixture.account, key, Buffer.from(present), Buffer.from(value));
  const all = async (account = fixture.account): Promise<readonly string[]> => {
    const seen = new Set<string>();
    for await (const batch of space().scan(account)) {
      for (const [key, value] of batch) seen.add(`${key}=${text(value)}`);
    }
    return [...seen].sort();
  };

  describe('a walk over the ephemeral entries', () => {
    it('finds those of the account, used or not, and no counter', async () => {
      const other = freshAccount();
      await keep(entry('a', 'one', 'g'), entry('{b}*', 'two'), entry('', 'three'));
      await space().put(other, [entry('a', 'elsewhere')]);
      await space().use(fixture.account, 'a');
      await space().count(fixture.account, 'n', 60_000);
      assert.deepEqual(await all(), ['=three', 'a=one', '{b}*=two']);
      assert.deepEqual(await all(other), ['a=elsewhere']);
      assert.deepEqual(await all(freshAccount()), []);
    });

    it('finds more than one batch of them', async () => {
      const entries = Array.from({ length: 1_203 }, (_, index) => entry(`k${String(index)}`, 'v'));
      await keep(...entries);
      assert.equal((await all()).length, 1_203);
    });

    it('does not find what was removed or has expired', async () => {
      await keep(entry('a'), entry('b'), { ...entry('c'), ttlMs: 1 });
      await space().remove(fixture.account, ['a']);
      while ((await found(fixture, 'c'))[0] !== undefined) await new Promise((done) => setTimeout(done, 2));
      assert.deepEqual(await all(), ['b=1']);
    });
  });

  describe('an exchange of an ephemeral value', () => {
    it('replaces the value that is expected, and nothing else about the entry', async () => {
      await keep(entry('a', 'one', 'g'));
      await space().use(fixture.account, 'a');
      assert.equal(await exchange('a', 'one', 'two'), true);
      assert.deepEqual(await found(fixture, 'a'), ['two used']);
      assert.equal(await space().use(fixture.account, 'a'), 'again');
      await space().removeGroup(fixture.account, 'g');
      assert.deepEqual(await found(fixture, 'a'), [undefined]);
    });

    it('changes nothing where the value is another, or there is no entry', async () => {
      await keep(entry('a', 'one'));
      assert.equal(await exchange('a', 'two', 'three'), false);
      assert.equal(await exchange('b', 'one', 'three'), false);
      assert.equal(await exchange('a', '', 'three'), false);
      assert.deepEqual(await found(fixture, 'a', 'b'), ['one', undefined]);
    });

    it('does not make an entry live longer', async () => {
      await keep({ ...entry('a', 'one'), ttlMs: 300 });
      assert.equal(await exchange('a', 'one', 'two'), true);
      while ((await found(fixture, 'a'))[0] !== undefined) await new Promise((done) => setTimeout(done, 5));
      assert.equal(await exchange('a', 'two', 'three'), false);
    });

    it('succeeds for one of many who expect the same', async () => {
      await keep(entry('a', 'one'));
      const second = await fixture.connect();
      const spaces = [space(), second.ephemeral];
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, async (_, index) =>
          spaces[index % 2]?.exchange(
            fixture.account,
            'a',
            Buffer.from('one'),
            Buffer.from(`v${String(index)}`),
          ),
        ),
      );
      assert.equal(outcomes.filter(Boolean).length, 1);
      await second.close();
    });

    it('keeps the limits of other writes', async () => {
      await keep(entry('a', 'one'));
      const tooLong = Buffer.alloc(1024 * 1024 + 1);
      await assert.rejects(space().exchange(fixture.account, 'a', Buffer.from('one'), tooLong), (error) =>
        isFailure(error, 'INTERNAL'),
      );
      assert.deepEqual(await found(fixture, 'a'), ['one']);
    });
  });
}
