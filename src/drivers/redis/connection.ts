/** One connection to Redis that is never waited for without bound. */
import { Cluster, Redis, type ChainableCommander } from 'ioredis';
import { makeClient, type Client, type ConnectionLimits } from './client.ts';
import { ClusterPrimacy, type Replies } from './cluster-primacy.ts';
import { replyCode, toStoreFailure, unavailable } from './failures.ts';
import { Primacy } from './primacy.ts';
import type { Script } from './scripts.ts';
import type { Endpoint, RedisTarget } from './url.ts';

export type Argument = string | Buffer | number;

const unknownScript = Symbol('unknown script');

export class Connection {
  readonly #client: Client;
  readonly #limits: ConnectionLimits;
  readonly #primacy: Primacy | ClusterPrimacy | undefined;
  readonly #underWay = new Set<Promise<unknown>>();
  /** When the connection was lost, or first tried; undefined while it is there. */
  #downSince: number | undefined = Date.now();
  #lastError: Error | undefined;
  #refusal: Error | undefined;
  #waiting: (() => void)[] = [];
  #closed = false;

  /** @param primacy must confirm each answer, where given */
  constructor(target: RedisTarget, limits: ConnectionLimits, primacy?: Primacy | ClusterPrimacy) {
    this.#limits = limits;
    this.#primacy = primacy;
    this.#client = makeClient(target, limits);
    this.#client.on('connect', () => {
      this.#refusal = undefined;
    });
    this.#client.on('error', (error: Error) => {
      this.#lastError = error;
      if (replyCode(error) === undefined) return;
      this.#refusal = error;
      this.#proceed();
    });
    this.#client.on('close', () => {
      this.#downSince ??= Date.now();
    });
    this.#client.on('ready', () => {
      this.#downSince = undefined;
      this.#lastError = undefined;
      this.#proceed();
    });
  }

  /** Why the server does not let this client in: its credentials, or a database that it does not have. */
  get refusal(): Error | undefined {
    return this.#refusal;
  }

  #proceed(): void {
    for (const proceed of this.#waiting.splice(0)) proceed();
  }

  /**
   * Runs a script, by its hash where the server knows it.
   * @throws LatchkeyError `STORE_UNAVAILABLE`, `INTERNAL`
   */
  async run(script: Script, keys: readonly string[], args: readonly Argument[]): Promise<unknown> {
    const reply = await this.perform(async (client) => {
      try {
        return await this.#call(client, 'evalsha', [script.sha, keys.length, ...keys, ...args], keys[0]);
      } catch (error) {
        if (replyCode(error) !== 'NOSCRIPT') throw error;
        return unknownScript;
      }
    });
    if (reply !== unknownScript) return reply;
    return this.call('eval', [script.text, keys.length, ...keys, ...args], keys[0]);
  }

  /**
   * Runs one command.
   * @param key one that it works on, which decides which node of a cluster is asked; any where it works on none
   * @throws LatchkeyError `STORE_UNAVAILABLE`, `INTERNAL`
   */
  call(command: string, args: readonly Argument[], key: string | undefined): Promise<unknown> {
    return this.perform((client) => this.#call(client, command, args, key));
  }

  async #call(client: Client, command: string, args: readonly Argument[], key?: string): Promise<unknown> {
    if (key === undefined || !(this.#primacy instanceof ClusterPrimacy))
      return client.callBuffer(command, [...args]);
    const [answer] = await this.#exec(client, key, (pipeline) => pipeline.callBuffer(command, [...args]));
    const [error, reply] = answer ?? [new Error('no reply')];
    if (error !== null) throw error;
    return reply;
  }

  /**
   * Sends commands together.
   * @param key one that they work on, which decides which node of a cluster gets all of them
   * @throws LatchkeyError `STORE_UNAVAILABLE`, `INTERNAL`
   */
  exchange(key: string, fill: (pipeline: ChainableCommander) => unknown): Promise<Replies> {
    return this.perform((client) => this.#exec(client, key, fill));
  }

  async #exec(
    client: Client,
    key: string,
    fill: (pipeline: ChainableCommander) => unknown,
  ): Promise<Replies> {
    const pipeline = client.pipeline();
    fill(pipeline);
    if (client instanceof Cluster && this.#primacy instanceof ClusterPrimacy)
      return this.#primacy.exec(client, key, pipeline);
    return (await pipeline.exec()) ?? [];
  }

  /**
   * Does something with the client as soon as it is connected. Once the connection has been away
   * for as long as it may be, nobody waits for it any more.
   * @throws LatchkeyError `STORE_UNAVAILABLE`, `INTERNAL`
   */
  async perform<Result>(action: (client: Client) => Promise<Result>): Promise<Result> {
    if (this.#closed) throw unavailable('the store has been closed');
    const work = this.#whenReady(action);
    this.#underWay.add(work);
    try {
      return await work;
    } catch (error) {
      throw toStoreFailure(error);
    } finally {
      this.#underWay.delete(work);
    }
  }

  async #whenReady<Result>(action: (client: Client) => Promise<Result>): Promise<Result> {
    if (this.#downSince !== undefined && this.#refusal === undefined) {
      const patienceMs = this.#downSince + this.#limits.connectMs - Date.now();
      if (patienceMs <= 0) throw unavailable(this.#lastError ?? 'it is not connected');
      await this.#within(patienceMs, new Promise<void>((resolve) => this.#waiting.push(resolve)));
    }
    if (this.#refusal !== undefined) throw unavailable(this.#refusal);
    return this.#within(this.#limits.replyMs, this.#confirmed(action));
  }

  /** The question whether the server is the primary follows on the heels of what was asked. */
  async #confirmed<Result>(action: (client: Client) => Promise<Result>): Promise<Result> {
    const client = this.#client;
    if (!(this.#primacy instanceof Primacy) || !(client instanceof Redis)) return action(client);
    const { stream } = client;
    const confirmed = this.#primacy.confirm(client).catch((error: unknown) => {
      if (client.stream === stream) this.#reconnect(client);
      throw error;
    });
    const [result] = await Promise.all([action(client), confirmed]);
    return result;
  }

  /** Lets go of a server that is not the primary any more. */
  leaveUnless(primary: Endpoint): void {
    if (!(this.#client instanceof Redis) || this.#client.status !== 'ready') return;
    const { remoteAddress, remotePort } = this.#client.stream;
    if (remoteAddress !== primary.host || remotePort !== primary.port) this.#reconnect(this.#client);
  }

  /** What comes meanwhile waits: the connection is not there, although its end has not come yet. */
  #reconnect(client: Redis): void {
    if (this.#downSince !== undefined) return;
    this.#downSince = Date.now();
    client.disconnect(true);
  }

  async #within<Result>(limitMs: number, work: Promise<Result>): Promise<Result> {
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<never>((_resolve, reject) => {
      const giveUp = (): void => {
        reject(unavailable(this.#lastError ?? `no answer within ${limitMs} ms`));
      };
      timer = setTimeout(giveUp, limitMs);
    });
    try {
      return await Promise.race([work, tooLate]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Waits for what is under way, then lets go of the connection. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#underWay);
    this.#client.disconnect();
  }
}
