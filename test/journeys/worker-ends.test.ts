import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { lives, listeningPids, until, workersStage, type WorkersStage } from '../support/workers.ts';

describe('latchkey server with workers, when processes end', () => {
  let stage: WorkersStage;

  beforeEach(async () => {
    stage = await workersStage('LMDB');
  });
  afterEach(async () => {
    await stage.close();
  });

  it('ends every worker by itself when the process that looks after them is killed, and lets the port go', async () => {
    const server = await stage.start();
    const pids = listeningPids(server);
    server.process.kill('SIGKILL');
    await until(() => pids.filter(lives).length === 0);
    const again = await stage.start({ LATCHKEY_PORT: new URL(server.url).port });
    assert.equal(again.url, server.url);
    assert.equal(await again.stop(), 0);
  }).timeout(60_000);

  it('ends at once at a second signal, whatever still runs', async () => {
    const server = await stage.start({ LATCHKEY_DRAIN_SECONDS: '300' });
    const pids = listeningPids(server);
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write('POST /authn/acct/admin/authenticate HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\na');
    // The answer to what is sent next on another connection shows that the first one has arrived.
    await fetch(`${server.url}/health/live`);
    server.process.kill('SIGTERM');
    await until(() => server.errors().includes('"stopping"'));
    const exited = once(server.process, 'exit');
    server.process.kill('SIGTERM');
    assert.deepEqual(await exited, [null, 'SIGTERM']);
    await until(() => pids.filter(lives).length === 0);
    socket.destroy();
  }).timeout(60_000);

  it('ends with the failure when no worker can be started any more, and not before', async () => {
    const settings = join(stage.folder, 'settings.yml');
    writeFileSync(settings, 'secret-versions: 20\n');
    const server = await stage.start({ LATCHKEY_CONFIG: settings });
    writeFileSync(settings, 'secret-versions: none\n');
    const [one = 0, other = 0] = listeningPids(server);
    const exited = once(server.process, 'exit');
    process.kill(one, 'SIGKILL');
    // As long as one serves, the service goes on.
    await until(() => (server.errors().match(/a worker ended unasked/g)?.length ?? 0) > 2);
    assert.equal((await fetch(`${server.url}/health/ready`)).status, 200);
    process.kill(other, 'SIGKILL');
    assert.deepEqual(await exited, [2, null]);
    assert.match(
      server.errors(),
      /latchkey: no worker can be started: .*\n.*secret-versions in .*: expected/,
    );
  }).timeout(90_000);

  it('says once why it cannot start, with the exit code of a single process', async () => {
    await assert.rejects(stage.start({ LATCHKEY_STORE: 'lmdb:/proc/nothing' }), (error: Error) => {
      assert.match(error.message, /ended with 2: /);
      assert.equal(error.message.match(/cannot be used/g)?.length, 1);
      return true;
    });
    await assert.rejects(stage.start({ LATCHKEY_AUDIT_FILE: '/proc/nothing' }), /ended with 1: /);
  }).timeout(60_000);
});
