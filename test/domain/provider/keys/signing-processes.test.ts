import assert from 'node:assert/strict';
import { Authority } from '../../../../src/domain/accounts/authority.ts';
import { createAccount } from '../../../../src/domain/accounts/create.ts';
import { PasswordHasher } from '../../../../src/domain/authn/password.ts';
import { toAccount } from '../../../../src/domain/ids.ts';
import { keyNamed } from '../../../../src/domain/provider/keys/ring.ts';
import type { KeyRecord } from '../../../../src/domain/provider/registry/records.ts';
import { openKeyring } from '../../../../src/drivers/keyring/keyring.ts';
import type { Store } from '../../../../src/ports/store.ts';
import { openStore } from '../../../drivers/crash/open-store.ts';
import { describeAtStores } from '../../../support/at-stores.ts';
import { startPeer, type Peer } from '../../../support/peer.ts';
import type { SigningRequest } from './signing-peer.ts';

const peerModule = new URL('./signing-peer.js', import.meta.url);
const account = toAccount('acct');
const dataKey = Buffer.alloc(32, 1);
const dayMs = 24 * 60 * 60 * 1_000;
const peerCount = 3;

describeAtStores('processes that sign with one named key', (at) => {
  const peers: Peer[] = [];
  let store: Store;
  let authority: Authority;

  before(async () => {
    store = await openStore(at.address);
    const keyring = openKeyring({ dataKey });
    authority = new Authority(store, keyring);
    const services = { authority, keyring, clock: { now: () => 0 }, passwords: new PasswordHasher() };
    await createAccount(services, account, () => Promise.resolve());
    const args = [JSON.stringify(at.address), account, dataKey.toString('base64')];
    while (peers.length < peerCount) peers.push(await startPeer(peerModule, args));
  });
  after(async () => {
    await Promise.all(peers.map((peer) => peer.kill()));
    await store.close();
  });

  /** The kids that all sign with when they are asked at once. */
  async function kidsAt(now: number): Promise<ReadonlySet<string>> {
    const asked: SigningRequest = { keyName: 'default', now };
    return new Set(await Promise.all(peers.map(async (peer) => String(await peer.ask(asked)))));
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
