import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { residentBytes } from '../../support/process-memory.ts';
import { openRaw, type RawConnection } from '../../support/raw-connection.ts';
import { startServerProcess, type ServerProcess } from '../../support/server-process.ts';
import { temporaryDirectory } from '../../support/temp.ts';

describe('the bounds of a service', function () {
  this.timeout(60_000);
  let folder: ReturnType<typeof temporaryDirectory>;
  let server: ServerProcess;

  async function start(env: Readonly<Record<string, string>>): Promise<void> {
    folder = temporaryDirectory();
    server = await startServerProcess({
      LATCHKEY_DATA: folder.path,
      LATCHKEY_TELEMETRY_ENABLED: 'true',
      ...env,
    });
  }

  afterEach(async () => {
    await server.kill();
    folder.remove();
  });

  const request = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;

  async function metric(name: string): Promise<number> {
    const text = await (await fetch(`${server.url}/metrics`)).text();
    const line = text.split('\n').find((each) => each.startsWith(`${name} `));
    return Number(line?.split(' ').at(-1) ?? 0);
  }

  /** A request to authenticate of which all but the last byte is sent. */
  async function begun(key: string): Promise<RawConnection> {
    const connection = await openRaw(server.url);
    const head = 'POST /authn/acct/admin/authenticate HTTP/1.1\r\nHost: x\r\n';
    connection.socket.write(`${head}Content-Length: ${String(key.length)}\r\n\r\n${key.slice(0, -1)}`);
    return connection;
  }

  it('refuse what is one request too many, and finish all that was begun', async () => {
    await start({ LATCHKEY_MAX_CONCURRENT_REQUESTS: '3' });
    const key = readFileSync(join(folder.path, 'admin.key'), 'utf8').trim();
    const connections = await Promise.all([begun(key), begun(key), begun(key)]);
    let refused = await fetch(server.url);
    while (refused.status !== 503) refused = await fetch(server.url);
    assert.equal(refused.headers.get('retry-after'), '1');
    assert.deepEqual(await refused.json(), {
      error: { code: 'overloaded', message: 'The service is busy, please retry' },
    });
    const inVault = await fetch(`${server.url}/v1/sys/health`);
    assert.equal(inVault.status, 503);
    assert.deepEqual(await inVault.json(), { errors: ['The service is busy, please retry'] });
    assert.equal((await fetch(`${server.url}/health/ready`)).status, 200);
    assert.ok((await metric('latchkey_requests_refused_total{reason="concurrency"}')) >= 2);
    for (const { socket, received } of connections) {
      socket.write(key.slice(-1));
      assert.match(await received(/\r\n\r\n/), /^HTTP\/1\.1 200 OK/);
      socket.destroy();
    }
    assert.equal((await fetch(server.url)).status, 200);
  });

  it('close connections that are too many, and idle ones to make room', async () => {
    await start({ LATCHKEY_MAX_CONNECTIONS: '3' });
    const idle = await Promise.all([1, 2, 3].map(() => openRaw(server.url)));
    for (const { socket, received } of idle) {
      socket.write(request('/health/live'));
      await received(/{"status":"ok"}/);
    }
    const dropped = await openRaw(server.url);
    assert.equal(await dropped.closed, '');
    await Promise.all(idle.map(({ closed }) => closed));
    const next = await openRaw(server.url);
    next.socket.write(request('/health/live'));
    await next.received(/{"status":"ok"}/);
    next.socket.destroy();
    assert.ok((await metric('latchkey_connections_dropped_total{reason="total"}')) >= 1);
  });

  it('bear ten thousand idle connections', async function () {
    await start({});
    const pid = server.process.pid ?? 0;
    const openFiles = Number(/^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1]);
    const wanted = Math.min(10_000, openFiles - 500);
    const before = residentBytes(pid);
    const connections: RawConnection[] = [];
    try {
      while (connections.length < wanted) {
        const more = Math.min(250, wanted - connections.length);
        connections.push(...(await Promise.all(Array.from({ length: more }, () => openRaw(server.url)))));
      }
      assert.equal((await fetch(`${server.url}/health/ready`)).status, 200);
      const each = (residentBytes(pid) - before) / wanted;
      assert.ok(each < 40 * 1_024, `${String(each)} bytes for each connection`);
    } finally {
      for (const { socket } of connections) socket.destroy();
    }
    await pause(0);
    assert.equal((await fetch(`${server.url}/health/ready`)).status, 200);
  });
});
