/**
 * The method LIST, which Vault's clients use and Node's parser does not know.
 *
 * The parser stops where such a request begins, and says at which byte. From there on the connection
 * is served through a {@link ListConnection}: it hands the same bytes to a new parser, with
 * `LIST /v1/… HTTP/1.1` written as `GET /v1/…?list=true HTTP/1.1`, which means the same. Where a
 * request begins and ends is for the parser alone to say, before and after; no client can ask for
 * anything in this way that it could not ask for with GET.
 */
import type { Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { ListConnection, type Connection } from './list-connection.ts';

/** What Node tells of bytes that are no request. */
interface ParserError extends Error {
  readonly code?: string;
  /** What arrived at once, earlier requests included, and where in it the parser stopped. */
  readonly rawPacket?: Buffer;
  readonly bytesParsed?: number;
}

/**
 * Has a server take LIST, on the paths of Vault's dialect. Other requests that cannot be parsed are
 * answered as Node answers them.
 */
export function acceptListMethod(server: Server): void {
  /** What came in place of a connection; its own parser will complain of the request that it lost. */
  const successors = new WeakMap<Duplex, ListConnection>();
  server.on('clientError', (error: ParserError, connection: Duplex) => {
    const successor = successors.get(connection);
    if (successor !== undefined) {
      if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') successor.giveUp();
      return;
    }
    const begun = beginningOfList(error);
    if (begun === undefined) {
      refuse(error.code, connection);
      return;
    }
    const socket = connection instanceof ListConnection ? connection.socket : (connection as Connection);
    const list = new ListConnection(socket, {
      serve: () => {
        serveAfter(server, connection, list);
      },
      refuse: (code) => {
        refuse(code, connection);
        list.destroy();
      },
    });
    successors.set(connection, list);
    list.begin(connection, begun);
  });
}

/** Serves the new connection once all that was asked for on the old one is answered. */
function serveAfter(server: Server, before: Duplex, list: ListConnection): void {
  const answering = answerOn(before);
  if (answering !== undefined) {
    answering.once('close', () => {
      serveAfter(server, before, list);
    });
    return;
  }
  // The last answer may have been that the connection ends.
  if (!list.socket.writable) {
    list.destroy();
    return;
  }
  if (before instanceof ListConnection) before.abandon();
  server.emit('encrypted' in list.socket ? 'secureConnection' : 'connection', list);
}

/** The answer that is under way on a connection, and after which the next one begins. */
function answerOn(connection: Duplex): ServerResponse | undefined {
  return (connection as { readonly _httpMessage?: ServerResponse | null })._httpMessage ?? undefined;
}

/** How many bytes of `LIST` the parser takes, since LINK begins alike. */
const bytesTaken = 'LI'.length;

/** The bytes from where a LIST begins; undefined where it is something else that the parser stopped at. */
function beginningOfList({ code, rawPacket, bytesParsed }: ParserError): Buffer | undefined {
  if (code !== 'HPE_INVALID_METHOD' || rawPacket === undefined || bytesParsed === undefined) return undefined;
  const start = bytesParsed - bytesTaken;
  // What arrived before this, the parser took, and it was a method's beginning.
  const begun =
    start < 0 ? Buffer.concat([Buffer.from('LI'.slice(0, -start)), rawPacket]) : rawPacket.subarray(start);
  return begun.subarray(0, 3).equals(Buffer.from('LIS')) ? begun : undefined;
}

const statuses: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: '413 Payload Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

/** Ends a connection, with an answer unless that would fall into another one. */
function refuse(code: string | undefined, connection: Duplex): void {
  const parsed = code?.startsWith('HPE_') === true || code === 'ERR_HTTP_REQUEST_TIMEOUT';
  if (parsed && connection.writable && answerOn(connection)?.headersSent !== true) {
    connection.write(`HTTP/1.1 ${statuses[code] ?? '400 Bad Request'}\r\nConnection: close\r\n\r\n`);
  }
  connection.destroy();
}
