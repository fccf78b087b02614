import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { writeContents } from '../../src/domain/backup/contents.ts';
import { sealEnvelope } from '../../src/domain/backup/envelope.ts';
import { isFailure } from '../../src/domain/errors.ts';
import { storedRecordKey, toAccount } from '../../src/domain/ids.ts';
import { openKeyring } from '../../src/drivers/keyring/keyring.ts';
import { openLmdbStore } from '../../src/drivers/lmdb/store.ts';
import { openRedisStore } from '../../src/drivers/redis/store.ts';
import type { StoreSnapshot } from '../../src/ports/store-transfer.ts';
import type { Store } from '../../src/ports/store.ts';
import { describeAtStores } from '../support/at-stores.ts';
import { startServerProcess } from '../support/server-process.ts';
import { testDataKey } from '../support/service.ts';
import { TestHome, type Run } from './support.ts';

const keyring = openKeyring({ dataKey: Buffer.from(testDataKey, 'base64') });
const acme = toAccount('acme');

/** Each record by itself, so that restoring them takes a while. */
function snapshotOf(count: number): StoreSnapshot {
  return {
    accounts: async function* () {
      const records = async function* () {
        for (let number = 0; number < count; number += 1) {
          const value = Buffer.from(JSON.stringify({ name: String(number) }));
          yield [{ key: storedRecordKey(`oidc-scope\t${count} ${number}`), value }];
        }
      };
      yield { account: acme, epoch: { lineage: '', counter: 1 }, revision: 1, counts: undefined, records };
    },
    close: () => Promise.resolve(),
  };
}

const program = fileURLToPath(new URL('../../src/main.js', import.meta.url));

/** A store that only a restore may go on with, as its process was killed. */
describeAtStores('a restore that is killed', (at) => {
  let home: TestHome;
  let slow: string;
  let quick: string;
  let env: Record<string, string>;

  before(async () => {
    home = new TestHome();
    [slow, quick] = [await backupOf(4_000), await backupOf(3)];
    env = {
      LATCHKEY_DATA: home.path,
      LATCHKEY_DATA_KEY: testDataKey,
      LATCHKEY_STORE: 'url' in at.address ? at.address.url : `lmdb:${at.address.directory}`,
    };
  });
  const backupOf = async (count: number): Promise<string> => {
    const file = join(home.path, `${count}.backup`);
    const parts: Uint8Array[] = [];
    const contents = writeContents(snapshotOf(count), new Date(), () => undefined);
    for await (const part of await sealEnvelope(keyring, contents)) parts.push(part);
    writeFileSync(file, Buffer.concat(parts));
    return file;
  };
  after(() => {
    home.remove();
  });

  const run = (args: readonly string[]): Promise<Run> => home.spawn(args, { env });

  const open = (): Promise<Store> =>
    'url' in at.address
      ? openRedisStore({ url: at.address.url })
      : openLmdbStore({ directory: at.address.directory });

  /** Whether the store refuses services. */
  const unfinished = async (): Promise<boolean> => {
    try {
      await (await open()).close();
      return false;
    } catch (error) {
      return isFailure(error, 'TRANSFER_UNFINISHED');
    }
  };

  it('leaves a store that no service takes for whole, until it is restored anew', async function () {
    this.timeout(180_000);
    const child = spawn(process.execPath, [program, 'restore', slow], {
      env: { PATH: process.env['PATH'], ...env },
      stdio: 'ignore',
    });
    const ended = once(child, 'exit');
    while (!(await unfinished())) {
      assert.equal(child.exitCode, null, 'it ended before it could be killed');
      await pause(5);
    }
    child.kill('SIGKILL');
    await ended;
    assert.equal(child.signalCode, 'SIGKILL');

    await assert.rejects(startServerProcess(env), /a restore of this store began at .* has not finished/);
    const backup = await run(['backup', '--file', join(home.path, 'half.backup')]);
    assert.match(backup.stderr, /TRANSFER_UNFINISHED/);
    const again = await run(['restore', quick]);
    assert.deepEqual([again.code, again.stdout], [1, '']);
    assert.match(again.stderr, /--restart/);

    const restarted = await run(['restore', quick, '--restart']);
    assert.equal(restarted.code, 0, restarted.stderr);
    const store = await open();
    assert.deepEqual(await store.accounts(), [acme]);
    let found = 0;
    for await (const batch of store.scan(acme, 'oidc-scope')) found += batch.length;
    await store.close();
    assert.equal(found, 3);
  });
});
