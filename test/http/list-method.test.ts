import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { setTimeout as sleep } from 'node:timers/promises';
import { acceptListMethod } from '../../src/http/list-method.ts';
import { createCertificateAuthority } from '../support/certificates.ts';

/** Answers what it was asked: method, target, body. A path that ends in `slow` is answered late. */
function answerWhatWasAsked(request: IncomingMessage, response: ServerResponse): void {
  const parts: Buffer[] = [];
  request.on('data', (part: Buffer) => parts.push(part));
  request.on('end', () => {
    const answer = (): void => {
      response.end(`<${request.method ?? ''} ${request.url ?? ''} ${Buffer.concat(parts).toString()}>`);
    };
    if (request.url?.includes('slow') === true) setTimeout(answer, 30);
    else answer();
  });
}

/** A connection that writes what it is told, and what it got of answers and whether it is open. */
interface Line {
  write(...pieces: readonly string[]): Promise<void>;
  /** Waits until so many answers have come, and tells them. */
  answers(count: number): Promise<readonly string[]>;
  /** Waits until the server has closed, and tells all it sent. */
  closed(): Promise<string>;
}

function lineTo(socket: Socket): Line {
  let text = '';
  let ended = false;
  socket.setNoDelay(true);
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
  socket.on('close', () => (ended = true)).on('error', () => undefined);
  const found = (): readonly string[] => [...text.matchAll(/<([^>]*)>/g)].map((match) => match[1] ?? '');
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) await sleep(2);
  };
  return {
    write: async (...pieces) => {
      for (const piece of pieces) {
        await new Promise<void>((resolve) =>
          socket.write(piece, () => {
            resolve();
          }),
        );
        // So that the server gets each by itself.
        if (pieces.length > 1) await sleep(3);
      }
    },
    answers: async (count) => {
      await until(() => found().length >= count || ended);
      return found();
    },
    closed: async () => {
      await until(() => ended);
      return text;
    },
  };
}

const host = 'Host: example\r\n';
const get = (path: string): string => `GET ${path} HTTP/1.1\r\n${host}\r\n`;
const list = (path: string, headers = '', body = ''): string =>
  `LIST ${path} HTTP/1.1\r\n${host}${headers}\r\n${body}`;

