import assert from 'node:assert/strict';
import { isFailure } from '../../../src/domain/errors.ts';
import { toAccount } from '../../../src/domain/ids.ts';
import type { EphemeralEntry, EphemeralStore } from '../../../src/ports/ephemeral-store.ts';
import { put, text, type StoreFixture } from './fixture.ts';

const longMs = 60 * 60 * 1_000;

/** An entry that outlives the test. */
export function entry(key: string, value: string | Uint8Array = '1', group?: string): EphemeralEntry {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value;
  return { key, value: bytes, ttlMs: longMs, ...(group === undefined ? {} : { group }) };
}

/** The values under some keys, with a mark on those that are used. */
export async function found(fixture: StoreFixture, ...keys: string[]): Promise<(string | undefined)[]> {
  const records = await fixture.store.ephemeral.get(fixture.account, keys);
  return records.map((record) => record && `${text(record.value)}${record.used ? ' used' : ''}`);
}

/** What lives for a while: entries, counters and groups. Their expiry has a suite of its own. */
export function ephemeralContract(fixture: StoreFixture): void {
  const space = (): EphemeralStore => fixture.store.ephemeral;
  const keep = (...entries: EphemeralEntry[]): Promise<void> => space().put(fixture.account, entries);

  describe('ephemeral entries', () => {
    it('are found in the order of the keys, and nothing where there is none', async () => {
      assert.deepEqual(await found(fixture, 'a'), [undefined]);
      assert.deepEqual(await found(fixture), []);
      await keep();
      await keep(entry('a', 'one'), entry('b', ''));
      assert.deepEqual(await found(fixture, 'b', 'x', 'a', 'a'), ['', undefined, 'one', 'one']);
    });

    it('replace what is there, used or not', async () => {
      await keep(entry('a', 'one'));
      assert.equal(await space().use(fixture.account, 'a'), 'first');
      assert.deepEqual(await found(fixture, 'a'), ['one used']);
      await keep(entry('a', 'two'), entry('a', 'three'));
      assert.deepEqual(await found(fixture, 'a'), ['three']);
      assert.equal(await space().use(fixture.account, 'a'), 'first');
    });

    it('are added only where there is none, used or not', async () => {
      assert.equal(await space().add(fixture.account, entry('a', 'one')), true);
      assert.equal(await space().add(fixture.account, entry('a', 'two')), false);
      await space().use(fixture.account, 'a');
      assert.equal(await space().add(fixture.account, entry('a', 'two')), false);
      assert.deepEqual(await found(fixture, 'a'), ['one used']);
      await space().take(fixture.account, 'a');
      assert.equal(await space().add(fixture.account, entry('a', 'two')), true);
      assert.deepEqual(await found(fixture, 'a'), ['two']);
    });

    it('are taken once, used or not', async () => {
      await keep(entry('a', 'one'), entry('b', 'two'));
      await space().use(fixture.account, 'b');
      const taken = await space().take(fixture.account, 'a');
      assert.deepEqual([text(taken?.value), taken?.used], ['one', false]);
      assert.equal(await space().take(fixture.account, 'a'), undefined);
      assert.equal((await space().take(fixture.account, 'b'))?.used, true);
      assert.deepEqual(await found(fixture, 'a', 'b'), [undefined, undefined]);
    });

    it('are used once, and tell a second use', async () => {
      await keep(entry('a', 'one'));
      assert.equal(await space().use(fixture.account, 'a'), 'first');
      assert.equal(await space().use(fixture.account, 'a'), 'again');
      assert.equal(await space().use(fixture.account, 'b'), 'missing');
    });

    it('are removed, used or not, and it is no fault where there are none', async () => {
      await keep(entry('a'), entry('b'), entry('c'));
      await space().use(fixture.account, 'b');
      await space().remove(fixture.account, ['a', 'b', 'x']);
      await space().remove(fixture.account, ['a']);
      await space().remove(fixture.account, []);
      assert.deepEqual(await found(fixture, 'a', 'b', 'c'), [undefined, undefined, '1']);
      assert.equal(await space().use(fixture.account, 'b'), 'missing');
    });

    it('belong to no epoch, and make no account', async () => {
      await keep(entry('a'));
      await space().count(fixture.account, 'a', longMs);
      assert.deepEqual(await fixture.epochNow(), { lineage: '', counter: 0 });
      assert.equal((await fixture.store.accounts()).includes(fixture.account), false);
    });

    it('are seen by another connection at once', async () => {
      const second = await fixture.connect();
      for (let round = 1; round <= 50; round += 1) {
        const [writer, reader] = round % 2 === 0 ? [fixture.store, second] : [second, fixture.store];
        await reader.ephemeral.get(fixture.account, ['a']);
        await writer.ephemeral.put(fixture.account, [entry('a', String(round))]);
        const [record] = await reader.ephemeral.get(fixture.account, ['a']);
        assert.equal(text(record?.value), String(round));
      }
      await second.close();
    });

    it('are taken, used and added by one of fifty who ask at once on two connections', async () => {
      const second = await fixture.connect();
      const spaces = [space(), second.ephemeral];
      const race = <Result>(act: (one: EphemeralStore) => Promise<Result>): Promise<Result[]> =>
        Promise.all(Array.from({ length: 50 }, (_, index) => act(spaces[index % 2]!)));
      await keep(entry('t'), entry('u'));
      const taken = await race((one) => one.take(fixture.account, 't'));
      assert.equal(taken.filter((record) => record !== undefined).length, 1);
      const uses = await race((one) => one.use(fixture.account, 'u'));
      assert.deepEqual(uses.sort(), [...Array<string>(49).fill('again'), 'first']);
      const added = await race((one) => one.add(fixture.account, entry('n')));
      assert.equal(added.filter(Boolean).length, 1);
      await second.close();
    });
  });

  describe('ephemeral counters', () => {
    it('count from 0, by 1 or by what is said', async () => {
      assert.equal(await space().count(fixture.account, 'a', longMs), 1);
      assert.equal(await space().count(fixture.account, 'a', longMs), 2);
      assert.equal(await space().count(fixture.account, 'a', longMs, 40), 42);
      assert.equal(await space().count(fixture.account, 'a', longMs, -2), 40);
      assert.equal(await space().count(fixture.account, 'a', longMs, 0), 40);
      assert.equal(await space().count(fixture.account, 'b', longMs, 2 ** 40), 2 ** 40);
    });

    it('lose no addition of many at once', async () => {
      const sums = await Promise.all(
        Array.from({ length: 50 }, () => space().count(fixture.account, 'a', longMs)),
      );
      assert.deepEqual(
        sums.sort((left, right) => left - right),
        Array.from({ length: 50 }, (_, index) => index + 1),
      );
    });

    it('have keys of their own', async () => {
      await keep(entry('a', 'one'));
      assert.equal(await space().count(fixture.account, 'a', longMs), 1);
      await space().remove(fixture.account, ['a']);
      assert.deepEqual(await found(fixture, 'a'), [undefined]);
      assert.equal(await space().count(fixture.account, 'a', longMs), 2);
    });
  });

  describe('an ephemeral group', () => {
    it('is removed whole, and alone', async () => {
      await keep(entry('a', '1', 'g'), entry('b', '1', 'g'), entry('c', '1', 'h'), entry('d'));
      await keep(entry('e', '1', 'g'));
      await space().use(fixture.account, 'b');
      await space().removeGroup(fixture.account, 'g');
      assert.deepEqual(await found(fixture, 'a', 'b', 'c', 'd', 'e'), [
        undefined,
        undefined,
        '1',
        '1',
        undefined,
      ]);
      await space().removeGroup(fixture.account, 'g');
      await space().removeGroup(fixture.account, 'none');
    });

    it('loses what is taken, removed, or put anew elsewhere', async () => {
      await keep(entry('a', '1', 'g'), entry('b', '1', 'g'), entry('c', '1', 'g'), entry('d', '1', 'g'));
      await space().take(fixture.account, 'a');
      await space().remove(fixture.account, ['b']);
      await keep(entry('a', '2'), entry('b', '2', 'h'), entry('c', '2', 'h'), entry('d', '2'));
      await space().removeGroup(fixture.account, 'g');
      assert.deepEqual(await found(fixture, 'a', 'b', 'c', 'd'), ['2', '2', '2', '2']);
      await space().removeGroup(fixture.account, 'h');
      assert.deepEqual(await found(fixture, 'a', 'b', 'c', 'd'), ['2', undefined, undefined, '2']);
    });

    it('keeps what was used', async () => {
      await keep(entry('a', '1', 'g'));
      await space().use(fixture.account, 'a');
      await space().removeGroup(fixture.account, 'g');
      assert.equal(await space().use(fixture.account, 'a'), 'missing');
    });

    it('may be large', async () => {
      const keys = Array.from({ length: 2_500 }, (_, index) => `k${index}`);
      await keep(...keys.map((key) => entry(key, '1', 'g')), entry('other', '1', 'g2'));
      await space().removeGroup(fixture.account, 'g');
      assert.deepEqual([...new Set(await found(fixture, ...keys))], [undefined]);
      assert.deepEqual(await found(fixture, 'other'), ['1']);
    });

    it('belongs to its account', async () => {
      const other = toAccount(`x${fixture.account}`);
      await keep(entry('a', '1', 'g'));
      await space().put(other, [entry('a', 'theirs', 'g')]);
      await space().removeGroup(fixture.account, 'g');
      const [record] = await space().get(other, ['a']);
      assert.equal(text(record?.value), 'theirs');
    });
  });

  describe('ephemeral limits', () => {
    const longest = 'ä'.repeat(256);

    it('take keys and groups of 512 bytes and keep them apart, for accounts with long names, too', async () => {
      fixture.account = toAccount(`${'語'.repeat(80)}${fixture.account}`);
      const keys = [longest, `${longest.slice(1)}xy`, `${longest.slice(1)}xz`];
      await keep(...keys.map((key, index) => entry(key, String(index), longest)));
      assert.deepEqual(await found(fixture, ...keys), ['0', '1', '2']);
      assert.equal(await space().use(fixture.account, longest), 'first');
      await space().take(fixture.account, keys[1]!);
      assert.deepEqual(await found(fixture, ...keys), ['0 used', undefined, '2']);
      assert.equal(await space().count(fixture.account, longest, longMs), 1);
      await space().removeGroup(fixture.account, longest);
      assert.deepEqual(await found(fixture, ...keys), [undefined, undefined, undefined]);
    });

    it('take values of 1 MiB, and bytes of every kind', async () => {
      const value = Buffer.alloc(
        1024 * 1024,
        Uint8Array.from({ length: 256 }, (_, index) => index),
      );
      await keep(entry('a', value, 'g'), entry('b', 'small'));
      await space().use(fixture.account, 'a');
      const [record] = await space().get(fixture.account, ['a', 'b']);
      assert.ok(value.equals(record!.value));
      assert.ok(value.equals((await space().take(fixture.account, 'a'))!.value));
      assert.deepEqual(await found(fixture, 'a', 'b'), [undefined, 'small']);
    });

    it('keep keys apart by case, Unicode normalisation and white space', async () => {
      const keys = ['a', 'A', 'a ', 'a\t', 'caf\u00e9', 'cafe\u0301', '\ufffd', '{a}', '*', '', '\0'];
      await keep(...keys.map((key, index) => entry(key, String(index))));
      assert.deepEqual(
        await found(fixture, ...keys),
        keys.map((_, index) => String(index)),
      );
    });

    const refused: readonly (readonly [string, EphemeralEntry])[] = [
      ['a key over 512 bytes', entry(`${longest}a`)],
      ['a key that is not well-formed Unicode', entry('\ud800')],
      ['a group over 512 bytes', entry('a', '1', `${longest}a`)],
      ['a value over 1 MiB', entry('a', Buffer.alloc(1024 * 1024 + 1))],
      ['a life of no length', { ...entry('a'), ttlMs: 0 }],
      ['a life that is no number', { ...entry('a'), ttlMs: NaN }],
      ['a life without end', { ...entry('a'), ttlMs: Infinity }],
    ];
    for (const [what, bad] of refused) {
      it(`refuse ${what}, and then keep nothing`, async () => {
        const isRefusal = (error: unknown): boolean => isFailure(error, 'INTERNAL');
        await assert.rejects(keep(entry('good'), bad), isRefusal);
        await assert.rejects(space().add(fixture.account, bad), isRefusal);
        assert.deepEqual(await found(fixture, 'good'), [undefined]);
      });
    }

    it('refuse such keys and numbers of every call', async () => {
      const calls = ['\ud800', `${longest}a`].flatMap((key) => [
        space().get(fixture.account, [key]),
        space().take(fixture.account, key),
        space().use(fixture.account, key),
        space().count(fixture.account, key, longMs),
        space().remove(fixture.account, [key]),
        space().removeGroup(fixture.account, key),
      ]);
      calls.push(space().count(fixture.account, 'a', 0), space().count(fixture.account, 'a', longMs, 0.5));
      for (const outcome of await Promise.allSettled(calls))
        assert.ok(outcome.status === 'rejected' && isFailure(outcome.reason, 'INTERNAL'));
    });
  });

  describe('removing an account', () => {
    it('removes what lives for a while in it, and nothing of another', async () => {
      const other = toAccount(`x${fixture.account}`);
      const long = 'ä'.repeat(256);
      await fixture.authorize(put('role\ta', '1'));
      await keep(entry('a', '1', 'g'), entry(long, '1', long), entry('c'));
      await space().count(fixture.account, 'a', longMs);
      await space().put(other, [entry('a', 'theirs', 'g')]);
      assert.equal(await fixture.store.remove(fixture.account, await fixture.epochNow()), true);
      assert.deepEqual(await found(fixture, 'a', long, 'c'), [undefined, undefined, undefined]);
      assert.equal(await space().count(fixture.account, 'a', longMs), 1);
      await keep(entry('a', 'anew'));
      await space().removeGroup(fixture.account, 'g');
      assert.deepEqual(await found(fixture, 'a'), ['anew']);
      const [record] = await space().get(other, ['a']);
      assert.equal(text(record?.value), 'theirs');
    });
  });

  describe('the ephemeral space of a closed connection', () => {
    it('answers STORE_UNAVAILABLE', async () => {
      const second = await fixture.connect();
      await second.close();
      const outcomes = await Promise.allSettled([
        second.ephemeral.put(fixture.account, [entry('a')]),
        second.ephemeral.add(fixture.account, entry('a')),
        second.ephemeral.get(fixture.account, ['a']),
        second.ephemeral.take(fixture.account, 'a'),
        second.ephemeral.use(fixture.account, 'a'),
        second.ephemeral.count(fixture.account, 'a', longMs),
        second.ephemeral.remove(fixture.account, ['a']),
        second.ephemeral.removeGroup(fixture.account, 'a'),
      ]);
      for (const outcome of outcomes)
        assert.ok(outcome.status === 'rejected' && isFailure(outcome.reason, 'STORE_UNAVAILABLE'));
    });
  });
}
