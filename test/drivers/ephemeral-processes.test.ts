import assert from 'node:assert/strict';
import type { Store } from '../../src/ports/store.ts';
import { entry } from '../contracts/store/ephemeral.ts';
import { freshAccount } from '../contracts/store/fixture.ts';
import { describeAtStores } from '../support/at-stores.ts';
import { startPeer, type Peer } from '../support/peer.ts';
import { race, type Race } from './crash/ephemeral-peer.ts';
import { openStore } from './crash/open-store.ts';

const rounds = 20;
const peerModule = new URL('./crash/ephemeral-peer.js', import.meta.url);

describeAtStores('two processes that race for an ephemeral entry', (at) => {
  const account = freshAccount();
  let store: Store;
  let peer: Peer;

  before(async () => {
    store = await openStore(at.address);
    peer = await startPeer(peerModule, [JSON.stringify(at.address), account]);
  });
  after(async () => {
    await peer.kill();
    await store.close();
  });

  /** Half of those who run are of the other process. */
  async function run(asked: Race): Promise<readonly number[]> {
    const theirs = peer.ask(asked);
    const mine = await race(store.ephemeral, account, asked);
    return [...mine, ...((await theirs) as readonly number[])];
  }

  function won(outcomes: readonly number[]): number {
    return outcomes.reduce((sum, one) => sum + one, 0);
  }

  for (const act of ['take', 'use'] as const) {
    it(`let exactly one of fifty ${act} it, ${rounds} times`, async () => {
      for (let round = 0; round < rounds; round += 1) {
        await store.ephemeral.put(account, [entry(`${act} ${round}`)]);
        assert.equal(won(await run({ act, key: `${act} ${round}` })), 1);
      }
    });
  }

  it(`let exactly one of fifty add it, ${rounds} times`, async () => {
    for (let round = 0; round < rounds; round += 1)
      assert.equal(won(await run({ act: 'add', key: `add ${round}` })), 1);
  });

  it('count every one of fifty', async () => {
    const sums = [...(await run({ act: 'count', key: 'all' }))].sort((left, right) => left - right);
    assert.deepEqual(
      sums,
      Array.from({ length: 50 }, (_, index) => index + 1),
    );
  });
});
