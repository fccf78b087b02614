/** Makes the ioredis client for a store address. */
import { isIP } from 'node:net';
import { Cluster, Redis, type RedisOptions } from 'ioredis';
import type { Endpoint, RedisTarget } from './url.ts';

export type Client = Redis | Cluster;

export interface ConnectionLimits {
  /** How long it may take to connect, and how long a lost connection is waited for. */
  readonly connectMs: number;
  /** How long a command may take. */
  readonly replyMs: number;
}

const firstReconnectDelayMs = 20;
const maxReconnectDelayMs = 500;
const maxLoadingRetryMs = 200;
const maxSentinelReplyMs = 1_000;
/** How long a connection may take to close that leads to a server which was replaced. */
const partingMs = 100;
const slotsRefreshMs = 2_000;

/**
 * A client that never queues and never resends: a commit whose reply was lost must not be run
 * again behind its caller's back.
 */
export function makeClient(target: RedisTarget, limits: ConnectionLimits): Client {
  const options = optionsFor(target, limits);
  switch (target.kind) {
    case 'server':
      return new Redis({
        ...options,
        ...target.endpoint,
        db: target.db,
        ...tlsOf(target.tls, target.endpoint),
      });
    case 'socket':
      return new Redis({ ...options, path: target.path, db: target.db });
    case 'sentinel':
      return new Redis({
        ...options,
        sentinels: [...target.endpoints],
        name: target.name,
        db: target.db,
        sentinelRetryStrategy: reconnectDelayMs,
        // A sentinel that hangs must not keep the others from being asked.
        sentinelCommandTimeout: Math.min(limits.connectMs, maxSentinelReplyMs),
        disconnectTimeout: partingMs,
        ...(target.tls ? { tls: {}, enableTLSForSentinelMode: true } : {}),
      });
    case 'cluster':
      return new Cluster([...target.endpoints], {
        redisOptions: { ...options, ...(target.tls ? { tls: {} } : {}) },
        // Without it, commands for a node that is just being connected fail; it is bounded as that is.
        enableOfflineQueue: true,
        clusterRetryStrategy: reconnectDelayMs,
        // What was sent on a connection that closed may have been executed.
        retryDelayOnFailover: 0,
        slotsRefreshTimeout: limits.connectMs,
        // A node that hangs does not say that another has its slots by now.
        slotsRefreshInterval: slotsRefreshMs,
      });
  }
}

function optionsFor(target: RedisTarget, limits: ConnectionLimits) {
  return {
    ...accessOf(target),
    protocol: 2,
    connectionName: 'latchkey',
    disableClientInfo: true,
    connectTimeout: limits.connectMs,
    socketTimeout: limits.replyMs,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    maxLoadingRetryTime: maxLoadingRetryMs,
    // After a failover the connection may still lead to the demoted server.
    reconnectOnError: (error: Error): boolean => error.message.startsWith('READONLY'),
    retryStrategy: reconnectDelayMs,
  } as const satisfies RedisOptions;
}

/** How long to wait before another attempt to connect. */
export function reconnectDelayMs(attempt: number): number {
  return Math.min(firstReconnectDelayMs * 2 ** Math.min(attempt, 10), maxReconnectDelayMs);
}

function accessOf(target: RedisTarget): { readonly username?: string; readonly password?: string } {
  return {
    ...(target.username === undefined ? {} : { username: target.username }),
    ...(target.password === undefined ? {} : { password: target.password }),
  };
}

/** A server is asked for by name; an address must not be sent as one (RFC 6066, section 3). */
function tlsOf(tls: boolean, { host }: Endpoint): { readonly tls?: { readonly servername?: string } } {
  if (!tls) return {};
  return { tls: isIP(host) === 0 ? { servername: host } : {} };
}
