import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../support/free-port.ts';
import type { Session } from '../support/client.ts';
import { startServerProcess } from '../support/server-process.ts';
import {
  hasLogged,
  listeningPids,
  lives,
  prepareLoad,
  startLoad,
  until,
  workersStage,
  type WorkersStage,
} from '../support/workers.ts';

const clients = 6;
const grace = { LATCHKEY_DRAIN_IDLE_SECONDS: '1', LATCHKEY_DRAIN_SECONDS: '10' };

for (const store of ['LMDB', 'Redis'] as const) {
  describe(`a rolling restart (${store})`, () => {
    let stage: WorkersStage;
    let admin: Session;

    beforeEach(async () => {
      stage = await workersStage(store);
    });
    afterEach(async () => {
      await stage.close();
    });

    it('of workers, by SIGUSR2, fails no request', async () => {
      const server = await stage.start(grace);
      admin = await stage.admin();
      await prepareLoad(admin);
      const before = listeningPids(server);
      const load = startLoad([server.url], admin, clients);
      await until(() => load.answered() > 5 * clients);
      server.process.kill('SIGUSR2');
      await until(() => hasLogged(server, 'the workers are replaced'));
      const answered = load.answered();
      await until(() => load.answered() > answered + 5 * clients);
      assert.deepEqual(await load.end(), []);
      assert.deepEqual(before.filter(lives), []);
      assert.equal(listeningPids(server).filter(lives).length, before.length);
      assert.equal(await server.stop(), 0);
    }).timeout(90_000);

    it('of separate processes on one store fails no request', async () => {
      const ports = [await freePort(), await freePort()];
      const first = await stage.start({ ...grace, LATCHKEY_WORKERS: '1', LATCHKEY_PORT: String(ports[0]) });
      const environment = { ...grace, ...stage.storeEnvironment };
      let second = await startServerProcess({ ...environment, LATCHKEY_PORT: String(ports[1]) });
      try {
        admin = await stage.admin();
        await prepareLoad(admin);
        const load = startLoad([first.url, second.url], admin, clients);
        const answersMore = async (): Promise<void> => {
          const answered = load.answered();
          await until(() => load.answered() > answered + 5 * clients);
        };
        await answersMore();
        assert.equal(await first.stop(), 0);
        await answersMore();
        await stage.start({ ...grace, LATCHKEY_WORKERS: '1', LATCHKEY_PORT: String(ports[0]) });
        assert.equal(await second.stop(), 0);
        await answersMore();
        second = await startServerProcess({ ...environment, LATCHKEY_PORT: String(ports[1]) });
        await answersMore();
        assert.deepEqual(await load.end(), []);
      } finally {
        await second.kill();
      }
    }).timeout(90_000);
  });
}

describe('a rolling restart', () => {
  let stage: WorkersStage;

  beforeEach(async () => {
    stage = await workersStage('LMDB');
  });
  afterEach(async () => {
    await stage.close();
  });

  it('reads the settings anew, and keeps the workers where they cannot be used', async () => {
    const file = join(stage.folder, 'settings.yml');
    writeFileSync(file, 'workers: 1\n');
    const server = await stage.start({ LATCHKEY_CONFIG: file, LATCHKEY_WORKERS: '' });
    // One process, which nobody looks after.
    server.process.kill('SIGUSR2');
    await until(() => hasLogged(server, 'SIGUSR2 replaces workers, and needs --workers of 2 or more'));
    assert.equal(await server.stop(), 0);

    writeFileSync(file, 'workers: 2\n');
    const again = await stage.start({ LATCHKEY_CONFIG: file, LATCHKEY_WORKERS: '' });
    const before = listeningPids(again);
    writeFileSync(file, 'workers: many\n');
    again.process.kill('SIGUSR2');
    await until(() => hasLogged(again, 'the workers are not replaced, or not all; those there are go on'));
    assert.deepEqual(before.filter(lives), before);
    assert.match(again.errors(), /workers in [^ ]+: expected a whole number/);

    writeFileSync(file, 'workers: 3\n');
    again.process.kill('SIGUSR2');
    await until(() => hasLogged(again, 'the workers are replaced'));
    assert.deepEqual(before.filter(lives), []);
    assert.equal(listeningPids(again).filter(lives).length, 3);
    assert.equal(await again.stop(), 0);
  }).timeout(90_000);
});
