/** A directory that answers whatever a test wants, and remembers what it was sent before TLS. */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { ServerCertificate } from './certificates.ts';

/** A request, by its message id and the tag of its operation. */
export interface LdapRequest {
  readonly id: number;
  readonly operation: number;
}

/** Answers one request; what it returns is sent. */
export type LdapAnswer = (request: LdapRequest, socket: Socket) => Buffer | undefined;

export interface RogueDirectory {
  readonly port: number;
  /** All that came without TLS, connection by connection. */
  readonly plain: readonly Buffer[];
  stop(): Promise<void>;
}

export const operations = { bind: 0x60, search: 0x63, extended: 0x77 } as const;

/** Starts it. With a certificate, it goes on in TLS once its answer to a request for that is out. */
export async function startRogueDirectory(
  answer: LdapAnswer,
  certificate?: ServerCertificate,
): Promise<RogueDirectory> {
  const sockets = new Set<Socket>();
  const plain: Buffer[] = [];
  const server = createServer((socket) => {
    const connection = plain.push(Buffer.alloc(0)) - 1;
    const serve = (from: Socket, secure: boolean): void => {
      sockets.add(from);
      from.on('error', () => undefined);
      from.on('data', (bytes: Buffer) => {
        if (!secure) plain[connection] = Buffer.concat([plain[connection] ?? Buffer.alloc(0), bytes]);
        for (const request of requestsIn(bytes)) {
          const reply = answer(request, from);
          if (reply !== undefined) from.write(reply);
          if (request.operation !== operations.extended || certificate === undefined || secure) continue;
          from.removeAllListeners('data');
          serve(new TLSSocket(from, { isServer: true, ...certificate }), true);
        }
      });
    };
    serve(socket, false);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    plain,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** The requests of a chunk: clients send them one at a time, whole and short. */
function requestsIn(bytes: Buffer): LdapRequest[] {
  const long = (bytes[1] ?? 0) & 0x80 ? (bytes[1] ?? 0) - 0x80 : 0;
  const id = bytes[4 + long];
  const operation = bytes[5 + long];
  return id === undefined || operation === undefined ? [] : [{ id, operation }];
}

/** An element of BER. */
export function element(tag: number, ...content: readonly (Buffer | string)[]): Buffer {
  const body = Buffer.concat(content.map((part) => Buffer.from(part as string)));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([Buffer.from([tag, 0x84]), length, body]);
}

/** A message of an operation and its content. */
export function message(id: number, operation: number, ...content: readonly (Buffer | string)[]): Buffer {
  return element(0x30, element(0x02, Buffer.from([id])), element(operation, ...content));
}

/** The answer to a request that is refused with a code, or granted. */
export function result({ id, operation }: LdapRequest, code = 0): Buffer {
  const tag = operation === operations.search ? 0x65 : operation + 1;
  return message(id, tag, element(0x0a, Buffer.from([code])), element(0x04), element(0x04));
}

/** One entry that a search found. */
export function entry({ id }: LdapRequest, dn: string): Buffer {
  return message(id, 0x64, element(0x04, dn), element(0x30));
}
