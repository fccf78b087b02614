/** authn-oidc: ID tokens, authorization codes, and the issuers to sign in at. */
import { authenticateByCode } from '../../domain/authn/oidc/authenticate-by-code.ts';
import { authenticateByIdToken } from '../../domain/authn/oidc/authenticate.ts';
import { listProviders } from '../../domain/authn/oidc/providers.ts';
import type { ErrorCode } from '../../domain/errors.ts';
import type { Services } from '../../domain/services.ts';
import { readBody } from '../body.ts';
import type { RequestContextOf } from '../context.ts';
import { sendToken } from './access-token.ts';
import { sendJson } from './json.ts';
import { accountOf, queryParameter } from './path.ts';
import type { Handler, Route } from './routing.ts';

const maxIdTokenBytes = 64 * 1024;

/** The routes of authn-oidc. A login in the URL has none. */
export function oidcRoutes(services: Services): readonly Route[] {
  const byIdToken = postAuthenticate(services);
  const byCode = getAuthenticate(services);
  return [
    ['post', '/authn-oidc/:account/authenticate', byIdToken],
    ['post', '/authn-oidc/:service/:account/authenticate', byIdToken],
    ['get', '/authn-oidc/:account/authenticate', byCode],
    ['get', '/authn-oidc/:service/:account/authenticate', byCode],
    ['get', '/:authenticator/:account/providers', getProviders(services)],
  ];
}

/** POST /authn-oidc/:service/:account/authenticate, and the same without a service, which is refused. */
function postAuthenticate(services: Services): Handler {
  return async (ctx, params) => {
    const presented = idTokenOf(await readBody(ctx, maxIdTokenBytes), ctx.req.headers.authorization);
    const account = accountOf(params.account);
    sendToken(
      ctx,
      await authenticateByIdToken(services, ctx.state.request, account, params.service, presented),
    );
  };
}

const plainForm = /^id_token=([\w.~-]+)$/;
/** A token, or base64 of one; not JSON, nor a form without the field, which are no tokens in Conjur, either. */
const rawForm = /^[\w.+/-]+={0,2}$/;

/** The ID token: the form field `id_token`, else the raw body, else the bearer token (RFC 6750) of the header. */
function idTokenOf(body: Buffer, authorization: string | undefined): string | undefined {
  const text = body.toString('latin1');
  // What clients send: one field, nothing to decode. Parsing 1.4 kB as a form costs more than the signature.
  const plain = plainForm.exec(text)?.[1];
  if (plain !== undefined) return plain;
  const field = text.includes('=') ? new URLSearchParams(text).getAll('id_token').at(-1) : undefined;
  if (field !== undefined && field !== '') return field.replaceAll(' ', '+');
  const raw = text.trim();
  if (field === undefined && rawForm.test(raw)) return raw;
  return /^Bearer +(\S+)$/.exec(authorization ?? '')?.[1];
}

/** What is a bad request in this flow, though it is unauthorized everywhere else: Conjur's scenarios state it. */
const badRequests: ReadonlySet<ErrorCode> = new Set([
  'AUTHENTICATOR_NOT_ENABLED',
  'REQUEST_FIELD_MISSING',
  'CODE_EXCHANGE_FAILED',
  'NONCE_MISMATCH',
  'ISSUER_KEYS_UNAVAILABLE',
  'ID_TOKEN_MALFORMED',
  'ID_TOKEN_ALGORITHM_REFUSED',
  'ID_TOKEN_KEY_UNKNOWN',
  'ID_TOKEN_SIGNATURE_INVALID',
  'ID_TOKEN_EXPIRED',
  'ID_TOKEN_NOT_YET_VALID',
  'ID_TOKEN_ISSUER_MISMATCH',
  'ID_TOKEN_AUDIENCE_MISMATCH',
  'ID_TOKEN_CLAIM_INVALID',
  'AUTHENTICATION_ROLE_NOT_FOUND',
]);

/** GET /authn-oidc/:service/:account/authenticate?code=&nonce=&code_verifier=, and the same without a service */
function getAuthenticate(services: Services): Handler {
  return async (ctx, params) => {
    const account = accountOf(params.account);
    const presented = {
      code: queryParameter(ctx, 'code'),
      nonce: queryParameter(ctx, 'nonce'),
      codeVerifier: queryParameter(ctx, 'code_verifier'),
    };
    ctx.state.answerFailure = ({ code }) => badRequests.has(code) && sendBadRequest(ctx);
    sendToken(ctx, await authenticateByCode(services, ctx.state.request, account, params.service, presented));
  };
}

function sendBadRequest(ctx: RequestContextOf): true {
  ctx.body = '';
  ctx.remove('Content-Type');
  ctx.status = 400;
  return true;
}

/** GET /:authenticator/:account/providers: only those of authn-oidc have any. */
function getProviders(services: Services): Handler {
  return async (ctx, params) => {
    const account = accountOf(params.account);
    const providers =
      params.authenticator === 'authn-oidc' ? await listProviders(services, ctx.state.request, account) : [];
    sendJson(
      ctx,
      providers.map(({ serviceId, name, nonce, codeVerifier, redirectUri }) => ({
        service_id: serviceId,
        type: 'authn-oidc',
        name,
        nonce,
        code_verifier: codeVerifier,
        redirect_uri: redirectUri,
      })),
    );
  };
}
