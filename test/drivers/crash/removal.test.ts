import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openLmdbStore } from '../../../src/drivers/lmdb/store.ts';
import { openRedisStore } from '../../../src/drivers/redis/store.ts';
import type { Account } from '../../../src/domain/ids.ts';
import type { Store } from '../../../src/ports/store.ts';
import { freshAccount, key, put } from '../../contracts/store/fixture.ts';
import { startRedis, type RedisServer } from '../../support/redis-server.ts';
import { temporaryDirectory } from '../../support/temp.ts';
import type { StoreAddress } from './lanes.ts';

const kills = 8;
const records = 20_000;
/** About as long as a removal of so many takes. */
const longestMs = 150;
const path = fileURLToPath(new URL('./remover.js', import.meta.url));

/** @returns whether the removal was acknowledged before its process was killed */
async function removeUntilKilled(address: StoreAddress, account: Account): Promise<boolean> {
  const remover = spawn(process.execPath, [path, JSON.stringify(address), account], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  const output = createInterface({ input: remover.stdout });
  output.on('line', (line) => lines.push(line));
  const closed = once(output, 'close');
  await Promise.race([once(output, 'line'), closed]);
  await pause(Math.random() * longestMs);
  remover.kill('SIGKILL');
  await closed;
  assert.equal(lines[0], 'begun');
  assert.equal(lines.includes('refused'), false);
  return lines.includes('removed');
}

async function assertWhole(store: Store, account: Account, removed: boolean): Promise<void> {
  let found = 0;
  for await (const batch of store.scan(account, 'role')) found += batch.length;
  const { epoch, records: read } = await store.read(account, [key('secret\ta')]);
  const gone = epoch.lineage === '';
  assert.ok(gone || !removed, 'an acknowledged removal was lost');
  assert.deepEqual([found, read[0] === undefined], gone ? [0, true] : [records, false]);
  assert.equal((await store.accounts()).includes(account), !gone);
}

describe('a removal, when its process is killed', function () {
  this.timeout(120_000);
  const directory = temporaryDirectory();
  let server: RedisServer;

  before(async () => {
    server = await startRedis();
  });
  after(async () => {
    await server.stop();
    directory.remove();
  });

  async function check(address: StoreAddress, store: Store): Promise<void> {
    const changes = Array.from({ length: records }, (_, index) => put(`role\t${String(index)}`, '1'));
    for (let kill = 0; kill < kills; kill += 1) {
      const account = freshAccount();
      await store.commit(account, { changes: [...changes, put('secret\ta', '1')], authority: true });
      await assertWhole(store, account, await removeUntilKilled(address, account));
    }
    await store.close();
  }

  it('is whole or has not happened (LMDB)', async () => {
    const address = { directory: directory.path };
    await check(address, await openLmdbStore(address));
  });

  it('is whole or has not happened (Redis)', async () => {
    const address = { url: server.url };
    await check(address, await openRedisStore(address));
  });
});
