/** A primary with replicas, watched by sentinels: all of them real servers, which end with this process at the latest. */
import { ask, until } from './redis-question.ts';
import { startRedis, type RedisServer, type RedisServerOptions } from './redis-server.ts';

export interface SentinelSetOptions {
  /** How many replicas the primary has; 1 by default. */
  readonly replicas?: number;
  /** How many sentinels watch; 3 by default. A majority of them decides. */
  readonly sentinels?: number;
  /** After how long a silent primary counts as down; 1,000 by default. A failover takes one to three seconds more. */
  readonly downAfterMs?: number;
  /** Settings of the data servers beyond those of {@link startRedis}. */
  readonly settings?: RedisServerOptions['settings'];
}

export interface SentinelSet {
  /** `redis+sentinel://…/latchkey`: what `--store` takes. */
  readonly url: string;
  /** The data servers, in no order that matters: any of them may be the primary. */
  readonly servers: readonly RedisServer[];
  readonly sentinels: readonly RedisServer[];
  /** The server that most sentinels take for the primary just now. */
  primary(): Promise<RedisServer>;
  /**
   * Kills the primary, or stops it with SIGSTOP, which {@link resume} undoes.
   * @returns the server that was the primary
   */
  killPrimary(signal?: 'SIGKILL' | 'SIGSTOP'): Promise<RedisServer>;
  /** The same as `killPrimary('SIGSTOP')`. */
  pause(): Promise<RedisServer>;
  /** Continues a server that was stopped, or starts one again that was killed; it becomes a replica where another is primary by now. */
  resume(server: RedisServer): Promise<void>;
  /** Settles when every sentinel names a primary other than `former`, and that server takes writes. */
  failedOver(former: RedisServer): Promise<RedisServer>;
  /** Settles when the primary has as many replicas in step as at the start. */
  replicated(): Promise<void>;
  /** Ends all servers and removes their data. */
  stop(): Promise<void>;
}

const name = 'latchkey';
const failoverTimeoutMs = 5 * 1_000;

export async function startSentinelSet(options: SentinelSetOptions = {}): Promise<SentinelSet> {
  const { replicas = 1, downAfterMs = 1_000 } = options;
  const settings = { 'repl-diskless-sync-delay': '0', ...options.settings };
  const first = await startRedis({ settings });
  const following = { ...settings, replicaof: `127.0.0.1 ${first.port}` };
  const others = await Promise.all(
    Array.from({ length: replicas }, () => startRedis({ settings: following })),
  );
  const servers = [first, ...others];
  await until(`${replicas} replicas`, () => hasReplicas(first, replicas));
  const count = options.sentinels ?? 3;
  const lines = [
    `sentinel monitor ${name} 127.0.0.1 ${first.port} ${Math.floor(count / 2) + 1}`,
    `sentinel down-after-milliseconds ${name} ${downAfterMs}`,
    `sentinel failover-timeout ${name} ${failoverTimeoutMs}`,
  ];
  const sentinels = await Promise.all(Array.from({ length: count }, () => startRedis({ sentinel: lines })));
  await until('sentinels that know each other', async () =>
    (await Promise.all(sentinels.map((sentinel) => knowsAll(sentinel, count - 1, replicas)))).every(Boolean),
  );

  const named = async (): Promise<readonly (number | undefined)[]> => Promise.all(sentinels.map(primaryPort));
  const primary = async (): Promise<RedisServer> => {
    const ports = await named();
    const found = servers.find(
      ({ port }) => ports.filter((each) => each === port).length * 2 > sentinels.length,
    );
    if (found === undefined) throw new Error(`the sentinels name no primary: ${ports.join(', ')}`);
    return found;
  };
  const killPrimary = async (signal: 'SIGKILL' | 'SIGSTOP' = 'SIGKILL'): Promise<RedisServer> => {
    const found = await primary();
    if (signal === 'SIGSTOP') found.signal(signal);
    else await found.kill();
    return found;
  };
  return {
    url: `redis+sentinel://${sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',')}/${name}`,
    servers,
    sentinels,
    primary,
    killPrimary,
    pause: () => killPrimary('SIGSTOP'),
    resume: async (server) => {
      if (server.running()) server.signal('SIGCONT');
      else await server.restart();
    },
    failedOver: async (former) => {
      await until('another primary', async () => {
        const ports = await named();
        const port = ports[0];
        if (port === undefined || port === former.port) return false;
        return ports.every((each) => each === port) && (await roleOf(port)) === 'master';
      });
      return primary();
    },
    replicated: () => until('replicas in step', async () => hasReplicas(await primary(), replicas)),
    stop: async () => {
      await Promise.all([...sentinels, ...servers].map((server) => server.stop()));
    },
  };
}

async function primaryPort({ port }: RedisServer): Promise<number | undefined> {
  const address = await ask(port, (client) => client.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', name));
  return Array.isArray(address) ? Number(address[1]) : undefined;
}

async function knowsAll({ port }: RedisServer, sentinels: number, replicas: number): Promise<boolean> {
  const info = await ask(port, (client) => client.info('sentinel'));
  return (
    info?.includes(`status=ok,`) === true && info.includes(`slaves=${replicas},sentinels=${sentinels + 1}`)
  );
}

async function hasReplicas({ port }: RedisServer, count: number): Promise<boolean> {
  const info = await ask(port, (client) => client.info('replication'));
  return (info?.match(/^slave\d+:.*state=online/gm) ?? []).length >= count;
}

async function roleOf(port: number): Promise<unknown> {
  const role = await ask(port, (client) => client.call('ROLE'));
  return Array.isArray(role) ? role[0] : undefined;
}
