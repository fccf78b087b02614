/** Failures in the words of the versioned API: `{"code":"404","message":"…"}`. */
import type { ErrorCode, LatchkeyError } from '../../../domain/errors.ts';
import { missingText } from '../../../domain/record-missing.ts';
import type { RequestContextOf } from '../../context.ts';
import { jsonText } from '../json.ts';
import { speaksV2, v2MediaType } from './media-type.ts';

/** So whatever the request asked for. */
const always: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'API_VERSION_MISSING',
  'AUTHENTICATOR_BODY_INVALID',
  'AUTHENTICATOR_FIELD_INVALID',
  'AUTHENTICATOR_NOT_FOUND',
  'AUTHENTICATOR_EXISTS',
  'AUTHENTICATOR_FORBIDDEN',
]);

/** These stay as they are in Conjur, whatever the request asked for. */
const never: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'ROUTE_NOT_FOUND',
  'ATTEMPTS_EXCEEDED',
  'SECRET_NOT_FOUND',
  'POLICY_CONFLICT',
  'ACCESS_TOKEN_MALFORMED',
  'ACCESS_TOKEN_INVALID',
  'ACCESS_TOKEN_EXPIRED',
  'ACCESS_TOKEN_CLAIM_UNKNOWN',
  'ACCESS_TOKEN_ORIGIN_REFUSED',
]);

/** Bad requests elsewhere; here they cannot be processed. */
const badRequests: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'BODY_INVALID',
  'REQUEST_FIELD_MISSING',
  'EFFECTIVE_POLICY_PARAMETER_INVALID',
]);

/** What Conjur calls unprocessable; other faults of a request keep their shape. */
const unprocessable: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'JSON_EMPTY',
  'JSON_MALFORMED',
  'FIELD_INVALID',
  'FIELD_UNEXPECTED',
  'FIELD_MISSING',
  'FIELD_VALUE_INVALID',
  'FIELD_TYPE_INVALID',
  'MEMBER_UNKNOWN',
  'ID_INVALID',
  'CIDR_INVALID',
  'PAGE_INVALID',
  'EFFECTIVE_POLICY_TOO_LARGE',
  'ISSUER_FIELD_INVALID',
  'ISSUER_DATA_INVALID',
  'DYNAMIC_SECRET_UNAVAILABLE',
]);

/**
 * Writes a failure to the answer, if this is the shape for it: for an `Accept` that is exactly the
 * media type, and for a few failures always.
 * @returns false when the failure has another shape
 */
export function renderV2Error(ctx: RequestContextOf, error: LatchkeyError, status: number): boolean {
  const { code } = error;
  if (!always.has(code) && (!speaksV2(ctx) || !hasShape(error))) return false;
  const shown = badRequests.has(code) ? 422 : status;
  const { message } = ctx;
  const text = textOf(error);
  if (code === 'STORE_BUSY') ctx.set('Retry-After', '1');
  if (text === '') {
    ctx.body = '';
    ctx.remove('Content-Type');
  } else {
    ctx.set('Content-Type', v2MediaType);
    ctx.body = jsonText({ code: String(shown), message: text });
  }
  ctx.status = shown;
  ctx.message = shown === 422 ? 'Unprocessable Content' : message;
  return true;
}

function hasShape({ code, kind }: LatchkeyError): boolean {
  if (never.has(code)) return false;
  switch (kind) {
    case 'invalid':
      return unprocessable.has(code) || badRequests.has(code);
    case 'unauthenticated':
    case 'forbidden':
    case 'not_found':
    case 'conflict':
    case 'too_large':
      return true;
    case 'unavailable':
    case 'internal':
      return false;
  }
}

function textOf(error: LatchkeyError): string {
  const { code, kind, subject } = error;
  if (code === 'RESOURCE_NOT_FOUND' && subject !== undefined) return missingText(subject);
  if (code !== 'AUTHENTICATOR_FORBIDDEN' && (kind === 'unauthenticated' || kind === 'forbidden')) return '';
  return error.conjurText;
}
