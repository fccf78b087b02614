/** Logout that a client begins (OpenID Connect RP-Initiated Logout 1.0). */
import { decodeJwt } from 'jose';
import { LatchkeyError } from '../../domain/errors.ts';
import { verifiedClaims } from '../../domain/provider/engine/sign.ts';
import type { RequestContextOf } from '../context.ts';
import { clientIn } from './exchange.ts';
import { showProblem } from './authorize.ts';
import { throughLibrary } from './bridge.ts';
import { libraryRoutes } from './library.ts';
import { formParameters, pageParameters } from './parameters.ts';
import type { Serving } from './serving.ts';
import { roleOfSubjectKey } from '../../domain/provider/identity/subject.ts';

/** Asks whoever is signed in whether he wants to sign out. */
export async function serveEndSession(serving: Serving): Promise<void> {
  const { ctx, provider, issuer, exchange } = serving;
  const { spec } = issuer;
  const parameters = await pageParameters(ctx);
  await nameClient(serving, parameters);
  const request = { method: 'GET', path: libraryRoutes.end_session, query: parameters.toString() } as const;
  await throughLibrary(provider, ctx, request, spec.origin);
  const { oidc } = ctx as unknown as { readonly oidc: LibraryContext };
  const xsrf = oidc.session?.state?.secret;
  if (exchange.failure !== undefined || xsrf === undefined) {
    await showProblem(serving, 'sign-out');
    return;
  }
  const client =
    oidc.client === undefined ? undefined : clientIn(issuer, exchange.view, oidc.client.clientId);
  const after = oidc.session?.state?.postLogoutRedirectUri;
  await issuer.pages().confirmLogout(ctx, {
    action: `${spec.pagePath}${spec.paths.endSession ?? ''}/confirm`,
    fields: { xsrf },
    ...(client === undefined ? {} : { client }),
    ...(after === undefined ? {} : { postLogoutRedirectUri: after }),
  });
}

/**
 * The library takes the audience of a hint for the client's id, which some dialects write as a list of one. Such a
 * hint is checked here, and the client named that it is of.
 * @throws LatchkeyError `OAUTH_INVALID_REQUEST`: the hint is no ID token of this issuer, or of another client
 */
async function nameClient({ issuer, exchange }: Serving, parameters: URLSearchParams): Promise<void> {
  const hint = parameters.get('id_token_hint') ?? '';
  const audience = soleAudience(hint);
  if (audience === undefined) return;
  const { spec } = issuer;
  const expected = { issuer: spec.issuer, audience, ignoreExpiration: true };
  const verified = await verifiedClaims(spec.publishedKeys(exchange.view), hint, expected);
  const { typ = 'JWT' } = verified?.header ?? {};
  if (verified === undefined || typ !== 'JWT' || (parameters.get('client_id') ?? audience) !== audience) {
    const advice = 'could not validate id_token_hint';
    throw new LatchkeyError('OAUTH_INVALID_REQUEST', { detail: advice, advice });
  }
  parameters.delete('id_token_hint');
  parameters.set('client_id', audience);
}

/** Of a token whose audience is a list of one. */
function soleAudience(token: string): string | undefined {
  try {
    const { aud } = decodeJwt(token);
    return Array.isArray(aud) && aud.length === 1 && typeof aud[0] === 'string' ? aud[0] : undefined;
  } catch {
    return undefined;
  }
}

/** What the question was answered with: the session ends, its clients are told, and the browser goes on. */
export async function serveEndSessionConfirm(serving: Serving): Promise<void> {
  const { ctx, provider, issuer, exchange } = serving;
  const answer = await formParameters(ctx);
  const form = answer.toString();
  const request = { method: 'POST', path: `${libraryRoutes.end_session}/confirm`, form } as const;
  await throughLibrary(provider, ctx, request, issuer.spec.origin);
  const { oidc } = ctx as unknown as { readonly oidc: LibraryContext };
  const subjectKey = oidc.session?.accountId;
  const role = subjectKey === undefined ? undefined : roleOfSubjectKey(exchange.view.state, subjectKey);
  if (role !== undefined) exchange.role = role;
  exchange.clientId = oidc.client?.clientId ?? '';
  // A client that could not be told does not keep anybody from signing out.
  if (ctx.status !== 303 && ctx.status !== 302) {
    await showProblem(serving, 'sign-out');
    return;
  }
  if (!answer.has('logout')) tellStayed(ctx);
  ctx.status = 303;
  ctx.body = '';
  issuer.pages().goOn?.(ctx);
}

/** To the library both answers end on one page; a client's own is not touched. */
function tellStayed(ctx: RequestContextOf): void {
  const location = new URL(ctx.response.get('Location'));
  if (location.pathname !== `${ctx.path.slice(0, -'/confirm'.length)}/success`) return;
  location.searchParams.set('stayed', 'yes');
  ctx.set('Location', location.href);
}

export async function serveEndSessionSuccess(serving: Serving): Promise<void> {
  const { ctx, issuer, exchange } = serving;
  const parameters = new URLSearchParams(ctx.querystring);
  const client = clientIn(issuer, exchange.view, parameters.get('client_id') ?? '');
  await issuer.pages().loggedOut(ctx, client, parameters.has('stayed'));
}

interface LibraryContext {
  readonly client?: { readonly clientId: string };
  readonly session?: {
    readonly accountId?: string;
    readonly state?: { readonly secret?: string; readonly postLogoutRedirectUri?: string };
  };
}
