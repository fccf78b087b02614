import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { Drain } from '../../src/http/drain.ts';

/** Longer than any of these tests takes: what waits for it waits for something else. */
const longMs = 600_000;

describe('Drain', () => {
  let drain: Drain;
  let server: Server;
  let handle: (request: IncomingMessage, response: ServerResponse) => void;
  const sockets: Socket[] = [];

  beforeEach(async () => {
    drain = new Drain();
    handle = (_request, response) => {
      response.end('answer');
    };
    const announcing = drain.announcing(async (request, response) => {
      handle(request as IncomingMessage, response as ServerResponse);
    });
    server = createServer({ keepAliveTimeout: longMs }, (request, response) => {
      void announcing(request, response);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
    server.closeAllConnections();
    server.close();
  });

  async function open(): Promise<Socket> {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1').setEncoding('utf8');
    sockets.push(socket);
    await once(socket, 'connect');
    return socket;
  }

  /** Sends a request, and answers what comes until the body is there. */
  async function ask(socket: Socket): Promise<string> {
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    let text = '';
    while (!text.includes('answer')) text += ((await once(socket, 'data')) as [string])[0];
    return text;
  }

  it('lets every connection have one more answer, which says that it ends', async () => {
    const idle = await open();
    assert.match(await ask(idle), /Connection: keep-alive/);
    const unused = await open();
    const drained = drain.run(server, { idleMs: longMs, timeoutMs: longMs });
    assert.equal(drain.isUnderWay, true);
    const late = await open();
    for (const socket of [idle, unused, late]) {
      const ended = once(socket, 'end');
      assert.match(await ask(socket), /Connection: close/);
      await ended;
    }
    // Not after its waits are over, but as soon as nobody is there any more.
    await drained;
    assert.equal(server.listening, false);
  });

  it('closes connections that stay idle', async () => {
    const idle = await open();
    await ask(idle);
    const ended = once(idle, 'end');
    await drain.run(server, { idleMs: 20, timeoutMs: longMs });
    await ended;
  });

  it('takes no new connections after half of the wait', async () => {
    await ask(await open());
    const drained = drain.run(server, { idleMs: 100, timeoutMs: longMs });
    while (server.listening) await pause(5);
    await drained;
  });

  it('lets an answer finish that began before, and then ends its connection', async () => {
    let finish = (): void => undefined;
    const begun = new Promise<void>((resolve) => {
      handle = (_request, response) => {
        response.writeHead(200, { 'content-length': 6 });
        response.write('ans');
        finish = () => {
          response.end('wer');
        };
        resolve();
      };
    });
    const socket = await open();
    const ended = once(socket, 'end');
    const answer = ask(socket);
    await begun;
    const drained = drain.run(server, { idleMs: 0, timeoutMs: longMs });
    while (server.listening) await pause(5);
    finish();
    assert.match(await answer.catch(String), /ans/);
    await ended;
    await drained;
  });

  it('cuts what takes longer than it may', async () => {
    handle = () => undefined;
    const socket = await open();
    socket.on('error', () => undefined).write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(server, 'request');
    const closed = once(socket, 'close');
    await drain.run(server, { idleMs: 0, timeoutMs: 50 });
    await closed;
  });
});
