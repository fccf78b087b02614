import assert from 'node:assert/strict';
import { join } from 'node:path';
import { Authority } from '../../../src/domain/accounts/authority.ts';
import { createAccount } from '../../../src/domain/accounts/create.ts';
import { renewOperator, operator } from '../../../src/domain/accounts/operator.ts';
import { accountsWebservice, storeAccount } from '../../../src/domain/accounts/store-account.ts';
import { changeCredential } from '../../../src/domain/authn/credential-change.ts';
import { PasswordHasher } from '../../../src/domain/authn/password.ts';
import { isFailure } from '../../../src/domain/errors.ts';
import { adminOf, toAccount } from '../../../src/domain/ids.ts';
import { credentialKey } from '../../../src/domain/records/keys.ts';
import { decide } from '../../../src/domain/rbac/check.ts';
import { openKeyring } from '../../../src/drivers/keyring/keyring.ts';
import { openLmdbStore } from '../../../src/drivers/lmdb/store.ts';
import type { Commit, Store } from '../../../src/ports/store.ts';
import { temporaryDirectory } from '../../support/temp.ts';

const account = toAccount('acct');
const keyring = openKeyring({ dataKey: Buffer.alloc(32, 1) });
const clock = { now: () => 1_000 };
const passwords = new PasswordHasher();

describe('removing an account', () => {
  const folder = temporaryDirectory();
  const stores: Store[] = [];
  const open = async (name: string): Promise<Store> => {
    const store = await openLmdbStore({ directory: join(folder.path, name) });
    stores.push(store);
    return store;
  };
  const make = (authority: Authority): Promise<boolean> =>
    createAccount({ authority, keyring, clock, passwords }, account, () => Promise.resolve());
  const notFound = (error: unknown): boolean => isFailure(error, 'ACCOUNT_NOT_FOUND');

  after(async () => {
    for (const store of stores) await store.close();
    folder.remove();
  });

  it('is seen by every process with its next read', async () => {
    const store = await open('seen');
    const [one, other] = [new Authority(store, keyring), new Authority(store, keyring)];
    assert.equal(await make(one), true);
    await other.read(account, []);
    assert.equal(await one.remove(account), true);
    await assert.rejects(other.read(account, []), notFound);
    assert.equal(await other.recent(account), undefined);
    assert.equal(await one.remove(account), false);
  });

  it('does not keep a process from making it again, whatever that one still knows', async () => {
    const store = await open('again');
    const [one, other] = [new Authority(store, keyring), new Authority(store, keyring)];
    await make(one);
    const before = (await other.read(account, [])).state.newestSigningKey?.kid ?? '';
    await one.remove(account);
    assert.equal(await make(other), true);
    const { state } = await one.read(account, []);
    assert.equal(state.signingKey(before), undefined);
  });

  it('goes through however the account changes meanwhile', async () => {
    const store = await open('busy');
    let changes = 3;
    const busy: Store = Object.assign(Object.create(store) as Store, {
      read: async (...args: Parameters<Store['read']>) => {
        const snapshot = await store.read(...args);
        if (changes-- > 0) await store.commit(account, { changes: [], authority: true });
        return snapshot;
      },
      remove: (...args: Parameters<Store['remove']>) => store.remove(...args),
      commit: (...args: Parameters<Store['commit']>) => store.commit(...args),
    });
    await make(new Authority(store, keyring));
    assert.equal(await new Authority(busy, keyring).remove(account), true);
    assert.equal((await store.read(account, [])).epoch.lineage, '');
  });

  it('stops a change that was decided before it, also when the account was made again', async () => {
    const store = await open('raced');
    const authority = new Authority(store, keyring);
    const other = new Authority(store, keyring);
    await make(authority);
    const admin = adminOf(account);
    const key = credentialKey(admin);
    let raced = false;
    const racing = new Authority(
      Object.assign(Object.create(store) as Store, {
        read: (...args: Parameters<Store['read']>) => store.read(...args),
        scan: (...args: Parameters<Store['scan']>) => store.scan(...args),
        changesSince: (...args: Parameters<Store['changesSince']>) => store.changesSince(...args),
        commit: async (name: typeof account, commit: Commit) => {
          if (!raced) {
            raced = true;
            await other.remove(account);
            await make(other);
          }
          return store.commit(name, commit);
        },
      }),
      keyring,
    );
    const seen: unknown[] = [];
    await changeCredential({ authority: racing, clock }, admin, 'credential', (credential) => {
      seen.push(credential?.sealedApiKey);
      assert.ok(credential !== undefined);
      return { ...credential, passwordHash: 'changed' };
    });
    // The first attempt was decided on the old credential, and did not reach the new account.
    assert.equal(seen.length, 2);
    assert.notDeepEqual(seen[0], seen[1]);
    const { records } = await store.read(account, [key]);
    assert.notEqual(records[0], undefined);
  });
});

describe('renewOperator', () => {
  it('makes the role once, and replaces its key each time', async () => {
    const folder = temporaryDirectory();
    const store = await openLmdbStore({ directory: folder.path });
    try {
      await store.commit(storeAccount, { changes: [], authority: false });
      const authority = new Authority(store, keyring);
      const services = { authority, keyring, clock };
      const keys = await Promise.all([renewOperator(services), renewOperator(services)]);
      assert.notEqual(keys[0], keys[1]);
      const { state } = await authority.read(storeAccount, []);
      for (const privilege of ['read', 'execute', 'update']) {
        assert.equal(decide(state.graph, operator, privilege, accountsWebservice).allowed, true);
      }
      const { counter } = state.epoch;
      const rows = [...state.graph.rows()].length;
      await renewOperator(services);
      const after = (await authority.read(storeAccount, [])).state;
      assert.deepEqual([after.epoch.counter, [...after.graph.rows()].length], [counter + 1, rows]);
    } finally {
      await store.close();
      folder.remove();
    }
  });
});
