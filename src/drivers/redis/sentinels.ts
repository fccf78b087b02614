/**
 * The sentinels that watch a primary: they say when it is replaced, and whether a server that has
 * lost sight of its replicas is still the one.
 */
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { Redis } from 'ioredis';
import { reconnectDelayMs, type ConnectionLimits } from './client.ts';
import { SharedQuestion } from './shared-question.ts';
import type { Endpoint, RedisTarget } from './url.ts';

export type SentinelTarget = Extract<RedisTarget, { readonly kind: 'sentinel' }>;

const replyMs = 1_000;
const switched = '+switch-master';

/** The address that a sentinel gives; undefined where it gives none. */
type Answer = Endpoint | undefined;

export class Sentinels {
  readonly #target: SentinelTarget;
  readonly #limits: ConnectionLimits;
  readonly #listeners: readonly Redis[];
  #asked: readonly Redis[] | undefined;
  readonly #answers = new SharedQuestion(() => this.#askAll());

  /** @param onSwitch is told when the primary was replaced, as often as there are sentinels that say so */
  constructor(target: SentinelTarget, limits: ConnectionLimits, onSwitch: (primary: Endpoint) => void) {
    this.#target = target;
    this.#limits = limits;
    this.#listeners = target.endpoints.map((endpoint) => {
      const client = this.#connect(endpoint);
      client.on('ready', () => void client.subscribe(switched).catch(() => undefined));
      client.on('message', (_channel: string, message: string) => {
        const [name, , , host, port] = message.split(' ');
        if (name === target.name && host !== undefined) onSwitch({ host, port: Number(port) });
      });
      return client;
    });
  }

  /**
   * Whether this is the address of the primary, as asked for from now on: most sentinels say so, and none
   * that answers says otherwise.
   */
  async confirm(address: string, port: number): Promise<boolean> {
    const answers = await this.#answers.ask();
    const same = await Promise.all(answers.map((answer) => isAt(answer, address, port)));
    return !same.includes(false) && same.filter(Boolean).length * 2 > answers.length;
  }

  close(): void {
    for (const client of [...this.#listeners, ...(this.#asked ?? [])]) client.disconnect();
  }

  #askAll(): Promise<readonly Answer[]> {
    this.#asked ??= this.#target.endpoints.map((endpoint) => this.#connect(endpoint));
    return Promise.all(this.#asked.map((client) => this.#askOne(client)));
  }

  async #askOne(client: Redis): Promise<Answer> {
    try {
      const reply = await client.call('SENTINEL', ['GET-MASTER-ADDR-BY-NAME', this.#target.name]);
      return Array.isArray(reply) ? { host: String(reply[0]), port: Number(reply[1]) } : undefined;
    } catch {
      return undefined;
    }
  }

  #connect({ host, port }: Endpoint): Redis {
    const client = new Redis({
      host,
      port,
      protocol: 2,
      connectionName: 'latchkey',
      disableClientInfo: true,
      enableReadyCheck: false,
      autoResubscribe: false,
      autoResendUnfulfilledCommands: false,
      connectTimeout: Math.min(this.#limits.connectMs, replyMs),
      // A command waits for the connection only as long as for an answer.
      commandTimeout: Math.min(this.#limits.replyMs, replyMs),
      maxRetriesPerRequest: 0,
      retryStrategy: reconnectDelayMs,
    });
    // One of several may be away; what matters is what the others say.
    client.on('error', () => undefined);
    return client;
  }
}

/** Undefined where there is no answer. A sentinel may name its primary instead of giving its address. */
async function isAt(answer: Answer, address: string, port: number): Promise<boolean | undefined> {
  if (answer === undefined) return undefined;
  if (answer.port !== port) return false;
  if (isIP(answer.host) !== 0) return answer.host === address;
  try {
    return (await lookup(answer.host, { all: true })).some((each) => each.address === address);
  } catch {
    return undefined;
  }
}
