/** How the servers of a set are asked what they know: one question, one connection. */
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';

const pollMs = 50;
const untilTimeoutMs = 60 * 1_000;

/** A client that never tries again, not yet connected. */
export function clientOf(port: number): Redis {
  const client = new Redis({
    host: '127.0.0.1',
    port,
    lazyConnect: true,
    retryStrategy: null,
    maxRetriesPerRequest: 0,
    enableReadyCheck: false,
    connectTimeout: 1_000,
    commandTimeout: 5_000,
    replyMapping: 'legacy',
  });
  client.on('error', () => undefined);
  return client;
}

/** Asks a server one thing; undefined where it does not answer. */
export async function ask<Reply>(
  port: number,
  question: (client: Redis) => Promise<Reply>,
): Promise<Reply | undefined> {
  const client = clientOf(port);
  try {
    await client.connect();
    return await question(client);
  } catch {
    return undefined;
  } finally {
    client.disconnect();
  }
}

/** Settles when the condition holds. @throws Error that names it, where it does not within a minute */
export async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + untilTimeoutMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await pause(pollMs);
  }
}
