import assert from 'node:assert/strict';
import { fork, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Account } from '../../src/domain/ids.ts';
import { openLmdbStore } from '../../src/drivers/lmdb/store.ts';
import type { Store } from '../../src/ports/store.ts';
import { freshAccount, key, put, text } from '../contracts/store/fixture.ts';
import { temporaryDirectory } from '../support/temp.ts';
import type { PeerAnswer, PeerRequest } from './crash/peer.ts';

const peerPath = fileURLToPath(new URL('./crash/peer.js', import.meta.url));
const commitOncePath = fileURLToPath(new URL('./crash/commit-once.js', import.meta.url));

describe('two processes on one lmdb directory', function () {
  this.timeout(60_000);
  const directory = temporaryDirectory();
  let account: Account;
  let store: Store;
  let peer: ChildProcess;

  before(async () => {
    store = await openLmdbStore({ directory: directory.path });
  });
  after(async () => {
    await store.close();
    directory.remove();
  });
  beforeEach(async () => {
    account = freshAccount();
    peer = fork(peerPath, [directory.path, account]);
    await once(peer, 'message');
  });
  afterEach(endPeer);

  async function endPeer(): Promise<void> {
    if (peer.exitCode !== null || peer.signalCode !== null) return;
    const gone = once(peer, 'exit');
    peer.kill('SIGKILL');
    await gone;
  }

  async function ask(request: PeerRequest): Promise<PeerAnswer> {
    const answer = once(peer, 'message');
    peer.send(request);
    const [message] = (await answer) as [PeerAnswer];
    return message;
  }

  async function commit(value: string): Promise<void> {
    await store.commit(account, { changes: [put('role\ta', value)], authority: true });
  }

  it('see what the other was acknowledged with the very next read, 1,000 times', async () => {
    for (let round = 1; round <= 1_000; round += 1) {
      if (round % 2 === 0) {
        await commit(String(round));
        assert.deepEqual(await ask({ do: 'read', name: 'role\ta' }), {
          value: String(round),
          counter: round,
        });
        continue;
      }
      // A snapshot from before must not answer afterwards.
      await store.read(account, [key('role\ta')]);
      await ask({ do: 'commit', name: 'role\ta', value: String(round) });
      const { epoch, records } = await store.read(account, [key('role\ta')]);
      assert.deepEqual([epoch.counter, text(records[0]?.value)], [round, String(round)]);
    }
  });

  it('see it even within one turn of the event loop', async () => {
    await commit('before');
    const first = await store.read(account, [key('role\ta')]);
    // Still the turn in which that was read: nothing but promises has run since.
    const { status } = spawnSync(process.execPath, [commitOncePath, directory.path, account], {
      stdio: 'inherit',
    });
    const second = await store.read(account, [key('role\ta')]);
    assert.equal(status, 0);
    assert.equal(text(first.records[0]?.value), 'before');
    assert.equal(text(second.records[0]?.value), 'after');
  });

  it('follow each other as the file grows', async () => {
    await ask({ do: 'grow', mebibytes: 48 });
    const { records } = await store.read(account, [key('secret\t0'), key('secret\t47')]);
    assert.deepEqual(
      records.map((record) => record?.value.byteLength),
      [1024 * 1024, 1024 * 1024],
    );
    const value = Buffer.alloc(8 * 1024 * 1024, 'y');
    for (let index = 0; index < 8; index += 1) {
      await store.commit(account, { changes: [put(`secret\tmine-${index}`, value)], authority: false });
    }
    const seen = await ask({ do: 'read', name: 'secret\tmine-7' });
    assert.equal(seen.value, value.toString());
  });

  it('do not hinder each other when one is killed in the middle of its commits', async () => {
    for (let round = 0; round < 50; round += 1) peer.send({ do: 'commit', name: 'role\ta', value: 'x' });
    await once(peer, 'message');
    await endPeer();
    await commit('mine');
    const { records } = await store.read(account, [key('role\ta')]);
    assert.equal(text(records[0]?.value), 'mine');
  });
});
