import assert from 'node:assert/strict';
import { Artifacts } from '../../../../src/domain/provider/engine/artifacts.ts';
import { toAccount } from '../../../../src/domain/ids.ts';
import { openKeyring } from '../../../../src/drivers/keyring/keyring.ts';
import { openLmdbStore } from '../../../../src/drivers/lmdb/store.ts';
import { openRedisStore } from '../../../../src/drivers/redis/store.ts';
import type { EphemeralEntry, EphemeralStore } from '../../../../src/ports/ephemeral-store.ts';
import type { Store } from '../../../../src/ports/store.ts';
import { startRedis } from '../../../support/redis-server.ts';
import { temporaryDirectory } from '../../../support/temp.ts';

const account = toAccount('acct');

describe('artifacts (LMDB)', () => {
  const folder = temporaryDirectory();
  artifactsContract(async () => {
    const store = await openLmdbStore({ directory: folder.path });
    return {
      store,
      close: async () => {
        await store.close();
        folder.remove();
      },
    };
  });
});

describe('artifacts (Redis)', () => {
  artifactsContract(async () => {
    const redis = await startRedis();
    const store = await openRedisStore({ url: redis.url });
    return {
      store,
      close: async () => {
        await store.close();
        await redis.stop();
      },
    };
  });
});

function artifactsContract(open: () => Promise<{ store: Store; close: () => Promise<void> }>): void {
  let opened: Awaited<ReturnType<typeof open>>;
  let artifacts: Artifacts;
  const entries: EphemeralEntry[] = [];

  before(async () => {
    opened = await open();
    const { ephemeral } = opened.store;
    const keyring = openKeyring({ dataKey: Buffer.alloc(32, 1) });
    const spied: EphemeralStore = {
      put: async (of, put) => {
        entries.push(...put);
        await ephemeral.put(of, put);
      },
      add: (of, entry) => ephemeral.add(of, entry),
      get: (of, keys) => ephemeral.get(of, keys),
      take: (of, key) => ephemeral.take(of, key),
      use: (of, key, entries) => ephemeral.use(of, key, entries),
      count: (of, key, ttlMs, amount) => ephemeral.count(of, key, ttlMs, amount),
      scan: (of) => ephemeral.scan(of),
      exchange: (of, key, present, value) => ephemeral.exchange(of, key, present, value),
      remove: (of, keys) => ephemeral.remove(of, keys),
      removeGroup: (of, group) => ephemeral.removeGroup(of, group),
    };
    artifacts = new Artifacts({ ephemeral: spied, keyring }, account, 'vault.one');
  });
  after(() => opened.close());

  const put = (
    id: string,
    content: Readonly<Record<string, unknown>> = {},
    kind = 'AccessToken',
    ttlSeconds = 60,
  ) => artifacts.put([{ kind, id, content, ttlSeconds }]);

  it('are found by kind and id, whole, empty lists included', async () => {
    await put('whole', { scope: 'a', aud: [], attributes: { deep: { list: [] } } });
    const [found, otherKind, otherId] = await artifacts.find(
      ['AccessToken', 'whole'],
      ['RefreshToken', 'whole'],
      ['AccessToken', 'none'],
    );
    assert.deepEqual(found, { scope: 'a', aud: [], attributes: { deep: { list: [] } } });
    assert.deepEqual([otherKind, otherId], [undefined, undefined]);
  });

  it('are not found at another issuer', async () => {
    await put('mine');
    const { ephemeral } = opened.store;
    const keyring = openKeyring({ dataKey: Buffer.alloc(32, 1) });
    const others = new Artifacts({ ephemeral, keyring }, account, 'vault.two');
    assert.deepEqual(await others.find(['AccessToken', 'mine']), [undefined]);
  });

  it('are used by one of many, and are found as used afterwards', async () => {
    await put('once');
    const uses = await Promise.all(Array.from({ length: 20 }, () => artifacts.use('AccessToken', 'once')));
    assert.equal(uses.filter((use) => use === 'first').length, 1);
    assert.deepEqual(await artifacts.find(['AccessToken', 'once']), [{ consumed: true }]);
    assert.equal(await artifacts.use('AccessToken', 'none'), 'missing');
  });

  it('are kept along with the first use of another, sealed as all are', async () => {
    await put('once');
    const token = { kind: 'RefreshToken', id: 'next', content: { scope: 'x' }, ttlSeconds: 60 };
    assert.equal(await artifacts.use('AccessToken', 'once', [token]), 'first');
    assert.deepEqual(await artifacts.find(['RefreshToken', 'next']), [{ scope: 'x' }]);
    const later = { ...token, id: 'later' };
    assert.equal(await artifacts.use('AccessToken', 'once', [later]), 'again');
    assert.deepEqual(await artifacts.find(['RefreshToken', 'later']), [undefined]);
  });

  it('are taken by one of many, and then gone', async () => {
    await put('taken', { scope: 'x' });
    const taken = await Promise.all(Array.from({ length: 20 }, () => artifacts.take('AccessToken', 'taken')));
    assert.deepEqual(
      taken.filter((one) => one !== undefined),
      [{ scope: 'x' }],
    );
    assert.deepEqual(await artifacts.find(['AccessToken', 'taken']), [undefined]);
  });

  it('go with their grant, and the grant with them', async () => {
    await put('g', {}, 'Grant');
    await put('a', { grantId: 'g' });
    await put('r', { grantId: 'g' }, 'RefreshToken');
    await put('other', { grantId: 'h' });
    await artifacts.revoke('g');
    const left = await artifacts.find(
      ['Grant', 'g'],
      ['AccessToken', 'a'],
      ['RefreshToken', 'r'],
      ['AccessToken', 'other'],
    );
    assert.deepEqual(left, [undefined, undefined, undefined, { grantId: 'h' }]);
  });

  it('leave a code that was redeemed when what it gave is revoked', async () => {
    await put('code', { familyId: 'f' }, 'AuthorizationCode');
    await put('token', { familyId: 'f' });
    await artifacts.revoke('f');
    const left = await artifacts.find(['AuthorizationCode', 'code'], ['AccessToken', 'token']);
    assert.deepEqual(left, [{ familyId: 'f' }, undefined]);
  });

  it('are not found when they have expired', async () => {
    await put('brief', {}, 'AccessToken', 0.01);
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.deepEqual(await artifacts.find(['AccessToken', 'brief']), [undefined]);
  });

  it('leave neither ids nor content readable in the store', async () => {
    await put('bearer-value', { scope: 'readable-scope', nonce: 'readable-nonce' });
    const { key, value } = entries.at(-1) ?? assert.fail();
    for (const secret of ['bearer-value', 'readable-scope', 'readable-nonce']) {
      assert.ok(!key.includes(secret));
      assert.ok(!Buffer.from(value).includes(secret));
    }
  });

  it('cannot be moved from one place of the store to another', async () => {
    await put('a-token', { clientId: 'a' });
    const stolen = entries.at(-1) ?? assert.fail();
    await put('b-token', { clientId: 'b' });
    const place = entries.at(-1) ?? assert.fail();
    await opened.store.ephemeral.put(account, [{ ...place, value: stolen.value }]);
    await assert.rejects(artifacts.find(['AccessToken', 'b-token']), { code: 'SEALED_VALUE_INVALID' });
  });
}
