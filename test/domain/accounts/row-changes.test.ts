import assert from 'node:assert/strict';
import { join } from 'node:path';
import { Authority } from '../../../src/domain/accounts/authority.ts';
import { firstRowChanges, rowChanges } from '../../../src/domain/accounts/row-changes.ts';
import { toAccount } from '../../../src/domain/ids.ts';
import type { RowEdit } from '../../../src/domain/records/row-batches.ts';
import { keyOfRow, type GraphRow } from '../../../src/domain/records/rows.ts';
import { openKeyring } from '../../../src/drivers/keyring/keyring.ts';
import { openLmdbStore } from '../../../src/drivers/lmdb/store.ts';
import type { Store } from '../../../src/ports/store.ts';
import { temporaryDirectory } from '../../support/temp.ts';
import { annotate, member, resourceRow, roleRow } from '../rbac/rows.ts';

const account = toAccount('acct');
const keyring = openKeyring({ dataKey: Buffer.alloc(32, 1) });

function textsOf(rows: Iterable<GraphRow>): readonly string[] {
  return Array.from(rows, (row) => `${keyOfRow(row)} ${JSON.stringify(row)}`).sort();
}

describe('rowChanges', () => {
  const folder = temporaryDirectory();
  const stores: Store[] = [];
  const openAccount = async (name: string): Promise<{ store: Store; authority: Authority }> => {
    const store = await openLmdbStore({ directory: join(folder.path, name) });
    stores.push(store);
    const authority = new Authority(store, keyring);
    await authority.commit(account, { changes: firstRowChanges([roleRow('user:first')]), authority: true });
    return { store, authority };
  };
  const commit = async (authority: Authority, edits: readonly RowEdit[]): Promise<void> => {
    const { state, epoch } = await authority.read(account, []);
    const changes = await rowChanges({ authority }, state, edits, edits.length);
    const { committed } = await authority.commit(account, { changes, authority: true, expectEpoch: epoch });
    assert.ok(committed);
  };
  const rowsOf = async (authority: Authority): Promise<readonly string[]> =>
    textsOf((await authority.read(account, [])).state.graph.rows());
  const batches = async (store: Store): Promise<number> => {
    let count = 0;
    for await (const batch of store.scan(account, 'rows')) count += batch.length;
    return count;
  };
  /** Puts the same few rows over and over, with other contents each time, and takes some away. */
  const churn = async (authority: Authority, rounds: number, first = 0): Promise<void> => {
    for (let round = first; round < first + rounds; round += 1) {
      const edits = Array.from({ length: 40 }, (_, index): RowEdit => {
        const id = `host:${String((round * 7 + index) % 60)}`;
        if (index % 4 === 3) return { row: roleRow(id), there: false };
        if (index % 4 === 2) return { row: annotate(id, 'note', String(round)), there: true };
        return { row: index % 4 === 0 ? roleRow(id) : resourceRow(id, 'user:first'), there: true };
      });
      await commit(authority, edits);
    }
  };

  after(async () => {
    for (const store of stores) await store.close();
    folder.remove();
  });

  it('changes nothing where there is nothing to change', async () => {
    const { authority } = await openAccount('nothing');
    const { state } = await authority.read(account, []);
    assert.deepEqual(await rowChanges({ authority }, state, [], 0), []);
  });

  it('keeps what is stored in proportion to the rows, and the rows as they are', async () => {
    const { store, authority } = await openAccount('churn');
    const other = new Authority(store, keyring);
    await churn(authority, 150);
    const early = await batches(store);
    await churn(authority, 150, 150);
    assert.ok((await batches(store)) <= early + 10, 'the log has stopped growing');
    const present = await rowsOf(authority);
    assert.deepEqual(await rowsOf(other), present, 'read whole');
    assert.deepEqual(await rowsOf(new Authority(store, keyring)), present);
  });

  it('lets one that is behind follow, even where batches came and went unseen', async () => {
    const { store, authority } = await openAccount('behind');
    const behind = new Authority(store, keyring);
    await commit(authority, [{ row: member('group:g', 'user:first'), there: true }]);
    assert.equal((await rowsOf(behind)).length, 2);
    await commit(authority, [{ row: member('group:g', 'user:first'), there: false }]);
    // Takes the batch of the removal away again, and the one before it.
    await churn(authority, 200);
    assert.deepEqual(await rowsOf(behind), await rowsOf(authority));
  });

  it('lets one that is behind follow many batches in one instant', async () => {
    const { store, authority } = await openAccount('many');
    const behind = new Authority(store, keyring);
    await rowsOf(behind);
    const edits = Array.from({ length: 12_000 }, (_, index): RowEdit => {
      return { row: member('group:g', `user:${String(index)}`), there: true };
    });
    await commit(authority, edits);
    await commit(authority, [{ row: member('group:g', 'user:5'), there: false }]);
    const seen = new Set<number>();
    const look = async (): Promise<void> => {
      seen.add((await behind.read(account, [])).state.graph.rowCount);
    };
    await Promise.all(Array.from({ length: 20 }, look));
    assert.deepEqual([...seen], [12_000]);
    assert.deepEqual(await rowsOf(behind), await rowsOf(authority));
  });
});
