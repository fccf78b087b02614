import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import type { EphemeralEntry, EphemeralStore } from '../../../src/ports/ephemeral-store.ts';
import { entry, found } from './ephemeral.ts';
import { text, type StoreFixture } from './fixture.ts';

const briefMs = 30;
const longMs = 60 * 60 * 1_000;

/** What lives for a while, when its time is over. */
export function ephemeralExpiryContract(fixture: StoreFixture): void {
  const space = (): EphemeralStore => fixture.store.ephemeral;
  const keep = (...entries: EphemeralEntry[]): Promise<void> => space().put(fixture.account, entries);
  const brief = (key: string, group?: string): EphemeralEntry => ({
    ...entry(key, 'brief', group),
    ttlMs: briefMs,
  });

  async function untilGone(...keys: string[]): Promise<void> {
    while ((await found(fixture, ...keys)).some((value) => value !== undefined)) await pause(5);
  }

  describe('an ephemeral entry whose time is over', () => {
    it('is found by no call', async () => {
      await keep(brief('a'), brief('b'), entry('c'));
      await space().use(fixture.account, 'b');
      await untilGone('a', 'b');
      assert.equal(await space().take(fixture.account, 'a'), undefined);
      assert.equal(await space().use(fixture.account, 'a'), 'missing');
      assert.equal(await space().use(fixture.account, 'b'), 'missing');
      await space().remove(fixture.account, ['a']);
      assert.deepEqual(await found(fixture, 'a', 'b', 'c'), [undefined, undefined, '1']);
    });

    it('is not there before its time is over', async () => {
      const startedAt = performance.now();
      await keep({ ...entry('a'), ttlMs: 250 });
      await untilGone('a');
      // The store's clock counts whole milliseconds.
      assert.ok(performance.now() - startedAt >= 249);
    });

    it('makes room for another, which has a time of its own', async () => {
      await keep(brief('a'), brief('b'));
      await untilGone('a', 'b');
      assert.equal(await space().add(fixture.account, entry('a', 'two')), true);
      await keep(entry('b', 'two'));
      await keep(brief('c'));
      await untilGone('c');
      assert.deepEqual(await found(fixture, 'a', 'b'), ['two', 'two']);
    });

    it('does not take the one along that was put in its place before', async () => {
      await keep(brief('a', 'g'), brief('b'));
      await keep(entry('a', 'stays'), brief('probe'));
      await untilGone('b', 'probe');
      await keep(entry('c'));
      assert.deepEqual(await found(fixture, 'a'), ['stays']);
    });

    it('keeps its time when it is used', async () => {
      await keep(brief('a'));
      await space().use(fixture.account, 'a');
      await untilGone('a');
    });

    it('leaves its group to those that live longer', async () => {
      await keep(entry('long', '1', 'g'), brief('a', 'g'), brief('b', 'g'));
      await untilGone('a', 'b');
      await keep(entry('a', 'elsewhere'), entry('b', 'elsewhere', 'h'));
      await space().removeGroup(fixture.account, 'g');
      assert.deepEqual(await found(fixture, 'long', 'a', 'b'), [undefined, 'elsewhere', 'elsewhere']);
    });

    it('does not end the group of what was put later', async () => {
      await keep(brief('a', 'g'));
      await keep(entry('long', '1', 'g'));
      await keep(brief('b', 'g'));
      await untilGone('a', 'b');
      await space().removeGroup(fixture.account, 'g');
      assert.deepEqual(await found(fixture, 'long'), [undefined]);
    });

    it('leaves the others of thousands that are put over it', async () => {
      await keep(...Array.from({ length: 1_000 }, (_, index) => brief(`old${index}`, 'g')));
      await untilGone('old0', 'old999');
      const keys = Array.from({ length: 1_000 }, (_, index) => `new${index}`);
      await Promise.all(keys.map((key) => keep(entry(key, key, 'g'))));
      assert.deepEqual(await found(fixture, ...keys), keys);
    });
  });

  describe('an ephemeral counter whose time is over', () => {
    it('begins at 0, and later additions do not put its time off', async () => {
      assert.equal(await space().count(fixture.account, 'a', 200, 10), 10);
      let sum = 11;
      while (sum > 10) sum = await space().count(fixture.account, 'a', 200);
      assert.equal(sum, 1);
    });

    it('keeps the time that it was made with', async () => {
      await space().count(fixture.account, 'a', longMs);
      assert.equal(await space().count(fixture.account, 'a', 1), 2);
      await keep(brief('probe'));
      await untilGone('probe');
      assert.equal(await space().count(fixture.account, 'a', 1), 3);
    });
  });

  describe('an ephemeral entry that is never read', () => {
    it('is not what a later one of its key is told of', async () => {
      await keep(brief('a', 'g'));
      await keep(brief('probe'));
      await untilGone('probe');
      await keep(entry('a', 'later'));
      const [record] = await space().get(fixture.account, ['a']);
      assert.deepEqual([text(record?.value), record?.used], ['later', false]);
    });
  });
}
