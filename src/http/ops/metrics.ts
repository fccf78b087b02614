/** Figures for Prometheus: what is counted of requests, and the page that shows them. */
import { performance } from 'node:perf_hooks';
import type Koa from 'koa';
import type { Middleware } from 'koa';
import type { LatchkeyError } from '../../domain/errors.ts';
import type { Figures } from '../../metrics/figures.ts';
import type { Inventory } from '../../metrics/inventory.ts';
import { operationOf } from '../../metrics/operations.ts';
import type { ServiceMetrics } from '../../metrics/service-metrics.ts';
import type { RequestContextOf, RequestState } from '../context.ts';

/** What is served where figures are asked for. */
export interface Telemetry {
  readonly metrics: ServiceMetrics;
  readonly inventory: () => Promise<Inventory>;
  /** What other processes of the service counted. */
  readonly others?: () => Promise<readonly Figures[]>;
}

const mediaType = 'text/plain';

type Handle = ReturnType<Koa['callback']>;

/** Counts and times every request that `handle` answers. Around it all, as one more layer within would cost more. */
export function countingRequests(handle: Handle, { metrics }: Telemetry): Handle {
  return async (request, response) => {
    const startedAt = performance.now();
    await handle(request, response);
    const seconds = (performance.now() - startedAt) / 1_000;
    const operation = operationOf(request.method ?? '', pathOf(request.url ?? ''));
    metrics.requestEnded(operation, response.statusCode, seconds);
  };
}

function pathOf(url: string): string {
  const query = url.indexOf('?');
  return query === -1 ? url : url.slice(0, query);
}

/** Counts the failures that are the service's own. */
export function countFailure({
  metrics,
}: Telemetry): (ctx: RequestContextOf, failure: LatchkeyError) => void {
  return (ctx, failure) => {
    metrics.requestFailed(operationOf(ctx.method, ctx.path), failure);
  };
}

/**
 * `GET /metrics`, without a token; 406 for whoever does not accept plain text.
 * @see Conjur: `Monitoring::Middleware::PrometheusExporter`
 */
export function metricsPage({ metrics, inventory, others }: Telemetry): Middleware<RequestState> {
  return async (ctx, next) => {
    if (ctx.path !== '/metrics' || (ctx.method !== 'GET' && ctx.method !== 'HEAD')) {
      await next();
      return;
    }
    if (ctx.accepts(`${mediaType}; version=0.0.4`, mediaType) === false) {
      ctx.status = 406;
      ctx.set('Content-Type', mediaType);
      ctx.body = `Supported media types: ${mediaType}`;
      return;
    }
    ctx.set('Content-Type', metrics.contentType);
    ctx.body = await metrics.text(await inventory(), await others?.());
  };
}
