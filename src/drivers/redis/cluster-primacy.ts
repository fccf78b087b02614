/**
 * Whether the node of a cluster that answered still has its place. One that was cut off from the others
 * goes on answering for as long as `cluster-node-timeout` and half of it again, and by then another may
 * have taken its place.
 */
import type { ChainableCommander, Cluster } from 'ioredis';
import { asBuffer, asList } from './codec.ts';
import { Electors } from './electors.ts';
import { unavailable } from './failures.ts';
import { followersIn, isFollowed, silenceMs, type Belief } from './followers.ts';

export type Replies = readonly (readonly [error: Error | null, reply: unknown])[];

interface Standing {
  /** The name of the node in the cluster; empty where it does not let this client ask. */
  readonly id: string;
  /** What it says of its replicas; empty where it does not let this client ask. */
  readonly replication: string;
}

/** It names a key, as that decides which node is asked. */
const standingScript = `
local id, replication = redis.pcall('CLUSTER', 'MYID'), redis.pcall('INFO', 'replication')
return { type(id) == 'string' and id or '', type(replication) == 'string' and replication or '' }
`;

export class ClusterPrimacy {
  readonly #replicas: number;
  readonly #electors = new Electors();
  readonly #beliefs = new Map<string, Belief>();

  /** @param replicas how many must follow a node for it to be believed without asking the others */
  constructor(replicas: number) {
    this.#replicas = replicas;
  }

  /**
   * Sends what the pipeline has, all of it to the node that has the key, and answers what may be believed. A replica that takes
   * its primary's place no longer follows it; where too few follow, one no longer does, or nothing is known of the node
   * yet, the primaries are asked.
   * @throws LatchkeyError `STORE_UNAVAILABLE`: another node has the place, or nobody knows; what was sent may have been done all the same
   */
  async exec(cluster: Cluster, key: string, pipeline: ChainableCommander): Promise<Replies> {
    pipeline.callBuffer('eval', [standingScript, 1, key]);
    const replies = (await pipeline.exec()) ?? [];
    const [error, reply] = replies.at(-1) ?? [new Error('no reply')];
    if (error !== null) throw error;
    await this.#confirm(cluster, key, standingIn(reply));
    return replies.slice(0, -1);
  }

  async #confirm(cluster: Cluster, key: string, answered: Standing): Promise<void> {
    const { id } = answered;
    const before = this.#beliefs.get(id);
    let standing = answered;
    // A node that was stopped for a while first hears what its replicas sent while they still followed.
    if (performance.now() - (before?.atMs ?? -Infinity) > silenceMs)
      standing = standingIn(await cluster.callBuffer('eval', [standingScript, 1, key]));
    const believed =
      standing.id === id &&
      ((before !== undefined && isFollowed(standing.replication, this.#replicas, before)) ||
        (await this.#electors.confirm(cluster, id)));
    if (believed) {
      this.#beliefs.set(id, { atMs: performance.now(), followers: followersIn(standing.replication) });
      return;
    }
    this.#beliefs.delete(id);
    cluster.refreshSlotsCache();
    throw unavailable('most of the primaries do not confirm that the node has its place');
  }
}

function standingIn(reply: unknown): Standing {
  const [id, replication] = asList(reply);
  return { id: asBuffer(id).toString(), replication: asBuffer(replication).toString() };
}
