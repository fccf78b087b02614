/** Refuses a server that would lose or evict what it acknowledged. */
import { Cluster, type Redis } from 'ioredis';
import { LatchkeyError } from '../../domain/errors.ts';
import type { Client } from './client.ts';
import { replyCode } from './failures.ts';

interface Persistence {
  readonly appendOnly: boolean;
  readonly evictionPolicy: string;
}

/**
 * Asks every server that takes writes how it keeps them: by CONFIG, or by INFO where that is
 * forbidden.
 *
 * @throws LatchkeyError `STORE_REFUSED`: a server keeps no append-only file, may evict, or does not say
 */
export async function requireDurable(client: Client): Promise<void> {
  const servers = client instanceof Cluster ? client.nodes('master') : [client];
  await Promise.all(servers.map(requireDurableServer));
}

async function requireDurableServer(server: Redis): Promise<void> {
  const persistence = (await fromConfig(server)) ?? (await fromInfo(server));
  if (persistence === undefined) {
    throw refused(
      'tells neither by CONFIG nor by INFO whether it keeps what it acknowledges; permit one of them',
    );
  }
  if (!persistence.appendOnly) {
    throw refused('keeps no append-only file and would lose acknowledged writes; set "appendonly yes"');
  }
  if (persistence.evictionPolicy !== 'noeviction') {
    throw refused(
      `may evict records (maxmemory-policy ${persistence.evictionPolicy}); set "maxmemory-policy noeviction"`,
    );
  }
}

async function fromConfig(server: Redis): Promise<Persistence | undefined> {
  const appendOnly = await configValue(server, 'appendonly');
  const evictionPolicy = await configValue(server, 'maxmemory-policy');
  if (appendOnly === undefined || evictionPolicy === undefined) return undefined;
  return { appendOnly: appendOnly === 'yes', evictionPolicy };
}

async function configValue(server: Redis, name: string): Promise<string | undefined> {
  const reply = await unlessForbidden(server.call('CONFIG', ['GET', name]));
  const value: unknown = Array.isArray(reply) ? reply[1] : undefined;
  return typeof value === 'string' ? value : undefined;
}

async function fromInfo(server: Redis): Promise<Persistence | undefined> {
  const info = await unlessForbidden(server.info());
  const appendOnly = /^aof_enabled:([01])/m.exec(info ?? '')?.[1];
  const evictionPolicy = /^maxmemory_policy:([\w-]+)/m.exec(info ?? '')?.[1];
  if (appendOnly === undefined || evictionPolicy === undefined) return undefined;
  return { appendOnly: appendOnly === '1', evictionPolicy };
}

/** Managed services answer an error to commands that they forbid; a lost connection is another matter. */
async function unlessForbidden<Reply>(reply: Promise<Reply>): Promise<Reply | undefined> {
  try {
    return await reply;
  } catch (error) {
    if (replyCode(error) === undefined) throw error;
    return undefined;
  }
}

function refused(fault: string): LatchkeyError {
  return new LatchkeyError('STORE_REFUSED', {
    detail: `the Redis server ${fault} (or allow a volatile store, if its loss is acceptable)`,
  });
}
