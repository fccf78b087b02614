import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { load, secretPath, setSecret, signIn, tokenHeader, type Session } from '../../support/client.ts';
import { residentBytes } from '../../support/process-memory.ts';
import { openRaw } from '../../support/raw-connection.ts';
import { startServerProcess, type ServerProcess } from '../../support/server-process.ts';
import type { TestService } from '../../support/service.ts';
import { temporaryDirectory } from '../../support/temp.ts';

const mebibyte = 1_024 * 1_024;

describe('a service among hostile connections', function () {
  this.timeout(60_000);
  const folder = temporaryDirectory();
  let server: ServerProcess;
  let admin: Session;

  before(async () => {
    server = await startServerProcess({
      LATCHKEY_DATA: folder.path,
      LATCHKEY_HEADERS_TIMEOUT: '2',
      LATCHKEY_TRANSFER_GRACE: '2',
      LATCHKEY_MIN_TRANSFER_RATE: '16MiB',
      LATCHKEY_TELEMETRY_ENABLED: 'true',
    });
    const adminKey = readFileSync(join(folder.path, 'admin.key'), 'utf8').trim();
    admin = await signIn({ ...server, adminKey } as unknown as TestService);
  });

  after(async () => {
    await server.kill();
    folder.remove();
  });

  const others = async (): Promise<void> => {
    assert.equal((await admin.send('GET', '/whoami')).status, 200);
  };

  const head = (method: string, path: string, ...headers: readonly string[]): string =>
    [`${method} ${path} HTTP/1.1`, 'Host: x', ...headers, '', ''].join('\r\n');

  const authorization = (): string => `Authorization: ${tokenHeader(admin.token).authorization}`;

  async function endedFor(reason: string): Promise<number> {
    const text = await (await fetch(`${server.url}/metrics`)).text();
    const line = new RegExp(`^latchkey_connections_ended_total\\{reason="${reason}"\\} (\\d+)$`, 'm').exec(
      text,
    );
    return Number(line?.[1] ?? 0);
  }

  /** Sends a byte now and then until the connection is closed. */
  async function drip(text: string, socket: Socket): Promise<void> {
    for (const byte of text) {
      if (socket.destroyed) return;
      socket.write(byte);
      await pause(100);
    }
  }

  it('ends one that sends its head a byte at a time, and serves others meanwhile', async () => {
    const { socket, closed } = await openRaw(server.url);
    void drip(head('GET', '/', `X-Long: ${'x'.repeat(1_000)}`), socket);
    await others();
    assert.match(await closed, /^(HTTP\/1\.1 408 |$)/);
    await others();
  });

  it('ends one that sends its body a byte at a time', async () => {
    const before = await endedFor('request');
    const { socket, closed } = await openRaw(server.url);
    socket.write(head('POST', '/authn/acct/admin/authenticate', 'Content-Length: 1000'));
    void drip('x'.repeat(1_000), socket);
    assert.match(await closed, /^HTTP\/1\.1 408 /);
    assert.equal(await endedFor('request'), before + 1);
  });

  it('ends those that do not read big answers, which take no more memory than they are', async () => {
    const ids = Array.from({ length: 12 }, (_, index) => `big/${String(index)}`);
    await load(admin, ids.map((id) => `- !variable ${id}`).join('\n'));
    for (const id of ids) await setSecret(admin, id, 'x'.repeat(mebibyte));
    const query = ids.map((id) => `acct:variable:${id}`).join(',');
    const before = residentBytes(server.process.pid ?? 0);
    const ended = await endedFor('answer');
    const readers = await Promise.all(
      Array.from({ length: 8 }, async () => {
        const reader = await openRaw(server.url);
        reader.socket.pause();
        // Of each but one answer is made: the next begins when the one before it has gone out.
        reader.socket.write(head('GET', `/secrets?variable_ids=${query}`, authorization()).repeat(20));
        return reader;
      }),
    );
    while ((await endedFor('answer')) < ended + readers.length) await pause(50);
    await others();
    assert.ok(residentBytes(server.process.pid ?? 0) - before < 600 * mebibyte);
    for (const { socket } of readers) socket.destroy();
  });

  const bigBodies: readonly (readonly [string, string, boolean])[] = [
    ['POST', '/policies/acct/policy/root', true],
    ['POST', '/secrets/acct/variable/v', true],
    ['POST', '/authn/acct/admin/authenticate', false],
    ['POST', '/authn-jwt/x/acct/authenticate', false],
    ['GET', '/whoami', true],
    ['POST', '/v1/auth/userpass/login/admin', false],
    ['POST', '/auth', false],
    ['POST', '/nothing/here', false],
  ];

  /** Sends 100 MB for as long as nothing is answered; answers what came until the connection was closed. */
  async function sendTooMuch(begun: string, chunked: boolean): Promise<string> {
    const { socket, closed, text } = await openRaw(server.url);
    socket.write(begun);
    const piece = Buffer.alloc(mebibyte, 'x');
    const chunk = Buffer.concat([Buffer.from(`${mebibyte.toString(16)}\r\n`), piece, Buffer.from('\r\n')]);
    for (let sent = 0; sent < 100 && !socket.destroyed && text() === ''; sent += 1) {
      if (!socket.write(chunked ? chunk : piece)) {
        await Promise.race([once(socket, 'drain').catch(() => undefined), closed]);
      }
      await pause(0);
    }
    return closed;
  }

  for (const framing of ['announced', 'chunked'] as const) {
    it(`ends connections that send 100 MB, ${framing}, and keeps its memory`, async () => {
      const before = residentBytes(server.process.pid ?? 0);
      const chunked = framing === 'chunked';
      const length = chunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${String(100 * mebibyte)}`;
      await Promise.all(
        bigBodies.map(async ([method, path, withToken]) => {
          const token = withToken ? [authorization()] : [];
          const answer = await sendTooMuch(head(method, path, length, ...token), chunked);
          // It may be lost to a client that goes on sending.
          assert.match(answer, /^(HTTP\/1\.1 (413|401|404|403|400|200) |$)/, `${method} ${path}`);
        }),
      );
      await others();
      assert.ok(residentBytes(server.process.pid ?? 0) - before < 400 * mebibyte);
    });
  }

  it('refuses a body that is announced too long before it is sent', async () => {
    const { socket, received } = await openRaw(server.url);
    const headers = [`Content-Length: ${String(100 * mebibyte)}`, 'Expect: 100-continue', authorization()];
    socket.write(head('POST', '/policies/acct/policy/root', ...headers));
    assert.match(await received(/\r\n\r\n/), /^HTTP\/1\.1 413 /);
    socket.destroy();
  });

  it('answers a thousand requests that are sent at once, in their order', async () => {
    const { socket, received, text } = await openRaw(server.url);
    const requests = Array.from({ length: 1_000 }, (_, index) =>
      head('GET', '/health/live', `X-Request-Id: r${String(index)}`),
    );
    socket.write(requests.join(''));
    await received(/X-Request-Id: r999\r\n[^]*\r\n\r\n/i);
    const ids = Array.from(text().matchAll(/^X-Request-Id: r(\d+)/gim), ([, id]) => Number(id));
    assert.deepEqual(
      ids,
      requests.map((_, index) => index),
    );
    socket.destroy();
  });

  it('refuses headers that are too many bytes in all', async () => {
    const { socket, closed } = await openRaw(server.url);
    socket.write(head('GET', '/', ...Array.from({ length: 5_000 }, (_, index) => `X-${String(index)}: y`)));
    assert.match(await closed, /^HTTP\/1\.1 431 /);
  });

  it('answers HTTP/1.0, and ends the connection', async () => {
    const { socket, closed } = await openRaw(server.url);
    socket.write('GET /health/live HTTP/1.0\r\n\r\n');
    assert.match(await closed, /^HTTP\/1\.1 200 OK\r\n[^]*{"status":"ok"}$/);
  });

  it('answers whoever has closed its own half of the connection', async () => {
    const { socket, closed } = await openRaw(server.url, true);
    socket.end(head('GET', '/health/live'));
    assert.match(await closed.catch(() => ''), /^HTTP\/1\.1 200 OK/);
  });

  it('applies nothing of a policy whose sender goes away in the middle', async () => {
    const { socket } = await openRaw(server.url);
    const policy = '- !variable aborted/one\n- !variable aborted/two\n';
    const length = `Content-Length: ${String(policy.length + 100)}`;
    socket.write(head('POST', '/policies/acct/policy/root', length, authorization()) + policy);
    await pause(50);
    socket.destroy();
    await once(socket, 'close');
    await others();
    const resources = await admin.send('GET', '/resources/acct/variable?search=aborted');
    assert.deepEqual(JSON.parse(resources.text), []);
    assert.equal((await admin.send('GET', secretPath(admin.service, 'aborted/one'))).status, 404);
  });
});
