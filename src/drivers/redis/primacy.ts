/**
 * Whether a server that answered is still the primary. One that was cut off, or stopped for a
 * while, does not know that another has taken its place, and would answer with what is no
 * longer so.
 */
import type { Redis } from 'ioredis';
import { replyCode, unavailable } from './failures.ts';
import { followersIn, isFollowed, silenceMs, type Belief } from './followers.ts';
import type { Sentinels } from './sentinels.ts';

export class Primacy {
  readonly #sentinels: Sentinels;
  readonly #replicas: number;
  readonly #beliefs = new WeakMap<object, Belief>();

  /** @param replicas how many must follow a primary for it to be believed without asking the sentinels */
  constructor(sentinels: Sentinels, replicas: number) {
    this.#sentinels = sentinels;
    this.#replicas = replicas;
  }

  /**
   * What was answered on this connection before this call may be believed once it settles. A replica
   * that is made the primary no longer follows, so one that is followed by the same was not replaced; where too few
   * follow, or one no longer does, the sentinels are asked.
   * @throws LatchkeyError `STORE_UNAVAILABLE`: another is the primary, or nobody knows; the connection should be given up
   */
  async confirm(client: Redis): Promise<void> {
    const { stream } = client;
    const { remoteAddress = '', remotePort = 0 } = stream;
    const before = this.#beliefs.get(stream);
    let info = await replicationOf(client);
    // A server that was stopped for a while first hears what its replicas sent while they still followed.
    if (performance.now() - (before?.atMs ?? -Infinity) > silenceMs) info = await replicationOf(client);
    if (info.includes('role:slave')) throw unavailable('the server is a replica by now');
    const believed =
      isFollowed(info, this.#replicas, before) ||
      (await this.#sentinels.confirm(plainAddress(remoteAddress), remotePort));
    if (believed) this.#beliefs.set(stream, { atMs: performance.now(), followers: followersIn(info) });
    else throw unavailable('the sentinels do not confirm that the server is the primary');
  }
}

/** Empty where the server does not let this client ask. */
async function replicationOf(client: Redis): Promise<string> {
  try {
    return await client.info('replication');
  } catch (error) {
    if (replyCode(error) === undefined) throw error;
    return '';
  }
}

function plainAddress(address: string): string {
  return address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address;
}
