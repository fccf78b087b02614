import assert from 'node:assert/strict';
import { createServer as createHttpsServer } from 'node:https';
import type { Server } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { Connection } from '../../src/cli/connection.ts';
import type { Call } from '../../src/cli/connection.ts';
import { CommandError } from '../../src/cli/exit-codes.ts';
import { createCertificateAuthority } from '../support/certificates.ts';
import type { TestServer } from './support.ts';
import { serve } from './support.ts';

async function send(url: string, call: Partial<Call> = {}, ca?: string): ReturnType<Connection['send']> {
  const connection = new Connection({ url: new URL(url), ...(ca === undefined ? {} : { ca }) });
  try {
    return await connection.send({ method: 'GET', path: [], ...call });
  } finally {
    await connection.close();
  }
}

async function failure(url: string, call: Partial<Call> = {}, ca?: string): Promise<string> {
  try {
    await send(url, call, ca);
  } catch (error) {
    assert.ok(error instanceof CommandError);
    assert.equal(error.exit, 'unreachable');
    return error.message;
  }
  return 'answered';
}

describe('Connection', () => {
  const servers: TestServer[] = [];

  afterEach(async () => {
    for (const server of servers.splice(0)) await server.close();
  });

  async function started(...args: Parameters<typeof serve>): Promise<TestServer> {
    const server = await serve(...args);
    servers.push(server);
    return server;
  }

  it('encodes every part of a path as one, below the path of the URL', async () => {
    const server = await started((_request, response) => response.end('ok'));
    const answer = await send(`${server.url}/api/`, {
      path: ['secrets', 'a b', 'x/y?#%é'],
      query: { v: 'a,b:c&d' },
    });
    assert.equal(server.seen[0]?.target, '/api/secrets/a%20b/x%2Fy%3F%23%25%C3%A9?v=a%2Cb%3Ac%26d');
    assert.deepEqual([answer.status, answer.body.toString()], [200, 'ok']);
  });

  it('does not follow a redirect, which would take credentials along', async () => {
    const other = await started((_request, response) => response.end('gotcha'));
    const server = await started((_request, response) => {
      response.writeHead(302, { location: other.url }).end();
    });
    const answer = await send(server.url, { headers: { authorization: 'Token token="x"' } });
    assert.equal(answer.status, 302);
    assert.equal(other.seen.length, 0);
  });

  it('gives up on a server that does not answer, or not to the end', async () => {
    const silent = await started(() => undefined);
    assert.match(await failure(silent.url, { timeoutMs: 100 }), /it did not answer in time/);
    const slow = await started((_request, response) => {
      response.writeHead(200);
      response.write('a start');
    });
    assert.match(await failure(slow.url, { timeoutMs: 100 }), /it did not answer in time/);
  });

  it('gives up on an answer that is too long', async () => {
    const server = await started((_request, response) => response.end('x'.repeat(2_000)));
    const connection = new Connection({ url: new URL(server.url), maxAnswerBytes: 1_000 });
    await assert.rejects(connection.send({ method: 'GET', path: [] }), /its answer is too long/);
    await connection.close();
  });

  it('says when nothing listens', async () => {
    const gone = await serve(() => undefined);
    await gone.close();
    assert.match(await failure(gone.url), /cannot reach http:.*: nothing listens there/);
  });

  it('says when the server speaks something else', async () => {
    const other = createTcpServer((socket) => socket.resume().end('SSH-2.0-OpenSSH_9.6\r\n'));
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const said = await failure(`http://127.0.0.1:${port}`);
    await new Promise((resolve) => other.close(resolve));
    assert.match(said, /it does not speak HTTP on this port/);
    const http = await started((_request, response) => response.end());
    assert.match(await failure(http.url.replace('http', 'https')), /it does not speak HTTPS on this port/);
  });

  describe('over TLS', () => {
    const authority = createCertificateAuthority();

    function https(names?: readonly string[]): Promise<TestServer> {
      const make = (): Server => createHttpsServer(authority.issue(names));
      return started((_request, response) => response.end('ok'), make);
    }

    it('trusts the CA that it is given, and no other', async () => {
      const { port } = await https();
      const url = `https://127.0.0.1:${port}`;
      assert.equal((await send(url, {}, authority.cert)).status, 200);
      assert.match(await failure(url), /its certificate is not trusted\. .*--ca-cert/);
      assert.match(
        await failure(url, {}, createCertificateAuthority('Other').cert),
        /its certificate is not trusted/,
      );
    });

    it('wants the certificate to be for the host', async () => {
      const { port } = await https(['elsewhere.test']);
      assert.match(
        await failure(`https://127.0.0.1:${port}`, {}, authority.cert),
        /its certificate is for another host name/,
      );
    });
  });
});
