/** Makes the ioredis client for a store address. */
import { Cluster, Redis, type RedisOptions } from 'ioredis';
import type { Endpoint, RedisTarget } from './url.ts';

export type Client = Redis | Cluster;

const firstReconnectDelayMs = 20;
const maxReconnectDelayMs = 500;
const maxLoadingRetryMs = 200;

/**
 * A client that never queues and never resends: a commit whose reply was lost must not be run
 * again behind its caller's back.
 * @param timeoutMs how long a connection may take, and how long a busy one may be silent
 */
export function makeClient(target: RedisTarget, timeoutMs: number): Client {
  const options = optionsFor(target, timeoutMs);
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
        ...(target.tls ? { tls: {}, enableTLSForSentinelMode: true } : {}),
      });
    case 'cluster':
      return new Cluster([...target.endpoints], {
        redisOptions: { ...options, ...(target.tls ? { tls: {} } : {}) },
        enableOfflineQueue: false,
        clusterRetryStrategy: reconnectDelayMs,
        // What was sent on a connection that closed may have been executed.
        retryDelayOnFailover: 0,
        slotsRefreshTimeout: timeoutMs,
      });
  }
}

function optionsFor(target: RedisTarget, timeoutMs: number) {
  return {
    ...accessOf(target),
    protocol: 2,
    connectionName: 'latchkey',
    disableClientInfo: true,
    connectTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    maxLoadingRetryTime: maxLoadingRetryMs,
    // After a failover the connection may still lead to the demoted server.
    reconnectOnError: (error: Error): boolean => error.message.startsWith('READONLY'),
    retryStrategy: reconnectDelayMs,
  } as const satisfies RedisOptions;
}

function reconnectDelayMs(attempt: number): number {
  return Math.min(firstReconnectDelayMs * 2 ** Math.min(attempt, 10), maxReconnectDelayMs);
}

function accessOf(target: RedisTarget): { readonly username?: string; readonly password?: string } {
  return {
    ...(target.username === undefined ? {} : { username: target.username }),
    ...(target.password === undefined ? {} : { password: target.password }),
  };
}

function tlsOf(tls: boolean, endpoint: Endpoint): { readonly tls?: { readonly servername: string } } {
  return tls ? { tls: { servername: endpoint.host } } : {};
}
