import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { boundConnections, type DroppedConnection } from '../../../src/http/load/connections.ts';
import { trustedAddresses } from '../../../src/http/middleware/client-address.ts';
import { createCertificateAuthority } from '../../support/certificates.ts';
import { openRaw } from '../../support/raw-connection.ts';
import { startTestService, type TestService } from '../../support/service.ts';
import { temporaryDirectory } from '../../support/temp.ts';

const most = 2;

describe('the bound on connections of an address', () => {
  const dropped: DroppedConnection[] = [];
  const open = new Set<Socket>();
  let server: Server;

  /** Of the addresses of this machine only 127.0.0.9 is a proxy's. */
  async function start(host: string): Promise<void> {
    server = createServer((_request, response) => response.end('served'));
    const isTrusted = (address: string): boolean => address.endsWith('127.0.0.9');
    boundConnections(server, { maxConnections: 100, maxConnectionsPerAddress: most }, isTrusted, (reason) =>
      dropped.push(reason),
    );
    server.listen(0, host);
    await once(server, 'listening');
  }

  afterEach(async () => {
    for (const socket of open) socket.destroy();
    open.clear();
    dropped.length = 0;
    server.close();
    await once(server, 'close');
  });

  /** What a connection from an address of this machine is told: `served`, or nothing. */
  async function ask(from: string, host = '127.0.0.1'): Promise<string> {
    const { port } = server.address() as AddressInfo;
    const socket = connect({ port, host, localAddress: from });
    open.add(socket);
    socket.on('error', () => undefined);
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    return new Promise((resolve) => {
      socket.once('data', () => {
        resolve('served');
      });
      socket.once('close', () => {
        resolve('');
      });
    });
  }

  async function endOne(): Promise<void> {
    const [socket] = open;
    const left = countOf(server);
    socket?.destroy();
    if (socket !== undefined) open.delete(socket);
    while ((await countOf(server)) >= (await left)) await new Promise((resolve) => setImmediate(resolve));
  }

  function countOf(of: Server): Promise<number> {
    return new Promise((resolve, reject) => {
      of.getConnections((error, count) => {
        if (error) reject(error);
        else resolve(count);
      });
    });
  }

  it('ends those beyond it, takes others, and takes more when some are gone', async () => {
    await start('127.0.0.1');
    for (let count = 0; count < most; count += 1) assert.equal(await ask('127.0.0.2'), 'served');
    assert.equal(await ask('127.0.0.2'), '');
    assert.deepEqual(dropped, ['address']);
    assert.equal(await ask('127.0.0.3'), 'served');
    await endOne();
    assert.equal(await ask('127.0.0.2'), 'served');
    assert.equal(await ask('127.0.0.2'), '');
  });

  it('does not hold for trusted proxies, behind which there are many', async () => {
    await start('127.0.0.1');
    for (let count = 0; count < 5 * most; count += 1) assert.equal(await ask('127.0.0.9'), 'served');
    assert.deepEqual(dropped, []);
  });

  it('takes an address for the same that comes mapped into IPv6', async () => {
    await start('::ffff:127.0.0.1');
    for (let count = 0; count < most; count += 1) assert.equal(await ask('127.0.0.4'), 'served');
    assert.equal(await ask('127.0.0.4'), '');
    assert.equal(await ask('127.0.0.9'), 'served');
  });
});

describe('trustedAddresses', () => {
  it('are those that are set and loopback, mapped into IPv6 as well', () => {
    const isTrusted = trustedAddresses(['198.51.100.0/24', '2001:db8::1']);
    for (const address of ['198.51.100.7', '::ffff:198.51.100.7', '2001:db8::1', '127.0.0.1', '::1'])
      assert.equal(isTrusted(address), true, address);
    for (const address of ['198.51.101.7', '2001:db8::2', 'unknown', ''])
      assert.equal(isTrusted(address), false, address);
  });
});

describe('connections on which nothing comes', () => {
  const folder = temporaryDirectory();
  const authority = createCertificateAuthority();
  const services: TestService[] = [];

  before(async () => {
    const { cert, key } = authority.issue();
    const [certFile, keyFile] = [join(folder.path, 'tls.crt'), join(folder.path, 'tls.key')];
    writeFileSync(certFile, cert);
    writeFileSync(keyFile, key, { mode: 0o600 });
    for (const tls of [{}, { LATCHKEY_TLS_CERT: certFile, LATCHKEY_TLS_KEY: keyFile }])
      services.push(await startTestService({ LATCHKEY_HEADERS_TIMEOUT: '1', ...tls }));
  });
  after(async () => {
    for (const service of services) await service.stop();
    folder.remove();
  });

  it('are ended when the head of a request is due, with TLS as well, whatever of its handshake is over', async () => {
    const [plain = '', encrypted = ''] = services.map(({ url }) => url);
    const [silent, begun, silentTls, begunTls] = await Promise.all(
      [plain, plain, encrypted, encrypted].map((url) => openRaw(url)),
    );
    const shaken = connectTls({
      port: Number(new URL(encrypted).port),
      host: '127.0.0.1',
      ca: authority.cert,
    });
    const ended = once(shaken.on('error', () => undefined).resume(), 'close');
    await once(shaken, 'secureConnect');
    begun?.socket.write('GET / HTTP/1.1\r\nHost:');
    // The head of a record of the handshake, and no more of it (RFC 8446 section 5.1).
    begunTls?.socket.write(Buffer.from('16030100c8010000c40303', 'hex'));
    assert.match((await silent?.closed) ?? 'no connection', /^(HTTP\/1\.1 408 |$)/);
    assert.match((await begun?.closed) ?? 'no connection', /^(HTTP\/1\.1 408 |$)/);
    assert.deepEqual([await silentTls?.closed, await begunTls?.closed], ['', '']);
    await ended;
    assert.equal((await fetch(`${plain}/health/live`)).status, 200);
  });
});
