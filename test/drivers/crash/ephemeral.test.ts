import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openLmdbStore } from '../../../src/drivers/lmdb/store.ts';
import type { Account } from '../../../src/domain/ids.ts';
import type { Store } from '../../../src/ports/store.ts';
import { freshAccount, text } from '../../contracts/store/fixture.ts';
import { temporaryDirectory } from '../../support/temp.ts';

const kills = 12;
const path = fileURLToPath(new URL('./ephemeral-writer.js', import.meta.url));

/** @returns for each entry the last that its writer was acknowledged before it was killed */
async function runUntilKilled(directory: string, account: Account): Promise<Map<string, string>> {
  const writer = spawn(process.execPath, [path, JSON.stringify({ directory }), account], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const acknowledged = new Map<string, string>();
  const output = createInterface({ input: writer.stdout });
  output.on('line', (line) => {
    const [act = '', lane = '', round = ''] = line.split(' ');
    acknowledged.set(`${lane} ${round}`, act);
  });
  const closed = once(output, 'close');
  await Promise.race([once(output, 'line'), closed]);
  await pause(20 + Math.random() * 60);
  writer.kill('SIGKILL');
  await closed;
  assert.ok(acknowledged.size > 0);
  return acknowledged;
}

async function assertSurvived(
  store: Store,
  account: Account,
  acknowledged: ReadonlyMap<string, string>,
): Promise<void> {
  const keys = [...acknowledged.keys()];
  const records = await store.ephemeral.get(account, keys);
  for (const [index, record] of records.entries()) {
    const key = keys[index]!;
    const act = acknowledged.get(key);
    const stays = Number(key.split(' ')[1]) % 3 === 0;
    if (act === 'take') assert.equal(record, undefined, `${key} was taken and is there`);
    else if (act === 'use') assert.equal(record?.used, true, `${key} was used`);
    // What came next may have been done without its answer having come through.
    else if (stays || record !== undefined) assert.equal(text(record?.value), key);
    else assert.equal(Number(key.split(' ')[1]) % 3, 1, `${key} was kept and is gone`);
  }
}

describe('the ephemeral space of lmdb, when a process is killed', function () {
  this.timeout(120_000);
  const directory = temporaryDirectory();

  after(() => {
    directory.remove();
  });

  it(`keeps what ${kills} processes were acknowledged to have kept, used and taken`, async () => {
    let store = await openLmdbStore({ directory: directory.path });
    const all: (readonly [Account, ReadonlyMap<string, string>])[] = [];
    for (let kill = 0; kill < kills; kill += 1) {
      const account = freshAccount();
      const acknowledged = await runUntilKilled(directory.path, account);
      all.push([account, acknowledged]);
      await assertSurvived(store, account, acknowledged);
    }
    await store.close();
    store = await openLmdbStore({ directory: directory.path });
    for (const [account, acknowledged] of all) await assertSurvived(store, account, acknowledged);

    const [account, acknowledged] = all[0]!;
    for (const lane of [0, 1, 2, 3]) await store.ephemeral.removeGroup(account, String(lane));
    const left = await store.ephemeral.get(account, [...acknowledged.keys()]);
    assert.ok(left.every((record) => record === undefined));
    await store.close();
  });
});
