/** Failures in the words of Akamai's API: `{"errors": …}`, and OAuth's at the token endpoint. */
import type { ErrorKind } from '../../domain/errors/entry.ts';
import type { ErrorCode, LatchkeyError } from '../../domain/errors.ts';
import { oauthErrorOf } from '../../domain/provider/engine/oauth-error.ts';
import type { RequestContextOf } from '../context.ts';
import { statusOfKind } from '../status-of-kind.ts';

/** Failures whose detail is for the caller: it says what is wrong with the request. */
const told: readonly ErrorCode[] = [
  'REGISTRY_FIELD_INVALID',
  'REGISTRY_RECORD_EXISTS',
  'REGISTRY_RECORD_IN_USE',
  'REGISTRY_PRIVILEGE_MISSING',
  'JSON_MALFORMED',
];

/** What is said of failures of the service itself, and of addresses where there is nothing. */
const said: Partial<Record<ErrorKind | ErrorCode, string>> = {
  internal: 'Internal Server Error',
  ROUTE_NOT_FOUND: 'Not Found',
};

/** Writes a failure of the configuration API, with the challenge that RFC 6750 section 3 asks for. */
export function renderError(ctx: RequestContextOf, error: LatchkeyError): void {
  const { code, kind } = error;
  ctx.status = code === 'CONFIGURATION_METHOD_UNSUPPORTED' ? 405 : statusOfKind[kind];
  const challenge = challengeOf(error);
  if (challenge !== undefined) ctx.set('WWW-Authenticate', challenge);
  if (code === 'STORE_BUSY' || kind === 'unavailable') ctx.set('Retry-After', '1');
  const text = said[code] ?? said[kind] ?? (told.includes(code) ? error.message : error.publicText);
  sendJson(ctx, { errors: text });
}

function challengeOf({ code, kind }: LatchkeyError): string | undefined {
  if (code === 'CONFIGURATION_TOKEN_MISSING') return 'Bearer';
  if (code === 'CONFIGURATION_TOKEN_INVALID') return 'Bearer error="invalid_token"';
  if (code === 'CONFIGURATION_SCOPE_INSUFFICIENT' || code === 'CONFIGURATION_SCOPE_EXCEEDED') {
    return 'Bearer error="insufficient_scope"';
  }
  return kind === 'unauthenticated' ? 'Token' : undefined;
}

/** Writes a failure of the token endpoint (RFC 6749 section 5.2). */
export function renderTokenError(ctx: RequestContextOf, error: LatchkeyError): void {
  if (error.code === 'CUSTOMER_NOT_FOUND' || error.code === 'CONFIGURATION_METHOD_UNSUPPORTED') {
    renderError(ctx, error);
    return;
  }
  const { status, error: name, description } = oauthErrorOf(error);
  ctx.status = status;
  if (status === 401) ctx.set('WWW-Authenticate', 'Basic realm="latchkey"');
  if (status === 503) ctx.set('Retry-After', '1');
  if (error.retryAfterSeconds !== undefined) ctx.set('Retry-After', String(error.retryAfterSeconds));
  ctx.set('Pragma', 'no-cache');
  sendJson(ctx, { error: name, error_description: description });
}

export function sendJson(ctx: RequestContextOf, body: unknown): void {
  ctx.set('Content-Type', 'application/json; charset=utf-8');
  ctx.body = JSON.stringify(body);
}
