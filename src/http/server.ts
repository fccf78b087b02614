/** The HTTP server: listening, time-outs, and a shutdown that finishes what runs. */
import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import Koa from 'koa';
import type { Services } from '../domain/services.ts';
import type { Log } from '../log.ts';
import type { Store } from '../ports/store.ts';
import { renderError } from './conjur/errors.ts';
import { conjurFace } from './conjur/routes.ts';
import type { RequestState } from './context.ts';
import { providerFaces } from './faces.ts';
import { acceptListMethod } from './list-method.ts';
import { errors, type RenderError } from './middleware/errors.ts';
import { requestState } from './middleware/request-state.ts';
import { withSecurityHeaders } from './middleware/security-headers.ts';
import { health } from './ops/health.ts';
import { countFailure, countingRequests, metricsPage, type Telemetry } from './ops/metrics.ts';
import { openApi } from './ops/openapi.ts';

export interface HttpOptions {
  readonly host: string;
  /** 0 picks a free port. */
  readonly port: number;
  /** PEM texts; plain HTTP without. */
  readonly tls?: { readonly cert: string; readonly key: string };
  readonly trustedProxies: readonly string[];
  /** How long a shutdown waits for requests that run. */
  readonly drainTimeoutMs: number;
  /** Where requests are counted, and the figures shown; without, neither. */
  readonly telemetry?: Telemetry;
}

export interface RunningHttp {
  /** `http://127.0.0.1:8080`: where it can be reached. */
  readonly url: string;
  /** Stops accepting, lets running requests finish within the drain time, then ends. */
  close(): Promise<void>;
}

const headersTimeoutMs = 20 * 1_000;
const requestTimeoutMs = 120 * 1_000;
/** Longer than that of common load balancers, so that they, not we, end idle connections. */
const keepAliveTimeoutMs = 80 * 1_000;
const maxHeaderBytes = 32 * 1024;

/** @throws Error of node:net: the address is in use, or may not be listened on */
export async function listen(
  services: Services,
  store: Pick<Store, 'health'>,
  log: Log,
  options: HttpOptions,
): Promise<RunningHttp> {
  let draining = false;
  const app = new Koa<RequestState>();
  app.on('error', (error: unknown) => {
    log.debug({ err: error }, 'the connection failed while answering');
  });
  const { telemetry } = options;
  app.use(requestState(options.trustedProxies));
  app.use(withSecurityHeaders());
  app.use(errors(log, renderByFace, telemetry && countFailure(telemetry)));
  app.use(health(store, () => draining));
  app.use(openApi());
  if (telemetry !== undefined) app.use(metricsPage(telemetry));
  app.use(providerFaces(services, log));
  for (const middleware of conjurFace(services)) app.use(middleware);

  const server = makeServer(app, options);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  return {
    url: urlOf(server, options),
    close: async () => {
      draining = true;
      await drain(server, options.drainTimeoutMs);
    },
  };
}

/** As the face that took the request words it; Conjur's where none did. */
const renderByFace: RenderError = (ctx, failure) => {
  (ctx.state.renderError ?? renderError)(ctx, failure);
};

function makeServer(app: Koa<RequestState>, { tls, telemetry }: HttpOptions): Server {
  const limits = {
    headersTimeout: headersTimeoutMs,
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: keepAliveTimeoutMs,
    maxHeaderSize: maxHeaderBytes,
  };
  const handle = app.callback();
  const onRequest = joined(telemetry === undefined ? handle : countingRequests(handle, telemetry));
  const server =
    tls === undefined
      ? createHttpServer(limits, onRequest)
      : createHttpsServer({ ...limits, ...tls, minVersion: 'TLSv1.2' }, onRequest);
  acceptListMethod(server);
  // Whoever reads the body says that it may come; by default everybody is told so at once.
  return server.on('checkContinue', onRequest);
}

type Handle = ReturnType<Koa['callback']>;

/**
 * Handles the requests that were parsed in one turn of the event loop together, after it. What
 * they do then runs on warm caches, which takes a third off the CPU time of a busy server; a
 * request that comes alone waits for nothing.
 */
function joined(handle: Handle): (...args: Parameters<Handle>) => void {
  let waiting: Parameters<Handle>[] = [];
  const handleAll = (): void => {
    const turn = waiting;
    waiting = [];
    for (const args of turn) void handle(...args);
  };
  return (...args) => {
    if (waiting.push(args) === 1) setImmediate(handleAll);
  };
}

function urlOf(server: Server, { host, tls }: HttpOptions): string {
  const { port } = server.address() as AddressInfo;
  const shown = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `${tls === undefined ? 'http' : 'https'}://${shown}:${String(port)}`;
}

async function drain(server: Server, timeoutMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
  });
  server.closeIdleConnections();
  const timer = setTimeout(() => {
    server.closeAllConnections();
  }, timeoutMs);
  await closed;
  clearTimeout(timer);
}
