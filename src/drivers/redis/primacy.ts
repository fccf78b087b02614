/**
 * Whether a server that answered is still the primary. One that was cut off, or stopped for a
 * while, does not know that another has taken its place, and would answer with what is no
 * longer so.
 */
import type { Redis } from 'ioredis';
import { replyCode, unavailable } from './failures.ts';
import type { Sentinels } from './sentinels.ts';

/** Replicas report once a second; a primary that was replaced has not heard of them for longer. */
const freshLagSeconds = 1;
/** Shorter than any time in which a primary can be found dead and another be promoted. */
export const silenceMs = 500;

export class Primacy {
  readonly #sentinels: Sentinels;
  readonly #replicas: number;
  readonly #confirmedMs = new WeakMap<object, number>();

  /** @param replicas how many must follow a primary for it to be believed without asking the sentinels */
  constructor(sentinels: Sentinels, replicas: number) {
    this.#sentinels = sentinels;
    this.#replicas = replicas;
  }

  /**
   * What was answered on this connection before this call may be believed once it settles. A replica
   * that is made the primary no longer follows, so one that is followed was not replaced; where too few follow, the
   * sentinels are asked.
   * @throws LatchkeyError `STORE_UNAVAILABLE`: another is the primary, or nobody knows; the connection should be given up
   */
  async confirm(client: Redis): Promise<void> {
    const { stream } = client;
    const { remoteAddress = '', remotePort = 0 } = stream;
    let info = await replicationOf(client);
    // A server that was stopped for a while first hears what its replicas sent while they still followed.
    if (performance.now() - (this.#confirmedMs.get(stream) ?? -Infinity) > silenceMs)
      info = await replicationOf(client);
    if (info.includes('role:slave')) throw unavailable('the server is a replica by now');
    const believed =
      freshReplicas(info) >= this.#replicas ||
      (await this.#sentinels.confirm(plainAddress(remoteAddress), remotePort));
    if (believed) this.#confirmedMs.set(stream, performance.now());
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

/** How many replicas a server has heard from just now, by what it says of its replication. */
export function freshReplicas(info: string): number {
  let count = 0;
  for (const [, lag] of info.matchAll(/^slave\d+:.*state=online,.*lag=(\d+)/gm)) {
    if (Number(lag) <= freshLagSeconds) count += 1;
  }
  return count;
}

function plainAddress(address: string): string {
  return address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address;
}
