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
import { Drain } from './drain.ts';
import { providerFaces } from './faces.ts';
import { acceptListMethod } from './list-method.ts';
import { guardConnections, serverOptionsOf, withinLimits, type LoadLimits } from './load/guarded.ts';
import { trustedAddresses } from './middleware/client-address.ts';
import { errors, type RenderError } from './middleware/errors.ts';
import { requestState } from './middleware/request-state.ts';
import { withSecurityHeaders } from './middleware/security-headers.ts';
import { health } from './ops/health.ts';
import { countFailure, countingRequests, metricsPage, type Telemetry } from './ops/metrics.ts';
import { openApi } from './ops/openapi.ts';
import { renewTicketKeys, tlsServerOptions, useCertificate, type TlsPair } from './tls.ts';

export interface HttpOptions {
  readonly host: string;
  /** 0 picks a free port. */
  readonly port: number;
  /** PEM texts; plain HTTP without. */
  readonly tls?: TlsPair;
  /** What HTTPS answers say in Strict-Transport-Security; 0 leaves it out. */
  readonly hstsMaxAgeSeconds: number;
  readonly trustedProxies: readonly string[];
  readonly limits: LoadLimits;
  /** How long a shutdown waits for requests that run. */
  readonly drainTimeoutMs: number;
  /** How long a shutdown asks clients to close connections that they keep alive. */
  readonly drainIdleMs: number;
  /** Where requests are counted, and the figures shown; without, neither. */
  readonly telemetry?: Telemetry;
}

export interface RunningHttp {
  /** `http://127.0.0.1:8080`: where it can be reached. */
  readonly url: string;
  /** Shows another certificate to connections from now on; without TLS there is none to change. */
  useCertificate(pair: TlsPair): void;
  /** Tells clients to go, stops accepting, lets running requests finish within the drain time, then ends. */
  close(): Promise<void>;
}

/** @throws Error of node:net: the address is in use, or may not be listened on */
export async function listen(
  services: Services,
  store: Pick<Store, 'health'>,
  log: Log,
  options: HttpOptions,
): Promise<RunningHttp> {
  const drain = new Drain();
  const app = new Koa<RequestState>();
  app.on('error', (error: unknown) => {
    log.debug({ err: error }, 'the connection failed while answering');
  });
  const { telemetry } = options;
  app.use(requestState(options.trustedProxies));
  app.use(withSecurityHeaders(options));
  app.use(errors(log, renderByFace, telemetry && countFailure(telemetry)));
  app.use(health(store, () => drain.isUnderWay));
  app.use(openApi());
  if (telemetry !== undefined) app.use(metricsPage(telemetry));
  app.use(providerFaces(services, log));
  for (const middleware of conjurFace(services)) app.use(middleware);

  const server = makeServer(app, drain, options);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  return {
    url: urlOf(server, options),
    useCertificate: (pair) => {
      useCertificate(server, pair);
    },
    close: async () => {
      await drain.run(server, { idleMs: options.drainIdleMs, timeoutMs: options.drainTimeoutMs });
    },
  };
}

/** As the face that took the request words it; Conjur's where none did. */
const renderByFace: RenderError = (ctx, failure) => {
  (ctx.state.renderError ?? renderError)(ctx, failure);
};

function makeServer(
  app: Koa<RequestState>,
  drain: Drain,
  { tls, telemetry, limits: bounds, trustedProxies }: HttpOptions,
): Server {
  const handle = drain.announcing(app.callback());
  const counted = telemetry === undefined ? handle : countingRequests(handle, telemetry);
  const onRequest = withinLimits(bounds, counted, telemetry?.metrics.load);
  const limits = serverOptionsOf(bounds);
  const server =
    tls === undefined
      ? createHttpServer(limits, onRequest)
      : createHttpsServer({ ...limits, ...tlsServerOptions(tls, bounds.headersTimeoutMs) }, onRequest);
  renewTicketKeys(server);
  guardConnections(server, bounds, trustedAddresses(trustedProxies), telemetry?.metrics.load);
  acceptListMethod(server);
  // Whoever reads the body says that it may come; by default everybody is told so at once.
  return server.on('checkContinue', onRequest);
}

function urlOf(server: Server, { host, tls }: HttpOptions): string {
  const { port } = server.address() as AddressInfo;
  const shown = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `${tls === undefined ? 'http' : 'https'}://${shown}:${String(port)}`;
}
