import assert from 'node:assert/strict';
import { isFailure } from '../../../src/domain/errors.ts';
import { key, put, text, type StoreFixture } from './fixture.ts';

/** Several connections to one database. */
export function connectionsContract(fixture: StoreFixture): void {
  describe('a connection', () => {
    it('sees what another one was acknowledged, at once', async () => {
      const second = await fixture.connect();
      for (let round = 1; round <= 100; round += 1) {
        const [writer, reader] = round % 2 === 0 ? [fixture.store, second] : [second, fixture.store];
        await writer.commit(fixture.account, { changes: [put('role\ta', String(round))], authority: true });
        const { epoch, records } = await reader.read(fixture.account, [key('role\ta')]);
        assert.deepEqual([epoch.counter, text(records[0]?.value)], [round, String(round)]);
      }
      await second.close();
    });

    it('is healthy', async () => {
      await fixture.store.health();
    });

    it('settles what is under way before it closes, and leaves the others open', async () => {
      const second = await fixture.connect();
      const pending = Array.from({ length: 20 }, (_, index) =>
        second.commit(fixture.account, { changes: [put(`role\t${index}`, '1')], authority: true }),
      );
      await second.close();
      assert.deepEqual(
        (await Promise.all(pending)).map(({ committed }) => committed),
        Array(20).fill(true),
      );
      assert.equal((await fixture.scanned('role')).size, 20);
    });

    it('answers STORE_UNAVAILABLE once it is closed', async () => {
      const second = await fixture.connect();
      await second.close();
      const outcomes = await Promise.allSettled([
        second.read(fixture.account, []),
        second.commit(fixture.account, { changes: [], authority: false }),
        second.remove(fixture.account, { lineage: '', counter: 0 }),
        second.changesSince(fixture.account, { lineage: '', counter: 0 }),
        second.scan(fixture.account, 'role')[Symbol.asyncIterator]().next(),
        second.accounts(),
        second.health(),
      ]);
      for (const outcome of outcomes) {
        assert.ok(outcome.status === 'rejected' && isFailure(outcome.reason, 'STORE_UNAVAILABLE'));
      }
    });
  });
}
