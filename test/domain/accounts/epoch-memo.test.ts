import assert from 'node:assert/strict';
import { AccountState } from '../../../src/domain/accounts/account-state.ts';
import { EpochMemo } from '../../../src/domain/accounts/epoch-memo.ts';
import { toAccount } from '../../../src/domain/ids.ts';
import { openKeyring } from '../../../src/drivers/keyring/keyring.ts';

const keyring = openKeyring({ dataKey: Buffer.alloc(32, 1) });

function stateAt(counter: number): AccountState {
  return new AccountState(toAccount('acct'), { lineage: 'a', counter }, keyring);
}

describe('EpochMemo', () => {
  it('makes a value once for a name and an epoch', () => {
    const memo = new EpochMemo<object>(10);
    const state = stateAt(1);
    const made = memo.of(state, 'a', () => ({}));
    assert.equal(
      memo.of(state, 'a', () => assert.fail('made again')),
      made,
    );
    assert.notEqual(
      memo.of(state, 'b', () => ({})),
      made,
    );
  });

  it('makes it anew once the epoch has moved', () => {
    const memo = new EpochMemo<{ readonly counter: number }>(10);
    const state = stateAt(1);
    const make = (): { readonly counter: number } => ({ counter: state.epoch.counter });
    assert.equal(memo.of(state, 'a', make).counter, 1);
    state.advance([], { lineage: 'a', counter: 2 });
    assert.equal(memo.of(state, 'a', make).counter, 2);
    state.advanceBy(() => undefined, [], { lineage: 'a', counter: 3 });
    assert.equal(memo.of(state, 'a', make).counter, 3);
  });

  it('keeps what another state has apart, at the same epoch too', () => {
    const memo = new EpochMemo<object>(10);
    const one = memo.of(stateAt(1), 'a', () => ({}));
    assert.notEqual(
      memo.of(stateAt(1), 'a', () => ({})),
      one,
    );
  });

  it('keeps no more values than it may', () => {
    const memo = new EpochMemo<object>(2);
    const state = stateAt(1);
    const first = memo.of(state, 'a', () => ({}));
    for (const name of ['b', 'c']) memo.of(state, name, () => ({}));
    assert.notEqual(
      memo.of(state, 'a', () => ({})),
      first,
    );
  });
});
