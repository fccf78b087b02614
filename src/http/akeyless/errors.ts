/** Failures in the words of Akeyless' dialect: `{"error": "…"}`. */
import type { ErrorCode, LatchkeyError } from '../../domain/errors.ts';
import { oauthErrorOf } from '../../domain/provider/engine/oauth-error.ts';
import type { RequestContextOf } from '../context.ts';
import { statusOfKind } from '../status-of-kind.ts';

const statusOfCode: Partial<Record<ErrorCode, number>> = { ATTEMPTS_EXCEEDED: 429, METHOD_NOT_ALLOWED: 405 };

/** What is told in the words of the failure itself: they name parameters and ids, nothing else. */
const toldInFull: ReadonlySet<ErrorCode> = new Set([
  'REGISTRY_FIELD_INVALID',
  'REGISTRY_RECORD_NOT_FOUND',
  'REGISTRY_RECORD_EXISTS',
  'REGISTRY_RECORD_IN_USE',
]);

/** Writes a failure of the management API to the answer. */
export function renderError(ctx: RequestContextOf, error: LatchkeyError): void {
  if (ctx.state.answerFailure?.(error) === true) return;
  const text = toldInFull.has(error.code) ? error.message : error.publicText;
  sendError(ctx, statusOfCode[error.code] ?? statusOfKind[error.kind], text, error.retryAfterSeconds);
}

/** Writes a failure at the endpoints of the issuer that the engine did not answer itself (RFC 6749 section 5.2). */
export function renderOauthError(ctx: RequestContextOf, error: LatchkeyError): void {
  if (error.kind === 'not_found') {
    sendError(ctx, 404, error.publicText);
    return;
  }
  const { error: code, description, status } = oauthErrorOf(error);
  ctx.status = statusOfCode[error.code] ?? status;
  if (error.retryAfterSeconds !== undefined) ctx.set('Retry-After', String(error.retryAfterSeconds));
  ctx.set('Cache-Control', 'no-store');
  ctx.body = { error: code, error_description: description };
}

/**
 * Has whatever keeps somebody from authenticating look alike, as the authenticators' own failures would say
 * which roles and services there are; what is missing from the request is told.
 */
export function hideAuthenticationFailures(ctx: RequestContextOf): void {
  ctx.state.answerFailure = ({ code, kind }) => {
    if (toldInFull.has(code) || toldOfAuthentication.has(code)) return false;
    if (kind === 'unavailable' || kind === 'internal') return false;
    sendError(ctx, 401, 'Unauthorized');
    return true;
  };
}

const toldOfAuthentication: ReadonlySet<ErrorCode> = new Set([
  'ACCESS_TYPE_UNSUPPORTED',
  'ATTEMPTS_EXCEEDED',
  'BODY_INVALID',
  'BODY_TOO_LARGE',
]);

function sendError(ctx: RequestContextOf, status: number, text: string, retryAfterSeconds = 1): void {
  ctx.status = status;
  if (status === 429 || status === 503) ctx.set('Retry-After', String(retryAfterSeconds));
  ctx.set('Cache-Control', 'no-store');
  ctx.body = { error: text };
}
