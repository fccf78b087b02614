import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { Authority } from '../../../src/domain/accounts/authority.ts';
import { firstRowChanges, rowChanges } from '../../../src/domain/accounts/row-changes.ts';
import { isFailure } from '../../../src/domain/errors.ts';
import { toAccount, toRoleId, type RoleId } from '../../../src/domain/ids.ts';
import { openKeyring } from '../../../src/drivers/keyring/keyring.ts';
import { openLmdbStore } from '../../../src/drivers/lmdb/store.ts';
import type { Change, Store } from '../../../src/ports/store.ts';
import { temporaryDirectory } from '../../support/temp.ts';

const account = toAccount('acct');
const keyring = openKeyring({ dataKey: Buffer.alloc(32, 1) });

function role(name: string): RoleId {
  return toRoleId(account, 'group', name);
}

/** What adds or removes groups, by what this authority knows. */
async function groupChanges(
  authority: Authority,
  names: readonly string[],
  there = true,
): Promise<readonly Change[]> {
  const rows = names.map((name) => ({ table: 'role', role: role(name), createdAt: 1 }) as const);
  const state = await authority.recent(account);
  if (state === undefined) return firstRowChanges(rows);
  return rowChanges(
    { authority },
    state,
    rows.map((row) => ({ row, there })),
    rows.length,
  );
}

/** A store that can be exchanged for another while it is in use, as a restored backup is. */
function exchangeable(first: Store): Store & { exchange(other: Store): void } {
  let present = first;
  return {
    get ephemeral() {
      return present.ephemeral;
    },
    read: (name, keys) => present.read(name, keys),
    commit: (name, commit) => present.commit(name, commit),
    remove: (name, epoch) => present.remove(name, epoch),
    scan: (name, collection) => present.scan(name, collection),
    changesSince: (name, epoch) => present.changesSince(name, epoch),
    snapshot: (collections) => present.snapshot(collections),
    accounts: () => present.accounts(),
    health: () => present.health(),
    close: () => present.close(),
    exchange: (other) => {
      present = other;
    },
  };
}

describe('Authority', () => {
  const folder = temporaryDirectory();
  const stores: Store[] = [];
  const open = async (name: string): Promise<Store> => {
    const store = await openLmdbStore({ directory: join(folder.path, name) });
    stores.push(store);
    return store;
  };
  const add = async (authority: Authority, ...names: readonly string[]): Promise<unknown> =>
    authority.commit(account, { changes: await groupChanges(authority, names), authority: true });
  const has = async (authority: Authority, name: string): Promise<boolean> =>
    (await authority.read(account, [])).state.graph.hasRole(role(name));

  after(async () => {
    for (const store of stores) await store.close();
    folder.remove();
  });

  it('does not find an account that was never made', async () => {
    const authority = new Authority(await open('none'), keyring);
    await assert.rejects(authority.read(account, []), (error) => isFailure(error, 'ACCOUNT_NOT_FOUND'));
    assert.equal(await authority.recent(account), undefined);
  });

  it('sees what another one on the same store committed', async () => {
    const store = await open('shared');
    const [one, other] = [new Authority(store, keyring), new Authority(store, keyring)];
    await add(one, 'a');
    assert.equal(await has(other, 'a'), true);
    for (let round = 0; round < 50; round += 1) {
      await add(one, `added-${String(round)}`);
      assert.equal(await has(other, `added-${String(round)}`), true);
      await other.commit(account, {
        changes: await groupChanges(other, [`added-${String(round)}`], false),
        authority: true,
      });
      assert.equal(await has(one, `added-${String(round)}`), false);
    }
  });

  it('serves many readers at once while it catches up', async () => {
    const store = await open('readers');
    const [one, other] = [new Authority(store, keyring), new Authority(store, keyring)];
    await add(one, 'a');
    const answers = await Promise.all(Array.from({ length: 50 }, () => has(other, 'a')));
    assert.ok(answers.every(Boolean));
    await add(one, 'b');
    assert.ok((await Promise.all(Array.from({ length: 50 }, () => has(other, 'b')))).every(Boolean));
  });

  it('reads everything anew when the account was made again', async () => {
    const [before, after] = [await open('first-life'), await open('second-life')];
    await add(new Authority(after, keyring), 'new');
    const store = exchangeable(before);
    const authority = new Authority(store, keyring);
    await add(authority, 'old');
    assert.equal(await has(authority, 'old'), true);
    store.exchange(after);
    assert.equal(await has(authority, 'old'), false);
    assert.equal(await has(authority, 'new'), true);
  });

  it('reads everything anew when the store went back in time', async () => {
    const store = await open('present');
    const swap = exchangeable(store);
    const authority = new Authority(swap, keyring);
    await add(authority, 'early');
    cpSync(join(folder.path, 'present'), join(folder.path, 'past'), { recursive: true });
    await add(authority, 'late');
    assert.equal(await has(authority, 'late'), true);
    swap.exchange(await open('past'));
    assert.equal(await has(authority, 'late'), false);
    assert.equal(await has(authority, 'early'), true);
  });

  it('forgets an account that is gone', async () => {
    const store = exchangeable(await open('leaving'));
    const authority = new Authority(store, keyring);
    await add(authority, 'a');
    store.exchange(await open('left'));
    await assert.rejects(authority.read(account, []), (error) => isFailure(error, 'ACCOUNT_NOT_FOUND'));
    assert.equal(await authority.recent(account), undefined);
  });
});
