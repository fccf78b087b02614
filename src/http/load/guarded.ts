/** What stands between the network and the first middleware: bounds on connections, transfers and requests. */
import type { IncomingMessage, Server, ServerOptions, ServerResponse } from 'node:http';
import type { LoadMetrics } from '../../metrics/load-metrics.ts';
import { Admission, type AdmissionLimits } from './admission.ts';
import { boundConnections, type ConnectionLimits } from './connections.ts';
import { oneAtATime } from './one-at-a-time.ts';
import { refuseForLoad } from './refusal.ts';
import { SlowTransfers } from './slow-transfers.ts';

export interface LoadLimits extends AdmissionLimits, ConnectionLimits {
  /** How long the head of a request may take, from when the connection is made or the last answer is given. */
  readonly headersTimeoutMs: number;
  /** How long a whole request may take to arrive. */
  readonly requestTimeoutMs: number;
  /** How long a body may take to arrive, and an answer to be read, however slow that is. */
  readonly transferGraceMs: number;
  /** What has to get through beyond that. */
  readonly minTransferBytesPerSecond: number;
}

/** Longer than that of common load balancers, so that they, not we, end idle connections. */
const keepAliveTimeoutMs = 80 * 1_000;
const maxHeaderBytes = 32 * 1_024;
const maxCheckIntervalMs = 5_000;

/** What Node's own server is to hold to. */
export function serverOptionsOf({ headersTimeoutMs, requestTimeoutMs }: LoadLimits): ServerOptions {
  return {
    headersTimeout: headersTimeoutMs,
    requestTimeout: requestTimeoutMs,
    connectionsCheckingInterval: Math.min(maxCheckIntervalMs, headersTimeoutMs / 4),
    keepAliveTimeout: keepAliveTimeoutMs,
    maxHeaderSize: maxHeaderBytes,
  };
}

type Handle = (request: IncomingMessage, response: ServerResponse) => Promise<unknown>;
type Listener = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * The listener of a server whose requests `handle` answers, within the bounds.
 * @param metrics where it is counted what strikes
 */
export function withinLimits(limits: LoadLimits, handle: Handle, metrics: LoadMetrics | undefined): Listener {
  const transfers = new SlowTransfers(
    { graceMs: limits.transferGraceMs, minBytesPerSecond: limits.minTransferBytesPerSecond },
    (kind) => metrics?.connectionEnded(kind),
  );
  const admission = new Admission(
    limits,
    async (request, response) => {
      if (!request.complete) transfers.watchRequest(request, response);
      await handle(request, response);
      transfers.watchAnswer(request, response);
    },
    (request, response, reason) => {
      metrics?.requestRefused(reason);
      refuseForLoad(request, response);
    },
  );
  return oneAtATime(admission.take);
}

/** Bounds a server's connections; see {@link boundConnections}. */
export function guardConnections(
  server: Server,
  limits: LoadLimits,
  isTrusted: (address: string) => boolean,
  metrics: LoadMetrics | undefined,
): void {
  boundConnections(server, limits, isTrusted, (reason) => metrics?.connectionDropped(reason));
}
