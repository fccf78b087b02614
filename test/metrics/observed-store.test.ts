import assert from 'node:assert/strict';
import { storedAccount } from '../../src/domain/ids.ts';
import { observedStore } from '../../src/metrics/observed-store.ts';
import type { Store } from '../../src/ports/store.ts';

const account = storedAccount('acct');

/** A store whose calls answer their own name, or fail. */
function namedCalls(failure?: Error): Store {
  const calls = {} as Record<string, unknown>;
  for (const name of ['read', 'commit', 'changesSince', 'remove', 'accounts', 'health', 'close']) {
    calls[name] = async (...args: readonly unknown[]) => {
      if (failure !== undefined) throw failure;
      return [name, ...args];
    };
  }
  calls['ephemeral'] = { get: 'ephemeral' };
  calls['scan'] = (...args: readonly unknown[]) => ['scan', ...args];
  return calls as unknown as Store;
}

describe('an observed store', () => {
  it('passes every call on, with what it is given and what it answers', async () => {
    const store = observedStore(namedCalls(), { storeCallEnded: () => undefined });
    const epoch = { lineage: 'x', counter: 1 };
    const commit = { changes: [], authority: false };
    assert.deepEqual(await store.read(account, []), ['read', account, []]);
    assert.deepEqual(await store.commit(account, commit), ['commit', account, commit]);
    assert.deepEqual(await store.changesSince(account, epoch), ['changesSince', account, epoch]);
    assert.deepEqual(await store.remove(account, epoch), ['remove', account, epoch]);
    assert.deepEqual(store.scan(account, 'role'), ['scan', account, 'role']);
    assert.deepEqual(await store.accounts(), ['accounts']);
    assert.deepEqual(store.ephemeral, { get: 'ephemeral' });
    const asked: readonly Promise<unknown>[] = [store.health(), store.close()];
    assert.deepEqual(await Promise.all(asked), [['health'], ['close']]);
  });

  it('times commits each, and one read of sixteen for all of them', async () => {
    const ended: (readonly [string, number | undefined])[] = [];
    const store = observedStore(namedCalls(), {
      storeCallEnded: (call, _seconds, weight) => ended.push([call, weight]),
    });
    for (let count = 0; count < 17; count += 1) await store.read(account, []);
    await store.commit(account, { changes: [], authority: false });
    assert.deepEqual(ended, [
      ['read', 16],
      ['read', 16],
      ['commit', 1],
    ]);
  });

  it('times calls that fail, too, and lets them fail', async () => {
    const failure = new Error('the store is away');
    let calls = 0;
    const store = observedStore(namedCalls(failure), {
      storeCallEnded: () => {
        calls += 1;
      },
    });
    await assert.rejects(store.commit(account, { changes: [], authority: false }), failure);
    assert.equal(calls, 1);
  });
});
