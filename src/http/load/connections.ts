/** How many connections there may be, in all and of one client address. */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { networkOf } from '../../domain/abuse/network.ts';

export interface ConnectionLimits {
  /** Further ones are closed at once, and those that lie idle to make room. */
  readonly maxConnections: number;
  /** Of one address, or network of 64 bits of IPv6; trusted proxies have none. 0 sets no bound. */
  readonly maxConnectionsPerAddress: number;
}

export type DroppedConnection = 'total' | 'address';

/** To look for idle connections among thousands is no work for every connection that is one too many. */
const makeRoomEveryMs = 1_000;

/**
 * Bounds the connections of a server.
 * @param isTrusted whether an address is that of a proxy, behind which there are many
 * @param onDrop is told of every connection that is not taken
 */
export function boundConnections(
  server: Server,
  { maxConnections, maxConnectionsPerAddress }: ConnectionLimits,
  isTrusted: (address: string) => boolean,
  onDrop: (reason: DroppedConnection) => void,
): void {
  server.maxConnections = maxConnections;
  let madeRoomAt = -Infinity;
  server.on('drop', () => {
    onDrop('total');
    const now = performance.now();
    if (now - madeRoomAt < makeRoomEveryMs) return;
    madeRoomAt = now;
    server.closeIdleConnections();
  });
  if (maxConnectionsPerAddress === 0) return;

  const countOf = new Map<string, number>();
  // Before anything else is made of the connection.
  server.prependListener('connection', (socket: Socket) => {
    const address = socket.remoteAddress;
    // A connection that is one of ours in other clothes, or is gone by now.
    if (!(address !== undefined && 'bytesRead' in socket) || isTrusted(address)) return;
    const network = networkOf(address);
    const count = (countOf.get(network) ?? 0) + 1;
    if (count > maxConnectionsPerAddress) {
      onDrop('address');
      socket.destroy();
      return;
    }
    countOf.set(network, count);
    socket.once('close', () => {
      const left = (countOf.get(network) ?? 1) - 1;
      if (left === 0) countOf.delete(network);
      else countOf.set(network, left);
    });
  });
}
