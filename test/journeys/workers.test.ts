import assert from 'node:assert/strict';
import { readFileSync, renameSync, statSync } from 'node:fs';
import { load, setSecret, tokenHeader, type Session } from '../support/client.ts';
import { KeepAliveClient } from '../support/keep-alive-client.ts';
import {
  lives,
  listeningPids,
  prepareBusy,
  startBusy,
  until,
  workersStage,
  type WorkersStage,
} from '../support/workers.ts';

for (const store of ['LMDB', 'Redis'] as const) {
  describe(`latchkey server --workers 2 (${store})`, () => {
    let stage: WorkersStage;
    let admin: Session;
    let clients: readonly KeepAliveClient[];

    before(async function () {
      this.timeout(60_000);
      stage = await workersStage(store);
      await stage.start({ LATCHKEY_TELEMETRY_ENABLED: 'true' });
      admin = await stage.admin();
      await load(
        admin,
        '- !variable v\n- !user alice\n- !permit { role: !user alice, privileges: [read, execute], resource: !variable v }',
      );
      await prepareBusy(admin);
    });
    after(async () => {
      await stage.close();
    });
    beforeEach(async () => {
      clients = Array.from({ length: 6 }, () => new KeepAliveClient());
      for (const client of clients) await client.send(`${stage.server.url}/health/live`, 'GET');
    });
    afterEach(() => {
      for (const client of clients) client.close();
    });

    const path = (): string => `${stage.server.url}/secrets/${stage.server.account}/variable/v`;

    it('prints once where it is and what to do next, and that once all workers listen', () => {
      const output = stage.server.output();
      assert.equal(output.match(/is running at/g)?.length, 1);
      assert.equal(output.match(/What to do next/g)?.length, 1);
      assert.equal(new Set(listeningPids(stage.server)).size, 2);
      assert.ok(!listeningPids(stage.server).includes(stage.server.process.pid ?? 0));
    });

    it('answers by every worker with what was last acknowledged by any', async () => {
      const headers = tokenHeader(admin.token);
      for (const [number, writer] of clients.entries()) {
        const value = `value ${number}`;
        assert.equal((await writer.send(path(), 'POST', { headers, body: value })).status, 201);
        for (const reader of clients) {
          assert.equal((await reader.send(path(), 'GET', { headers })).text, value);
        }
      }
      for (const client of clients) assert.equal(client.connections, 1);
    });

    it('adds up what all workers counted, whichever is asked', async () => {
      const counted = async (client: KeepAliveClient): Promise<number> => {
        const { text } = await client.send(`${stage.server.url}/metrics`, 'GET');
        const histogram =
          /^conjur_http_server_request_duration_seconds_count\{operation="getSecret"\} (\d+)$/m;
        const counter = /^conjur_http_server_requests_total\{code="200",operation="getSecret"\} (\d+)$/m;
        assert.equal(histogram.exec(text)?.[1], counter.exec(text)?.[1]);
        assert.match(text, /^conjur_role_count\{kind="user"\} 2$/m);
        return Number(counter.exec(text)?.[1] ?? '0');
      };
      await setSecret(admin, 'v', 'counted');
      const [first = new KeepAliveClient()] = clients;
      const headers = tokenHeader(admin.token);
      await first.send(path(), 'GET', { headers });
      const before = await counted(first);
      for (const client of clients) await client.send(path(), 'GET', { headers });
      for (const client of clients) assert.equal(await counted(client), before + clients.length);
    });

    it('opens the audit file anew in every worker at SIGHUP, and writes whole records', async () => {
      const moved = `${stage.auditFile}.1`;
      renameSync(stage.auditFile, moved);
      stage.server.process.kill('SIGHUP');
      const headers = tokenHeader(admin.token);
      await until(async () => {
        const { size } = statSync(moved);
        for (const client of clients) await client.send(path(), 'GET', { headers });
        return statSync(moved).size === size;
      });
      for (const file of [moved, stage.auditFile]) {
        const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
        assert.ok(lines.length > 0);
        for (const line of lines) assert.match(line, /^<\d+>1 .*$/);
      }
    });

    it('loses nothing when a worker is killed under load, and replaces it', async () => {
      const busy = startBusy(admin);
      await until(() => busy.history.counts().operations > 60);
      const known = listeningPids(stage.server);
      process.kill(known.findLast((pid) => lives(pid)) ?? 0, 'SIGKILL');
      await until(() => listeningPids(stage.server).length > known.length);
      const headers = tokenHeader(admin.token);
      // Connections of the one that was killed are gone; those of the other never noticed.
      const answers = await Promise.allSettled(
        clients.map((client) => client.send(path(), 'GET', { headers })),
      );
      const whole = answers.filter(
        ({ status }, index) => status === 'fulfilled' && clients[index]?.connections === 1,
      );
      assert.ok(whole.length > 0 && whole.length < clients.length);
      await busy.end();
      await busy.readBack(admin);
      assert.deepEqual(busy.history.check(), []);
      assert.equal(listeningPids(stage.server).filter(lives).length, 2);
    }).timeout(60_000);

    it('does not count less after a worker died', async () => {
      const [client = new KeepAliveClient()] = clients;
      const { text } = await client.send(`${stage.server.url}/metrics`, 'GET');
      const fetched = /^conjur_http_server_requests_total\{code="200",operation="getSecret"\} (\d+)$/m.exec(
        text,
      );
      assert.ok(Number(fetched?.[1]) > clients.length);
    });

    it('stops every worker at SIGTERM, and ends with 0', async () => {
      const pids = listeningPids(stage.server).filter(lives);
      assert.equal(await stage.server.stop(), 0);
      assert.deepEqual(pids.filter(lives), []);
      const [client = new KeepAliveClient()] = clients;
      client.close();
      await assert.rejects(client.send(path(), 'GET'), { code: 'ECONNREFUSED' });
    });
  });

  describe(`latchkey server --workers 2, killed with all workers (${store})`, () => {
    let stage: WorkersStage;

    beforeEach(async () => {
      stage = await workersStage(store);
    });
    afterEach(async () => {
      await stage.close();
    });

    it('loses nothing when all of it is killed under load, and starts again', async () => {
      await stage.start();
      const admin = await stage.admin();
      await prepareBusy(admin);
      const busy = startBusy(admin);
      await until(() => busy.history.counts().operations > 60);
      await stage.server.kill();
      await busy.end();
      await stage.start();
      await busy.readBack(await stage.admin());
      assert.deepEqual(busy.history.check(), []);
      assert.equal(await stage.server.stop(), 0);
    }).timeout(60_000);
  });
}