for (const secure of [false, true]) {
  describe(`the method LIST over ${secure ? 'TLS' : 'plain TCP'}`, () => {
    let server: Server;
    const sockets: Socket[] = [];

    before(async () => {
      server = secure
        ? createTlsServer({ ...createCertificateAuthority().issue() }, answerWhatWasAsked)
        : createServer(answerWhatWasAsked);
      acceptListMethod(server);
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    });
    afterEach(() => {
      for (const socket of sockets.splice(0)) socket.destroy();
    });
    after(async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    });

    async function open(): Promise<Line> {
      const { port } = server.address() as AddressInfo;
      const socket = secure
        ? connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false })
        : connect({ port, host: '127.0.0.1' });
      sockets.push(socket);
      const line = lineTo(socket);
      await new Promise((resolve) => socket.once(secure ? 'secureConnect' : 'connect', resolve));
      return line;
    }

    it('reads as GET with list=true', async () => {
      const line = await open();
      await line.write(list('/v1/a'));
      assert.deepEqual(await line.answers(1), ['GET /v1/a?list=true ']);
    });

    it('keeps the query, behind what it means itself', async () => {
      const line = await open();
      await line.write(list('/v1/a?x=1&list=false'));
      assert.deepEqual(await line.answers(1), ['GET /v1/a?list=true&x=1&list=false ']);
    });

    it('is taken between other requests of a connection that is kept', async () => {
      const line = await open();
      for (const [index, request] of [
        get('/1'),
        list('/v1/2'),
        get('/3'),
        list('/v1/4'),
        get('/5'),
      ].entries()) {
        await line.write(request);
        await line.answers(index + 1);
      }
      assert.deepEqual(await line.answers(5), [
        'GET /1 ',
        'GET /v1/2?list=true ',
        'GET /3 ',
        'GET /v1/4?list=true ',
        'GET /5 ',
      ]);
    });

    it('is answered in its turn when requests are pipelined', async () => {
      const line = await open();
      const requests = [
        get('/slow1'),
        get('/2'),
        list('/v1/3'),
        get('/slow4'),
        list('/v1/slow5'),
        list('/v1/6'),
        get('/7'),
      ];
      await line.write(requests.join(''));
      assert.deepEqual(
        (await line.answers(7)).map((answer) => answer.replace(/\D/g, '').slice(-1)),
        // The version in `/v1/` is a digit, too, and never the last.
        ['1', '2', '3', '4', '5', '6', '7'],
      );
    });

    it('is taken wherever packets end', async () => {
      const request = list('/v1/a?b=c');
      for (let cut = 1; cut < request.length; cut += 1) {
        const line = await open();
        await line.write(request.slice(0, cut), request.slice(cut) + get('/next'));
        assert.deepEqual(
          await line.answers(2),
          ['GET /v1/a?list=true&b=c ', 'GET /next '],
          `cut at ${String(cut)}`,
        );
      }
    });

    it('is taken byte by byte', async () => {
      const line = await open();
      await line.write(...Array.from(get('/1') + list('/v1/2') + list('/v1/3')));
      assert.deepEqual(await line.answers(3), ['GET /1 ', 'GET /v1/2?list=true ', 'GET /v1/3?list=true ']);
    });

    it('leaves the framing of bodies to the parser', async () => {
      const inner = 'GET /smuggled HTTP/1.1\r\n\r\n';
      const line = await open();
      await line.write(
        list('/v1/a', `Content-Length: ${String(inner.length)}\r\n`, inner) +
          list(
            '/v1/b',
            'Transfer-Encoding: chunked\r\n',
            `${inner.length.toString(16)}\r\n${inner}\r\n0\r\n\r\n`,
          ) +
          get('/last'),
      );
      assert.deepEqual(await line.answers(3), [
        `GET /v1/a?list=true ${inner}`,
        `GET /v1/b?list=true ${inner}`,
        'GET /last ',
      ]);
    });

    it('is not seen inside the body of another request', async () => {
      const body = list('/v1/inner');
      const line = await open();
      await line.write(
        `POST /outer HTTP/1.1\r\n${host}Content-Length: ${String(body.length)}\r\n\r\n${body}${get('/last')}`,
      );
      assert.deepEqual(await line.answers(2), [`POST /outer ${body}`, 'GET /last ']);
    });

    it('is refused with two lengths, as any request is', async () => {
      const line = await open();
      await line.write(list('/v1/a', 'Content-Length: 1\r\nTransfer-Encoding: chunked\r\n', 'x'));
      assert.match(await line.closed(), /^HTTP\/1\.1 400 /);
    });

    it('ends the connection where that is asked for', async () => {
      const line = await open();
      await line.write(list('/v1/a', 'Connection: close\r\n'));
      const sent = await line.closed();
      assert.match(sent, /<GET \/v1\/a\?list=true >$/);
    });

    it('is not served after an answer that ended the connection', async () => {
      const line = await open();
      await line.write(`GET /slow HTTP/1.1\r\n${host}Connection: close\r\n\r\n${list('/v1/never')}`);
      const sent = await line.closed();
      assert.doesNotMatch(sent, /never/);
    });

    for (const [what, request] of [
      ['on other paths', list('/elsewhere')],
      ['of a whole address', list('http://example/v1/a')],
      ['with a longer name', 'LISTS /v1/a HTTP/1.1\r\n\r\n'],
      ['with a part of another request before it', `XLIST /v1/a HTTP/1.1\r\n${host}\r\n`],
      ['without a version', 'LIST /v1/a\r\n\r\n'],
      ['in another version', 'LIST /v1/a HTTP/2.0\r\n\r\n'],
    ] as const) {
      it(`is refused ${what}`, async () => {
        const line = await open();
        await line.write(request);
        assert.equal(await line.closed(), 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
      });
    }

    it('is refused where its line is too long', async () => {
      const line = await open();
      await line.write(`LIST /v1/${'a'.repeat(17 * 1_024)}`);
      assert.match(await line.closed(), /^HTTP\/1\.1 431 /);
    });

    it('serves many on one connection', async () => {
      const line = await open();
      const count = 500;
      await line.write(Array.from({ length: count }, (_, index) => list(`/v1/${String(index)}`)).join(''));
      const answers = await line.answers(count);
      assert.deepEqual(
        answers,
        Array.from({ length: count }, (_, index) => `GET /v1/${String(index)}?list=true `),
      );
    });
  });
}

describe('a server that takes LIST', () => {
  let server: Server;

  beforeEach(async () => {
    server = createServer(
      { headersTimeout: 50, requestTimeout: 60, connectionsCheckingInterval: 20 },
      answerWhatWasAsked,
    );
    server.keepAliveTimeout = 50;
    acceptListMethod(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  function open(): { readonly line: Line; readonly socket: Socket } {
    const socket = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' });
    return { line: lineTo(socket), socket };
  }

  for (const part of ['LIS', 'LIST /v1/a']) {
    it(`gives up a line that ends with ${part}`, async () => {
      const { line } = open();
      await line.write(part);
      assert.match(await line.closed(), /^HTTP\/1\.1 408 /);
    });
  }

  it('gives up a head that does not end', async () => {
    const { line } = open();
    await line.write('LIST /v1/a HTTP/1.1\r\nHost: ');
    assert.match(await line.closed(), /^HTTP\/1\.1 408 /);
  });

  it('ends a connection that is idle after one', async () => {
    const { line } = open();
    await line.write(list('/v1/a'));
    assert.match(await line.closed(), /<GET \/v1\/a\?list=true >$/);
  });

  it('is not held up by a client that went away', async () => {
    const { line, socket } = open();
    await line.write(`${get('/slow')}${list('/v1/slow')}`);
    socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
});
