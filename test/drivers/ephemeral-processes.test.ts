import assert from 'node:assert/strict';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Store } from '../../src/ports/store.ts';
import { entry } from '../contracts/store/ephemeral.ts';
import { freshAccount } from '../contracts/store/fixture.ts';
import { startRedis } from '../support/redis-server.ts';
import { temporaryDirectory } from '../support/temp.ts';
import { race, type Race } from './crash/ephemeral-peer.ts';
import type { StoreAddress } from './crash/lanes.ts';
import { openStore } from './crash/open-store.ts';

interface Place {
  readonly address: StoreAddress;
  readonly remove: () => Promise<void>;
}

const rounds = 20;
const peerPath = fileURLToPath(new URL('./crash/ephemeral-peer.js', import.meta.url));

const places: readonly (readonly [name: string, make: () => Promise<Place>])[] = [
  [
    'LMDB',
    async () => {
      const directory = temporaryDirectory();
      return {
        address: { directory: directory.path },
        remove: async () => {
          directory.remove();
        },
      };
    },
  ],
  [
    'Redis',
    async () => {
      const server = await startRedis();
      return { address: { url: server.url }, remove: () => server.stop() };
    },
  ],
];

for (const [name, make] of places) {
  describe(`two processes that race for an ephemeral entry (${name})`, function () {
    this.timeout(60_000);
    const account = freshAccount();
    let place: Place;
    let store: Store;
    let peer: ChildProcess;

    before(async () => {
      place = await make();
      store = await openStore(place.address);
      peer = fork(peerPath, [JSON.stringify(place.address), account]);
      await once(peer, 'message');
    });
    after(async () => {
      const gone = once(peer, 'exit');
      peer.kill('SIGKILL');
      await gone;
      await store.close();
      await place.remove();
    });

    /** Half of those who run are of the other process. */
    async function run(asked: Race): Promise<readonly number[]> {
      const theirs = once(peer, 'message');
      peer.send(asked);
      const mine = await race(store.ephemeral, account, asked);
      const [other] = (await theirs) as [readonly number[]];
      return [...mine, ...other];
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
}
