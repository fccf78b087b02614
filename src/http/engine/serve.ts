/** What an issuer answers, endpoint by endpoint. */
import type Provider from 'oidc-provider';
import { audited } from '../../domain/audited.ts';
import { LatchkeyError } from '../../domain/errors.ts';
import { occurrence } from '../../domain/occurrence.ts';
import { oauthErrorOf } from '../../domain/provider/engine/oauth-error.ts';
import { begunWindowSeconds } from '../../domain/provider/sign-in/begun.ts';
import type { RequestContextOf } from '../context.ts';
import { serveAuthorization, serveResume } from './authorize.ts';
import { beginExchange, type Exchange, type Issuer } from './exchange.ts';
import { asAuditedFailure, isOwnFailure } from './failures.ts';
import { serveIntrospection, serveRevocation } from './introspection-endpoint.ts';
import { serveEndSession, serveEndSessionConfirm, serveEndSessionSuccess } from './end-session.ts';
import { serveDiscovery, serveJwks } from './metadata.ts';
import { serveToken } from './token-endpoint.ts';
import type { Serving } from './serving.ts';
import type { Endpoint, IssuerEngine } from './types.ts';
import { serveUserinfo } from './userinfo.ts';

type Operation = Exchange['operation'];

interface Served {
  readonly methods: readonly string[];
  /** Absent: nothing is decided there, so nothing is recorded. */
  readonly operation?: Operation;
  /** Whether people see it: then refusals are pages. */
  readonly page?: true;
  readonly serve: (serving: Serving) => Promise<void>;
}

const read = ['GET', 'HEAD', 'OPTIONS'];
const endpoints: Readonly<Record<Endpoint, Served>> = {
  discovery: { methods: read, serve: serveDiscovery },
  jwks: { methods: read, serve: serveJwks },
  authorization: { methods: ['GET', 'POST'], operation: 'authorize', page: true, serve: serveAuthorization },
  resume: { methods: ['GET'], operation: 'authorize', page: true, serve: serveResume },
  token: { methods: ['POST', 'OPTIONS'], operation: 'issue-tokens', serve: serveToken },
  userinfo: { methods: ['GET', 'POST', 'OPTIONS'], operation: 'userinfo', serve: serveUserinfo },
  introspection: { methods: ['POST'], operation: 'introspect', serve: serveIntrospection },
  revocation: { methods: ['POST', 'OPTIONS'], operation: 'revoke', serve: serveRevocation },
  endSession: { methods: ['GET', 'POST'], page: true, serve: serveEndSession },
  endSessionConfirm: { methods: ['POST'], operation: 'logout', page: true, serve: serveEndSessionConfirm },
  endSessionSuccess: { methods: ['GET'], page: true, serve: serveEndSessionSuccess },
};

/** @throws LatchkeyError as {@link IssuerEngine.serve} does */
export async function serveEndpoint(
  issuer: Issuer,
  engine: IssuerEngine,
  provider: Provider,
  ctx: RequestContextOf,
  endpoint: Endpoint,
): Promise<void> {
  const { methods, operation, page, serve } = endpoints[endpoint];
  ctx.state.renderError = page === true ? pageProblem(issuer, endpoint) : renderOauthError;
  if (!methods.includes(ctx.method)) {
    ctx.set('Allow', methods.join(', '));
    throw new LatchkeyError('METHOD_NOT_ALLOWED');
  }
  const view = await issuer.services.authority.read(issuer.account, []);
  const exchange: Exchange = {
    request: ctx.state.request,
    view,
    operation: operation ?? (endpoint === 'endSession' ? 'logout' : 'authorize'),
    clientId: '',
    undecided: operation === undefined,
  };
  beginExchange(ctx, exchange);
  if (ctx.method === 'OPTIONS') exchange.undecided = true;
  const serving: Serving = { ctx, issuer, engine, provider, exchange };
  await recorded(serving, () => serve(serving));
  // What asks for a client's own credentials, and did not get them.
  if (ctx.status === 401 && clientEndpoints.has(endpoint)) {
    const { services, account } = issuer;
    await services.attempts.failed({
      request: ctx.state.request,
      account,
      name: `client ${exchange.clientId}`,
    });
  }
}

const clientEndpoints: ReadonlySet<Endpoint> = new Set<Endpoint>(['token', 'introspection', 'revocation']);

/** Records what was decided, refusals that were answered as well as those that are thrown. */
async function recorded(serving: Serving, act: () => Promise<void>): Promise<void> {
  const { ctx, issuer, exchange } = serving;
  const { services, spec, account } = issuer;
  await audited(
    services.audit,
    (thrown) => {
      if (exchange.recorded === true && thrown === undefined) return undefined;
      const failure = thrown ?? exchange.failure;
      if (exchange.undecided === true && failure === undefined) return undefined;
      const { operation, role, clientId, grantType, scopes } = exchange;
      const byItself = clientId === '' ? 'unknown' : `${account}:client:${clientId}`;
      return {
        type: 'oidc-provider',
        ...occurrence(services, ctx.state.request, asAuditedFailure(failure)),
        operation,
        role: role?.role ?? (operation === 'authorize' || operation === 'userinfo' ? 'unknown' : byItself),
        client: clientId,
        issuer: spec.issuer,
        ...(grantType === undefined ? {} : { grant: grantType }),
        ...(scopes === undefined ? {} : { scope: scopes.join(' ') }),
      };
    },
    async () => {
      await act();
      const { failure } = exchange;
      if (failure !== undefined && isOwnFailure(failure)) throw asThrown(failure);
    },
  );
}

/** A failure of the service's own, as the outer middleware takes it. */
function asThrown(failure: unknown): Error {
  return failure instanceof Error ? failure : new LatchkeyError('INTERNAL', { cause: failure });
}

/** @see RFC 6749 section 5.2 */
function renderOauthError(ctx: RequestContextOf, failure: LatchkeyError): void {
  const { error, description, status } = oauthErrorOf(failure);
  ctx.status = status;
  if (failure.retryAfterSeconds !== undefined) ctx.set('Retry-After', String(failure.retryAfterSeconds));
  ctx.body = { error, error_description: description };
}

function pageProblem(
  { pages }: Issuer,
  endpoint: Endpoint,
): (ctx: RequestContextOf, failure: LatchkeyError) => void {
  const purpose = endpoint.startsWith('endSession') ? ({ purpose: 'sign-out' } as const) : {};
  return (ctx, failure) => {
    const { error, description, status } = oauthErrorOf(failure);
    ctx.status = status;
    if (status === 429) ctx.set('Retry-After', String(begunWindowSeconds));
    void pages().problem(ctx, { error, description, status, ...purpose });
  };
}
