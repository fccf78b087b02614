/** How a request is refused that the process has no room for. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { networkOf } from '../../domain/abuse/network.ts';
import { catalogue } from '../../domain/errors.ts';

/** What clients are told to wait, and what a connection waits that does not. */
const retryAfterSeconds = 1;
/** What one waits that was refused late: it has waited before, and others may ask on it. */
const heldBackMs = 500;

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
  if (request.complete) rest(request, retryAfterSeconds * 1_000);
}

/**
 * Lets a client's connection wait a moment that was refused for load after its request was begun, so that asking again
 * at once takes less from those who wait. That of a proxy goes on, on which others ask for other things.
 */
export function holdBack(request: IncomingMessage, clientIp: string): void {
  const { remoteAddress } = request.socket;
  if (request.complete && remoteAddress !== undefined && networkOf(remoteAddress) === networkOf(clientIp))
    rest(request, heldBackMs);
}

function rest({ socket }: IncomingMessage, restMs: number): void {
  socket.pause();
  setTimeout(() => {
    socket.resume();
  }, restMs).unref();
}
