/**
 * The floor: a bare `node:http` server that answers the same requests as the service, with
 * answers of the same size, and does nothing else. It is told over IPC how long the answer to each
 * method is, and answers there with its port.
 */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Bytes of a whole answer, head and body, by the method of the request. */
export type AnswerBytes = Readonly<Record<string, number>>;

const bodies = new Map<string, string>();

const server = createServer((request, response) => {
  const body = bodies.get(request.method ?? '') ?? '';
  if (request.method === 'GET') {
    answer(response, body);
    return;
  }
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    answer(response, body);
  });
});

function answer(response: ServerResponse, body: string): void {
  response.setHeader('Content-Type', 'text/plain');
  response.end(body);
}

/** What node:http itself writes before the body. */
const headBytes = Buffer.byteLength(
  'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n' +
    'Connection: keep-alive\r\nKeep-Alive: timeout=5\r\nContent-Length: 500\r\n\r\n',
);

process.once('message', (sizes: AnswerBytes) => {
  for (const [method, bytes] of Object.entries(sizes)) {
    bodies.set(method, 'x'.repeat(Math.max(0, bytes - headBytes)));
  }
  server.listen(0, '127.0.0.1', () => {
    process.send?.({ port: (server.address() as AddressInfo).port });
  });
});
process.once('disconnect', () => {
  process.exit();
});
