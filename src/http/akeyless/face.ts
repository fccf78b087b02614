/** Akeyless' dialect: its management API, and the issuer of its OIDC apps. */
import type { Middleware } from 'koa';
import { LatchkeyError } from '../../domain/errors.ts';
import { identifiersIn } from '../../domain/provider/identifiers.ts';
import type { Services } from '../../domain/services.ts';
import type { RequestContextOf, RequestState } from '../context.ts';
import { formParameters } from '../engine/parameters.ts';
import type { Engine } from '../engine/engine-types.ts';
import type { Endpoint } from '../engine/types.ts';
import { renderError, renderOauthError } from './errors.ts';
import { endpointPaths, issuerPath, issuerSpec } from './issuer.ts';
import { akeylessCalls } from './routes.ts';

type Face = Middleware<RequestState>;

const formType = 'application/x-www-form-urlencoded';

/** The calls of the management API, each by the first segment of its path, which is all of it. */
export function akeylessCallFaces(services: Services): readonly (readonly [segment: string, face: Face])[] {
  return Object.entries(akeylessCalls(services)).map(([path, handle]) => [
    path,
    async (ctx) => {
      ctx.state.renderError = renderError;
      if (ctx.path !== `/${path}`) throw new LatchkeyError('ROUTE_NOT_FOUND');
      if (ctx.method !== 'POST') {
        ctx.set('Allow', 'POST');
        throw new LatchkeyError('METHOD_NOT_ALLOWED');
      }
      await handle(ctx);
    },
  ]);
}

/** The endpoints of the issuer by their paths below it; a sign-in is resumed below that of the authorization. */
export const issuerEndpoints: Readonly<Record<string, Endpoint>> = {
  '/.well-known/openid-configuration': 'discovery',
  [endpointPaths.jwks]: 'jwks',
  [endpointPaths.authorization]: 'authorization',
  [endpointPaths.token]: 'token',
  [endpointPaths.userinfo]: 'userinfo',
  [endpointPaths.introspection]: 'introspection',
  [endpointPaths.revocation]: 'revocation',
  [endpointPaths.endSession]: 'endSession',
  [`${endpointPaths.endSession}/confirm`]: 'endSessionConfirm',
  [`${endpointPaths.endSession}/success`]: 'endSessionSuccess',
};

/** The issuer, below `/oidc/provider/{account id}`: the segment `oidc`. */
export function akeylessIssuerFace(services: Services, engine: Engine): Face {
  engine.register('akeyless', (view, id) => {
    const identifiers = identifiersIn(view);
    if (identifiers === undefined) return undefined;
    const spec = issuerSpec(services, view, identifiers);
    return spec.id === id ? spec : undefined;
  });
  return async (ctx) => {
    ctx.state.renderError = renderOauthError;
    const view = await services.authority.read(services.settings.account, []);
    const identifiers = identifiersIn(view);
    const prefix = identifiers === undefined ? undefined : issuerPath(identifiers);
    if (identifiers === undefined || prefix === undefined || !ctx.path.startsWith(`${prefix}/`)) {
      throw new LatchkeyError('ROUTE_NOT_FOUND');
    }
    const endpoint = endpointOf(ctx.path.slice(prefix.length));
    if (endpoint === undefined) throw new LatchkeyError('ROUTE_NOT_FOUND');
    const issuer = await engine.issuer(issuerSpec(services, view, identifiers), view);
    if (endpoint === 'authorization') await askBeforeRefreshTokens(ctx);
    await issuer.serve(ctx, endpoint);
    if (endpoint === 'token') wordTokens(ctx);
  };
}

function endpointOf(path: string): Endpoint | undefined {
  const resumed = /^\/oauth2\/auth\/[\w-]+$/.test(path);
  return resumed ? 'resume' : issuerEndpoints[path];
}

/**
 * Has people asked whenever a refresh token is wanted, as the scope alone is to give one and must not
 * without their consent (OpenID Connect Core, section 11). What the request says itself is left alone.
 */
async function askBeforeRefreshTokens(ctx: RequestContextOf): Promise<void> {
  const isForm = ctx.is(formType) === formType;
  if (ctx.method === 'POST' && !isForm) return;
  const parameters = ctx.method === 'POST' ? await formParameters(ctx) : new URLSearchParams(ctx.querystring);
  const scopes = (parameters.get('scope') ?? '').split(' ');
  if (scopes.includes('offline_access') && (parameters.get('prompt') ?? '') === '') {
    parameters.set('prompt', 'consent');
  }
  if (ctx.method !== 'POST') ctx.querystring = parameters.toString();
  else Object.assign(ctx.request, { body: valuesByName(parameters) });
}

function valuesByName(parameters: URLSearchParams): Readonly<Record<string, readonly string[]>> {
  const names = [...new Set(parameters.keys())];
  return Object.fromEntries(names.map((name) => [name, parameters.getAll(name)]));
}

/**
 * Akeyless writes the type of its tokens in lower case, and tells one second less than they live: who
 * counts from when the answer arrived is then never late.
 */
function wordTokens(ctx: RequestContextOf): void {
  const body: unknown = ctx.body;
  if (ctx.status !== 200 || typeof body !== 'object' || body === null || !('expires_in' in body)) return;
  if (typeof body.expires_in !== 'number') return;
  ctx.body = { ...body, expires_in: Math.max(1, body.expires_in - 1), token_type: 'bearer' };
}
