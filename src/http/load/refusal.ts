/** How a request is refused that the process has no room for. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { catalogue } from '../../domain/errors.ts';

/** What clients are told to wait, and what a connection waits that does not. */
const retryAfterSeconds = 1;

const { text } = catalogue.OVERLOADED;
const vaultBody = JSON.stringify({ errors: [text] });
const body = JSON.stringify({ error: { code: 'overloaded', message: text } });

/**
 * Answers 503, and reads nothing more from the connection before the time is over that `Retry-After`
 * asks to wait: whoever asks again at once costs nothing.
 */
export function refuseForLoad(request: IncomingMessage, response: ServerResponse): void {
  const said = request.url?.startsWith('/v1/') === true ? vaultBody : body;
  const headers = [
    'Content-Type',
    'application/json; charset=utf-8',
    'Content-Length',
    String(Buffer.byteLength(said)),
    'Retry-After',
    String(retryAfterSeconds),
    'Cache-Control',
    'no-store',
    'X-Content-Type-Options',
    'nosniff',
  ];
  // What of a body has not come yet is not waited for.
  if (!request.complete) headers.push('Connection', 'close');
  response.writeHead(503, headers);
  response.end(request.method === 'HEAD' ? undefined : said);
  const { socket } = request;
  if (!request.complete) return;
  socket.pause();
  setTimeout(() => {
    socket.resume();
  }, retryAfterSeconds * 1_000).unref();
}
