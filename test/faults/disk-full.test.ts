/** A disk without room, as a limit to the size of files (RLIMIT_FSIZE) that is put on the running service and taken off it. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  load,
  secretPath,
  send,
  sessionOf,
  setSecret,
  signIn,
  type Answer,
  type Session,
} from '../support/client.ts';
import { SecretReads } from '../support/history/audit.ts';
import { History, seenSecret, unseen, type Seen } from '../support/history/history.ts';
import { shownViolation } from '../support/history/operations.ts';
import { startServerProcess, type ServerProcess } from '../support/server-process.ts';
import type { TestService } from '../support/service.ts';
import { temporaryDirectory } from '../support/temp.ts';
import { listeningPids } from '../support/workers.ts';

const names = ['a', 'b', 'c'];
/** Of a value; each takes pages of its own. */
const valueBytes = 32 * 1_024;
const manyVariables = 2_000;
const filler = 8 * 1_024 * 1_024;

for (const workers of [1, 2]) {
  describe(`a full disk, with --workers ${workers},`, () => {
    let folder: ReturnType<typeof temporaryDirectory>;
    let server: ServerProcess;
    let admin: Session;

    const start = async (env: Readonly<Record<string, string>> = {}): Promise<void> => {
      const settings = { LATCHKEY_WORKERS: String(workers), LATCHKEY_LOG_LEVEL: 'info' };
      server = await startServerProcess({ LATCHKEY_DATA: folder.path, ...settings, ...env }, { group: true });
    };
    const enter = async (): Promise<void> => {
      const adminKey = readFileSync(join(folder.path, 'admin.key'), 'utf8').trim();
      admin = await signIn({ ...server, adminKey } as unknown as TestService);
    };
    const limitFiles = (bytes: number | 'unlimited'): void => {
      const pids = listeningPids(server);
      assert.equal(pids.length, workers);
      for (const pid of pids)
        execFileSync('prlimit', ['--pid', String(pid), `--fsize=${String(bytes)}:unlimited`]);
    };
    const fetched = (name: string): Promise<Answer> => admin.send('GET', secretPath(admin.service, name));

    beforeEach(function () {
      this.timeout(60_000);
      folder = temporaryDirectory();
    });
    afterEach(async () => {
      await server.stop();
      folder.remove();
    });

    it('under the store refuses writes whole, loses nothing, serves reads, and needs no restart', async function () {
      if (process.platform !== 'linux') return;
      this.timeout(300_000);
      await start();
      await enter();
      const history = new History();
      const statuses = new Set<number>();
      let written = 0;
      const write = async (name: string): Promise<number | undefined> => {
        written += 1;
        const value = `${name} ${String(written)} `.padEnd(valueBytes, 'x');
        const answer = await history.write(name, value, () =>
          admin.send('POST', secretPath(admin.service, name), value),
        );
        statuses.add(answer?.status ?? 0);
        return answer?.status;
      };
      const readAll = async (): Promise<void> => {
        for (const name of names) {
          const seen = await history.read(name, async () => seenSecret(await fetched(name)));
          assert.notEqual(seen, unseen);
        }
        await history.read('many', () => countOfMany(admin));
      };
      await load(admin, names.map((name) => `- !variable ${name}\n`).join(''));
      history.initially('many', 0);
      await Promise.all(names.map(write));

      limitFiles(statSync(join(folder.path, 'store', 'data.mdb')).size);
      // What was freed before is used up first.
      for (let round = 0; round < 200 && !statuses.has(503); round += 1) await Promise.all(names.map(write));
      assert.deepEqual([...statuses].sort(), [201, 503]);
      const loadMany = (): Promise<Answer | undefined> =>
        history.write('many', manyVariables, () =>
          admin.send(
            'POST',
            `/policies/${admin.service.account}/policy/root`,
            `- !policy many\n${many.join('')}`,
          ),
        );
      const many = Array.from(
        { length: manyVariables },
        (_, index) => `- !variable many/v${String(index)}\n`,
      );
      assert.equal((await loadMany())?.status, 503);
      await enter();
      await readAll();
      assert.match(server.errors(), /"code":"STORE_UNAVAILABLE"/);

      limitFiles('unlimited');
      for (const name of names) assert.equal(await write(name), 201);
      assert.equal((await loadMany())?.status, 201);
      await readAll();
      await server.kill();
      await start();
      admin = sessionOf({ ...admin.service, url: server.url }, admin.token);
      history.settle();
      await readAll();
      await readAll();
      assert.deepEqual(history.check().map(shownViolation), []);
    });

    it('under the audit file lets no secret out unrecorded, and needs no restart', async function () {
      if (process.platform !== 'linux') return;
      this.timeout(300_000);
      const auditFile = join(folder.path, 'audit.log');
      writeFileSync(auditFile, `${'.'.repeat(filler - 1)}\n`);
      await start();
      await enter();
      const reads = new SecretReads();
      const history = new History();
      await load(admin, names.map((name) => `- !variable ${name}\n`).join(''));
      for (const name of names) {
        await setSecret(admin, name, `first of ${name}`);
        history.initially(name, `first of ${name}`);
      }
      const statuses = new Map<number, number>();
      const read = async (name: string): Promise<number> => {
        let status = 0;
        await history.read(name, async (): Promise<Seen> => {
          const answer = await fetched(name);
          reads.answered(answer, `${admin.service.account}:variable:${name}`);
          ({ status } = answer);
          statuses.set(status, (statuses.get(status) ?? 0) + 1);
          return seenSecret(answer);
        });
        return status;
      };
      const write = async (name: string, value: string): Promise<number | undefined> => {
        const answer = await history.write(name, value, () =>
          admin.send('POST', secretPath(admin.service, name), value),
        );
        return answer?.status;
      };

      // Room for some records, and half of one.
      limitFiles(statSync(auditFile).size + 5_000);
      for (let round = 0; round < 100 && !statuses.has(503); round += 1) {
        await Promise.all([...names, ...names].map(read));
      }
      assert.deepEqual([...statuses.keys()].sort(), [200, 503]);
      assert.equal(await write('a', 'second of a'), 503);
      const key = await send(`${server.url}/authn/${server.account}/admin/authenticate`, 'POST', {
        body: 'wrong',
      });
      assert.equal(key.status, 503);
      for (const name of names) assert.equal(await read(name), 503);

      limitFiles('unlimited');
      for (const name of names) assert.equal(await read(name), 200);
      assert.equal(await write('b', 'second of b'), 201);
      for (const name of names) assert.equal(await read(name), 200);
      assert.deepEqual(history.check().map(shownViolation), []);
      assert.deepEqual((await reads.unaudited([auditFile])).map(shownViolation), []);
    });
  });
}

async function countOfMany(admin: Session): Promise<Seen> {
  const answer = await admin.send(
    'GET',
    `/resources/${admin.service.account}?kind=variable&search=many&count=true`,
  );
  return answer.status === 200 ? (answer.json() as { readonly count: number }).count : unseen;
}
