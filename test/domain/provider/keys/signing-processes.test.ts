import assert from 'node:assert/strict';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Authority } from '../../../../src/domain/accounts/authority.ts';
import { createAccount } from '../../../../src/domain/accounts/create.ts';
import { PasswordHasher } from '../../../../src/domain/authn/password.ts';
import { toAccount } from '../../../../src/domain/ids.ts';
import { keyNamed } from '../../../../src/domain/provider/keys/ring.ts';
import type { KeyRecord } from '../../../../src/domain/provider/registry/records.ts';
import { openKeyring } from '../../../../src/drivers/keyring/keyring.ts';
import type { Store } from '../../../../src/ports/store.ts';
import type { StoreAddress } from '../../../drivers/crash/lanes.ts';
import { openStore } from '../../../drivers/crash/open-store.ts';
import { startRedis } from '../../../support/redis-server.ts';
import { temporaryDirectory } from '../../../support/temp.ts';
import type { SigningRequest } from './signing-peer.ts';

const peerPath = fileURLToPath(new URL('./signing-peer.js', import.meta.url));
const account = toAccount('acct');
const dataKey = Buffer.alloc(32, 1);
const dayMs = 24 * 60 * 60 * 1_000;
const peers = 3;

interface Place {
  readonly address: StoreAddress;
  readonly remove: () => Promise<void>;
}

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
  describe(`processes that sign with one named key (${name})`, function () {
    this.timeout(60_000);
    const processes: ChildProcess[] = [];
    let place: Place;
    let store: Store;
    let authority: Authority;

    before(async () => {
      place = await make();
      store = await openStore(place.address);
      const keyring = openKeyring({ dataKey });
      authority = new Authority(store, keyring);
      const services = { authority, keyring, clock: { now: () => 0 }, passwords: new PasswordHasher() };
      await createAccount(services, account, () => Promise.resolve());
      const args = [JSON.stringify(place.address), account, dataKey.toString('base64')];
      for (let index = 0; index < peers; index += 1) {
        const peer = fork(peerPath, args);
        processes.push(peer);
        await once(peer, 'message');
      }
    });
    after(async () => {
      for (const peer of processes) {
        const gone = once(peer, 'exit');
        peer.kill('SIGKILL');
        await gone;
      }
      await store.close();
      await place.remove();
    });

    /** The kids that all sign with when they are asked at once. */
    async function kidsAt(now: number): Promise<ReadonlySet<string>> {
      const answers = processes.map(async (peer) => {
        const answer = once(peer, 'message');
        const asked: SigningRequest = { keyName: 'default', now };
        peer.send(asked);
        return String((await answer)[0]);
      });
      return new Set(await Promise.all(answers));
    }
    async function ring(): Promise<KeyRecord> {
      const key = keyNamed((await authority.read(account, [])).state, 'default');
      assert.ok(key !== undefined);
      return key;
    }

    it('make its first pairs once, and turn its ring once each time', async () => {
      const seen = new Set<string>();
      for (const day of [0, 1, 2]) {
        const kids = await kidsAt(day * dayMs);
        assert.equal(kids.size, 1);
        for (const kid of kids) seen.add(kid);
        const { pairs } = await ring();
        // What was retired a day ago is gone when the ring turns again.
        assert.equal(pairs.length, day === 0 ? 2 : 3);
        assert.equal(pairs.find(({ state }) => state === 'current')?.kid, [...kids][0]);
      }
      assert.equal(seen.size, 3);
    });
  });
}
