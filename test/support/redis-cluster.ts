/** A Redis Cluster of real servers, which end with this process at the latest. */
import type { Redis } from 'ioredis';
import { freePort } from './free-port.ts';
import { ask, clientOf, until } from './redis-question.ts';
import { startRedis, type RedisServer, type RedisServerOptions } from './redis-server.ts';

export interface RedisClusterOptions {
  /** An even number of at least 6: one half primaries, the other their replicas; 6 by default. */
  readonly nodes?: number;
  /** After how long a silent node counts as down; 1,000 by default. A failover takes one or two seconds more. */
  readonly nodeTimeoutMs?: number;
  /** Settings of the nodes beyond those of {@link startRedis}. */
  readonly settings?: RedisServerOptions['settings'];
}

export interface RedisCluster {
  /** `redis+cluster://…` with every node: what `--store` takes. */
  readonly url: string;
  readonly nodes: readonly RedisServer[];
  /** The primary that serves the account's keys just now. */
  nodeOf(account: string): Promise<RedisServer>;
  /** Kills a node; its data stay, and `node.restart()` brings it back as a replica of whoever took over. */
  kill(node: RedisServer): Promise<void>;
  /** Settles when every slot is served, by nodes that all the living ones agree on, each of which has a replica if `replicas`. */
  settled(expect?: { readonly replicas?: boolean }): Promise<void>;
  /** Ends all nodes and removes their data. */
  stop(): Promise<void>;
}

const slots = 16_384;

export async function startRedisCluster(options: RedisClusterOptions = {}): Promise<RedisCluster> {
  const { nodes: count = 6, nodeTimeoutMs = 1_000 } = options;
  const nodes = await Promise.all(
    Array.from({ length: count }, async () =>
      startRedis({
        settings: {
          'cluster-enabled': 'yes',
          'cluster-port': String(await freePort()),
          'cluster-node-timeout': String(nodeTimeoutMs),
          'cluster-replica-validity-factor': '0',
          'repl-diskless-sync-delay': '0',
          // A replica counts as available from the first byte that it was sent.
          'repl-ping-replica-period': '1',
          ...options.settings,
        },
      }),
    ),
  );
  const clients = nodes.map(({ port }) => clientOf(port));
  try {
    await join(nodes, clients);
  } finally {
    for (const client of clients) client.disconnect();
  }

  const living = (): readonly RedisServer[] => nodes.filter((node) => node.running());
  const cluster: RedisCluster = {
    url: `redis+cluster://${nodes.map(({ port }) => `127.0.0.1:${port}`).join(',')}`,
    nodes,
    nodeOf: async (account) => {
      const key = `latchkey:{${account}}:meta`;
      for (const { port } of living()) {
        const slot = Number(await ask(port, (client) => client.cluster('KEYSLOT', key)));
        const ranges = await slotRanges(port);
        const range = ranges?.find(({ from, to }) => from <= slot && slot <= to);
        const node = nodes.find((each) => each.port === range?.primary);
        if (node !== undefined) return node;
      }
      throw new Error('no living node knows who serves the account');
    },
    kill: (node) => node.kill(),
    settled: async ({ replicas = false } = {}) => {
      await until('a cluster that agrees', async () => {
        const ports = living().map(({ port }) => port);
        const views = await Promise.all(ports.map(slotRanges));
        return views.every((view) => isWhole(view, ports, replicas)) && sameOwners(views);
      });
    },
    stop: async () => {
      await Promise.all(nodes.map((node) => node.stop()));
    },
  };
  await cluster.settled({ replicas: true });
  return cluster;
}

/** Makes one cluster of servers that know nothing of each other yet. */
async function join(nodes: readonly RedisServer[], clients: readonly Redis[]): Promise<void> {
  const primaries = clients.slice(0, clients.length / 2);
  const replicas = clients.slice(clients.length / 2);
  await Promise.all(clients.map((client, index) => client.cluster('SET-CONFIG-EPOCH', index + 1)));
  const share = Math.ceil(slots / primaries.length);
  await Promise.all(
    primaries.map((client, index) =>
      client.call('CLUSTER', 'ADDSLOTSRANGE', index * share, Math.min(slots, (index + 1) * share) - 1),
    ),
  );
  // Everyone meets everyone: gossip alone takes its time.
  for (const [index, { port }] of nodes.entries()) {
    const [, busPort = ''] = await clients[index]!.config('GET', 'cluster-port');
    for (const client of clients.slice(index + 1))
      await client.call('CLUSTER', 'MEET', '127.0.0.1', port, busPort);
  }
  const known = async (client: Redis): Promise<boolean> =>
    (await client.cluster('INFO')).includes(`cluster_known_nodes:${clients.length}\r`);
  await until('nodes that know each other', async () =>
    (await Promise.all(clients.map(known))).every(Boolean),
  );
  const ids = await Promise.all(primaries.map((client) => client.cluster('MYID')));
  await Promise.all(
    replicas.map(async (client, index) => {
      // A node may not yet have learnt that the other is a primary.
      await until('a primary to follow', () =>
        client.cluster('REPLICATE', ids[index]!).then(
          () => true,
          () => false,
        ),
      );
    }),
  );
}
interface SlotRange {
  readonly from: number;
  readonly to: number;
  readonly primary: number;
  readonly replicas: readonly number[];
}

async function slotRanges(port: number): Promise<readonly SlotRange[] | undefined> {
  const state = await ask(port, (client) => client.cluster('INFO'));
  if (state?.includes('cluster_state:ok') !== true) return undefined;
  const ranges = await ask(port, (client) => client.cluster('SLOTS'));
  return (ranges as [number, number, [string, number], ...[string, number][]][] | undefined)?.map(
    ([from, to, primary, ...replicas]) => ({
      from,
      to,
      primary: primary[1],
      replicas: replicas.map((replica) => replica[1]),
    }),
  );
}

function isWhole(
  view: readonly SlotRange[] | undefined,
  living: readonly number[],
  replicas: boolean,
): view is readonly SlotRange[] {
  if (view === undefined) return false;
  const served = view.filter(({ primary }) => living.includes(primary));
  const total = served.reduce((sum, { from, to }) => sum + to - from + 1, 0);
  return total === slots && (!replicas || view.every((range) => range.replicas.length > 0));
}

function sameOwners(views: readonly (readonly SlotRange[] | undefined)[]): boolean {
  const texts = views.map((view) =>
    view
      ?.map(({ from, primary }) => `${from}:${primary}`)
      .sort()
      .join(' '),
  );
  return new Set(texts).size === 1;
}
