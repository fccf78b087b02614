/** One connection to Redis that is never waited for without bound. */
import { Redis } from 'ioredis';
import { makeClient, type Client, type ConnectionLimits } from './client.ts';
import { replyCode, toStoreFailure, unavailable } from './failures.ts';
import type { Primacy } from './primacy.ts';
import type { Script } from './scripts.ts';
import type { Endpoint, RedisTarget } from './url.ts';

export type Argument = string | Buffer | number;

const unknownScript = Symbol('unknown script');

export class Connection {
  readonly #client: Client;
  readonly #limits: ConnectionLimits;
  readonly #primacy: Primacy | undefined;
  readonly #underWay = new Set<Promise<unknown>>();
  /** When the connection was lost, or first tried; undefined while it is there. */
  #downSince: number | undefined = Date.now();
  #lastError: Error | undefined;
  #refusal: Error | undefined;
  #waiting: (() => void)[] = [];
  #closed = false;

  /** @param primacy must confirm each answer, where given */
  constructor(target: RedisTarget, limits: ConnectionLimits, primacy?: Primacy) {
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
        return await client.callBuffer('evalsha', [script.sha, keys.length, ...keys, ...args]);
      } catch (error) {
        if (replyCode(error) !== 'NOSCRIPT') throw error;
        return unknownScript;
      }
    });
    if (reply !== unknownScript) return reply;
    return this.perform((client) => client.callBuffer('eval', [script.text, keys.length, ...keys, ...args]));
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
    if (this.#primacy === undefined || !(client instanceof Redis)) return action(client);
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
