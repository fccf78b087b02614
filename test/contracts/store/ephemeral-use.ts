import assert from 'node:assert/strict';
import { isFailure } from '../../../src/domain/errors.ts';
import type { EphemeralEntry, EphemeralStore } from '../../../src/ports/ephemeral-store.ts';
import { entry, found } from './ephemeral.ts';
import type { StoreFixture } from './fixture.ts';

/** What is kept along with the first use of an entry. */
export function ephemeralUseContract(fixture: StoreFixture): void {
  const space = (): EphemeralStore => fixture.store.ephemeral;
  const keep = (...entries: EphemeralEntry[]): Promise<void> => space().put(fixture.account, entries);
  const use = (key: string, ...entries: EphemeralEntry[]): Promise<string> =>
    space().use(fixture.account, key, entries);

  describe('entries that are kept along with a use', () => {
    it('are there with the first, in their groups, in place of what was there', async () => {
      await keep(entry('code', 'c'), entry('token', 'old', 'h'));
      assert.equal(await use('code', entry('token', 'new', 'g'), entry('other', 'o', 'g')), 'first');
      assert.deepEqual(await found(fixture, 'code', 'token', 'other'), ['c used', 'new', 'o']);
      await space().removeGroup(fixture.account, 'h');
      assert.deepEqual(await found(fixture, 'token', 'other'), ['new', 'o']);
      await space().removeGroup(fixture.account, 'g');
      assert.deepEqual(await found(fixture, 'code', 'token', 'other'), ['c used', undefined, undefined]);
    });

    it('are not there where there is nothing to use, or it was used', async () => {
      assert.equal(await use('code', entry('token')), 'missing');
      await keep(entry('code'));
      assert.equal(await use('code', entry('token', 'first')), 'first');
      assert.equal(await use('code', entry('token', 'second'), entry('more')), 'again');
      assert.deepEqual(await found(fixture, 'token', 'more'), ['first', undefined]);
    });

    it('are those of one of fifty who ask at once on two connections', async () => {
      const second = await fixture.connect();
      const spaces = [space(), second.ephemeral];
      await keep(entry('code'));
      const keys = Array.from({ length: 50 }, (_, index) => `token${String(index)}`);
      const uses = await Promise.all(
        keys.map(async (key, index) => spaces[index % 2]?.use(fixture.account, 'code', [entry(key)])),
      );
      const kept = await found(fixture, ...keys);
      assert.deepEqual(
        kept.map((value) => value !== undefined),
        uses.map((outcome) => outcome === 'first'),
      );
      assert.equal(kept.filter(Boolean).length, 1);
      await second.close();
    });

    it('are of the same limits as others, and nothing is used up where they are not kept', async () => {
      await keep(entry('code'));
      await assert.rejects(use('code', entry('x'.repeat(513))), (error) => isFailure(error, 'INTERNAL'));
      assert.deepEqual(await found(fixture, 'code'), ['1']);
    });
  });
}
