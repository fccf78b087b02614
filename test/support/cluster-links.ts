/** The links over which the nodes of a cluster hear of each other, through relays that can cut a node off. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { RedisServer } from './redis-server.ts';

export interface ClusterLinks {
  /** Swallows what is said between a node and all others, as a firewall would. Clients, and replicas, still reach it. */
  cut(node: RedisServer): void;
  /** Ends the cut; the nodes connect anew. */
  mend(): void;
  close(): Promise<void>;
}

interface Link {
  /** The node that is called. */
  readonly to: string;
  /** The node that calls, as soon as it has said so. */
  from: string | undefined;
  readonly sockets: readonly Socket[];
}

/** Where the header of a message between nodes names the one that sends it. */
const senderAt = 40;
const senderEnd = 80;
const pollMs = 20;

/** Makes every node announce a relay instead of its own bus port, and settles when all nodes use these. */
export async function relayClusterLinks(nodes: readonly RedisServer[]): Promise<ClusterLinks> {
  const clients = nodes.map(({ url }) => new Redis(url));
  const ids = await Promise.all(clients.map((client) => client.cluster('MYID')));
  const links = new Set<Link>();
  let isolated: string | undefined;
  const isCut = ({ to, from }: Link): boolean =>
    isolated !== undefined && (to === isolated || from === isolated || from === undefined);

  const relays = ids.map((to) =>
    createServer((near) => {
      const port = ports.get(to) ?? 0;
      const far = connect(port, '127.0.0.1');
      const link: Link = { to, from: undefined, sockets: [near, far] };
      links.add(link);
      near.on('data', (bytes: Buffer) => {
        link.from ??= bytes.toString('latin1', senderAt, senderEnd);
        if (!isCut(link)) far.write(bytes);
      });
      far.on('data', (bytes: Buffer) => {
        if (!isCut(link)) near.write(bytes);
      });
      for (const socket of link.sockets) {
        socket.on('error', () => undefined);
        socket.on('close', () => {
          end(link);
          links.delete(link);
        });
      }
    }).listen(0, '127.0.0.1'),
  );
  const ports = new Map<string, number>();
  const announced = await Promise.all(
    relays.map(async (relay, index) => {
      if (!relay.listening) await once(relay, 'listening');
      const { port } = relay.address() as AddressInfo;
      const [, busPort] = await clients[index]!.config('GET', 'cluster-port');
      ports.set(ids[index]!, Number(busPort));
      await clients[index]!.config('SET', 'cluster-announce-bus-port', port);
      return `@${port}`;
    }),
  );
  const settled = async (): Promise<boolean> => {
    const views = await Promise.all(clients.map((client) => client.cluster('NODES').then(String)));
    return views.every(
      (view) => !/fail|disconn/.test(view) && announced.every((each) => view.includes(each)),
    );
  };
  const everyLink = nodes.length * (nodes.length - 1);
  while (links.size < everyLink || !(await settled())) await pause(pollMs);
  for (const client of clients) client.disconnect();

  return {
    cut: (node) => {
      isolated = ids[nodes.indexOf(node)];
    },
    mend: () => {
      for (const link of links) if (isCut(link)) end(link);
      isolated = undefined;
    },
    close: async () => {
      for (const link of links) end(link);
      await Promise.all(relays.map((relay) => once(relay.close(), 'close')));
    },
  };
}

function end({ sockets }: Link): void {
  for (const socket of sockets) socket.destroy();
}
