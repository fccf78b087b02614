/**
 * Invariant I1 with two processes on one store: what one acknowledged, the other enforces on the
 * next request.
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { load, secretPath, setSecret, signIn, sessionOf, type Session } from '../support/client.ts';
import { startRedis } from '../support/redis-server.ts';
import { startServerProcess, type ServerProcess } from '../support/server-process.ts';
import { temporaryDirectory } from '../support/temp.ts';

const revocations = 1_000;
/** Between the requests of the load, so that it does not take all the time of the processes. */
const noiseRestMs = 2;
const names = Array.from({ length: revocations }, (_, index) => `v${String(index)}`);

/** Two processes on one store, which `environment` names. */
function twoProcesses(
  title: string,
  environment: (folder: string) => Promise<{ env: Record<string, string>; end: () => Promise<void> }>,
): void {
  describe(`two processes on one store (${title})`, () => {
    const folder = temporaryDirectory();
    let servers: readonly [ServerProcess, ServerProcess];
    let end: () => Promise<void>;
    let admins: readonly [Session, Session];
    let readers: readonly [Session, Session];

    before(async function () {
      this.timeout(120_000);
      const prepared = await environment(folder.path);
      end = prepared.end;
      const env = { ...prepared.env, LATCHKEY_DATA: folder.path };
      const first = await startServerProcess(env);
      servers = [first, await startServerProcess(env)];
      const adminKey = (await readFile(join(folder.path, 'admin.key'), 'utf8')).trim();
      const service = (server: ServerProcess): Session['service'] =>
        ({ ...server, adminKey }) as unknown as Session['service'];
      const admin = await signIn(service(first));
      admins = [admin, sessionOf(service(servers[1]), admin.token)];
      const { created_roles: created } = await load(
        admin,
        [
          '- !user reader',
          ...names.map((name) => `- !variable ${name}`),
          ...names.map(
            (name) =>
              `- !permit { role: !user reader, privileges: [ read, execute ], resource: !variable ${name} }`,
          ),
        ].join('\n'),
      );
      const reader = await signIn(service(first), 'reader', created[`${first.account}:user:reader`]?.api_key);
      readers = [reader, sessionOf(service(servers[1]), reader.token)];
      for (let from = 0; from < revocations; from += 100) {
        await Promise.all(
          names.slice(from, from + 100).map((name) => setSecret(admin, name, `value of ${name}`)),
        );
      }
    });

    after(async () => {
      await Promise.all(servers.map((server) => server.stop()));
      await end();
      folder.remove();
    });

    it(`enforce on one what the other acknowledged, ${String(revocations)} times under load`, async function () {
      this.timeout(300_000);
      let running = true;
      const noise = admins.map(async (admin) => {
        let fetched = 0;
        while (running) {
          const name = names[(fetched * 7) % names.length] ?? '';
          assert.equal((await admin.send('GET', secretPath(admin.service, name))).status, 200);
          fetched += 1;
          await pause(noiseRestMs);
        }
        return fetched;
      });
      let violations = 0;
      for (const [index, name] of names.entries()) {
        const [writer, other] = index % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const);
        const path = secretPath(readers[other].service, name);
        assert.equal((await readers[other].send('GET', path)).status, 200);
        const text = `- !deny { role: !user reader, privileges: [ read, execute ], resource: !variable ${name} }`;
        await load(admins[writer], text, 'root', 'PATCH');
        if ((await readers[other].send('GET', path)).status !== 404) violations += 1;
      }
      running = false;
      const fetched = (await Promise.all(noise)).reduce((sum, count) => sum + count, 0);
      assert.equal(violations, 0);
      assert.ok(fetched > revocations, `only ${String(fetched)} requests of load`);
    });

    it('see a rotated key, a changed secret and a deleted user of the other at once', async () => {
      for (let round = 0; round < 20; round += 1) {
        const [one, other] = round % 2 === 0 ? admins : ([admins[1], admins[0]] as const);
        await setSecret(one, 'v0', `round ${String(round)}`);
        assert.equal(
          (await other.send('GET', secretPath(other.service, 'v0'))).text,
          `round ${String(round)}`,
        );
        const { created_roles: created } = await load(one, '- !user brief');
        const key = Object.values(created)[0]?.api_key;
        const brief = await signIn(other.service, 'brief', key);
        await load(other, '- !delete { record: !user brief }', 'root', 'PATCH');
        assert.equal((await sessionOf(one.service, brief.token).send('GET', '/whoami')).status, 403);
        await assert.rejects(signIn(one.service, 'brief', key));
      }
    });
  });
}

twoProcesses('LMDB', async () => ({ env: {}, end: async () => undefined }));
twoProcesses('Redis', async () => {
  const redis = await startRedis();
  return { env: { LATCHKEY_STORE: redis.url }, end: () => redis.stop() };
});
