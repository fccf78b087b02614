/** The stores and processes that a soak runs on; all of them real servers. */
import { startRedisCluster } from '../../test/support/redis-cluster.ts';
import { startRedis } from '../../test/support/redis-server.ts';
import { startSentinelSet } from '../../test/support/redis-sentinel.ts';
import type { TopologyName } from './arguments.ts';

export interface Topology {
  readonly env: Readonly<Record<string, string>>;
  /** How many processes are started. */
  readonly processes: number;
  /** Kills the store's primary, and settles when another serves and the former follows it. */
  readonly failOver?: () => Promise<void>;
  stop(): Promise<void>;
}

/** @param withFailovers writes wait for a replica, so that nothing acknowledged is lost with a primary */
export async function startTopology(name: TopologyName, withFailovers: boolean): Promise<Topology> {
  switch (name) {
    case 'lmdb':
      return { env: {}, processes: 2, stop: async () => undefined };
    case 'workers':
      return { env: { LATCHKEY_WORKERS: '2' }, processes: 1, stop: async () => undefined };
    case 'redis': {
      const redis = await startRedis();
      return { env: { LATCHKEY_STORE: redis.url }, processes: 2, stop: () => redis.stop() };
    }
    case 'sentinel':
      return sentinel(withFailovers);
    case 'cluster':
      return cluster(withFailovers);
  }
}

async function sentinel(withFailovers: boolean): Promise<Topology> {
  const set = await startSentinelSet();
  return {
    env: { LATCHKEY_STORE: set.url, ...(withFailovers ? waitForOne : {}) },
    processes: 2,
    failOver: async () => {
      const former = await set.killPrimary();
      await set.failedOver(former);
      await set.resume(former);
      await set.replicated();
    },
    stop: () => set.stop(),
  };
}

async function cluster(withFailovers: boolean): Promise<Topology> {
  const nodes = await startRedisCluster();
  return {
    env: { LATCHKEY_STORE: nodes.url, ...(withFailovers ? waitForOne : {}) },
    processes: 2,
    failOver: async () => {
      const former = await nodes.nodeOf('soak');
      await nodes.kill(former);
      await nodes.settled();
      await former.restart();
      await nodes.settled({ replicas: true });
    },
    stop: () => nodes.stop(),
  };
}

const waitForOne = { LATCHKEY_REDIS_WAIT_REPLICAS: '1' };
