/** Failures in Conjur's words: status, code and body for each. */
import { catalogue, type ErrorCode, type LatchkeyError } from '../../domain/errors.ts';
import type { ErrorKind } from '../../domain/errors/entry.ts';
import { splitId } from '../../domain/ids.ts';
import { missingText } from '../../domain/record-missing.ts';
import type { RequestContextOf } from '../context.ts';
import { statusOfKind as usualStatusOfKind } from '../status-of-kind.ts';
import { sendJson } from './json.ts';
import { renderV2Error } from './v2/errors.ts';

const statusOfKind: Readonly<Record<ErrorKind, number>> = { ...usualStatusOfKind, invalid: 422 };

/** Statuses that differ from those of their kind. */
const statusOfCode: Partial<Record<ErrorCode, number>> = {
  ATTEMPTS_EXCEEDED: 429,
  REQUEST_FIELD_MISSING: 400,
  BODY_INVALID: 400,
  API_VERSION_MISSING: 400,
  JSON_EMPTY: 400,
  JSON_MALFORMED: 400,
  AUTHENTICATOR_BODY_INVALID: 400,
  KEY_ROTATION_NOT_APPLICABLE: 405,
  STATUS_NOT_SUPPORTED: 501,
  NOT_SERVED: 501,
  SECRET_NOT_TEXT: 406,
  CERTIFICATE_FORM_NOT_ACCEPTED: 406,
  EFFECTIVE_POLICY_PARAMETER_INVALID: 400,
  ISSUER_FIELD_INVALID: 400,
  DYNAMIC_SECRET_SET: 405,
  // Conjur does not expect it, and its scenarios state that.
  MEMBERS_PAGE_INVALID: 500,
};

type Render = (ctx: RequestContextOf, error: LatchkeyError) => void;

/** Failures whose body is not the one of their kind. */
const renderOfCode: Partial<Record<ErrorCode, Render>> = {
  ACCESS_TOKEN_MISSING: tokenMissing,
  ACCESS_TOKEN_MALFORMED: plainText,
  ACCESS_TOKEN_INVALID: plainText,
  ACCESS_TOKEN_EXPIRED: plainText,
  ACCESS_TOKEN_CLAIM_UNKNOWN: plainText,
  ACCESS_TOKEN_ORIGIN_REFUSED: plainText,
  ATTEMPTS_EXCEEDED: attemptsExceeded,
  CREDENTIAL_STRENGTH: coded('unauthorized', (error) => error.message),
  ID_TOKEN_EXPIRED: coded('unauthorized', () => `CONJ00016E ${catalogue.ID_TOKEN_EXPIRED.text}`),
  RESOURCE_NOT_FOUND: recordNotFound,
  SECRET_NOT_FOUND: coded('not_found', (error) => error.conjurText),
  KEY_ROTATION_TARGET_NOT_FOUND: coded('not_found', (error) => error.message),
  ACCOUNT_EXISTS: alreadyExists('account'),
  ACCOUNT_UNKNOWN: coded('not_found', (error) => error.message),
  ISSUER_FIELD_INVALID: coded('bad_request', (error) => error.message),
  ISSUER_DATA_INVALID: unprocessable,
  ISSUER_NOT_FOUND: issuerNotFound,
  ISSUER_EXISTS: alreadyExists('issuer'),
  DYNAMIC_SECRET_SET: coded('method_not_allowed', (error) => error.message),
  DYNAMIC_SECRET_UNAVAILABLE: unprocessable,
  ROUTE_NOT_FOUND: routeNotFound,
  REQUEST_FIELD_MISSING: empty,
  BODY_INVALID: empty,
  KEY_ROTATION_NOT_APPLICABLE: coded('method_not_allowed', (error) => error.message),
  NOT_SERVED: coded('not_implemented', (error) => error.publicText),
  CIDR_INVALID: coded('unprocessable_entity', (error) => error.message),
  CERTIFICATE_FORM_NOT_ACCEPTED: empty,
  HOST_ID_MISSING: coded('parameter_missing', (error) => error.publicText),
  SECRET_NOT_TEXT: coded('not_acceptable', (error) => error.conjurText),
  PAGE_INVALID: coded('unprocessable_entity', (error) => error.message),
  MEMBERS_PAGE_INVALID: empty,
  JSON_EMPTY: coded('bad_request', (error) => error.message),
  JSON_MALFORMED: coded('bad_request', (error) => error.message),
  FIELD_INVALID: unprocessable,
  FIELD_UNEXPECTED: unprocessable,
  FIELD_MISSING: unprocessable,
  FIELD_VALUE_INVALID: unprocessable,
  FIELD_TYPE_INVALID: unprocessable,
  BRANCH_EXISTS: alreadyExists('Branch'),
  MEMBER_UNKNOWN: unprocessable,
  MEMBER_PRESENT: coded('conflict', (error) => error.conjurText),
  MEMBER_ABSENT: coded('not_found', (error) => error.conjurText),
  POLICY_INVALID: policyInvalid,
  POLICY_UNRESOLVED: policyInvalid,
  POLICY_TEXT_MISSING: validationFailed('policy_text'),
  POLICY_TEXT_DELETES: validationFailed('policy_text'),
  PASSWORD_WEAK: validationFailed('password'),
  EFFECTIVE_POLICY_PARAMETER_INVALID: empty,
  EFFECTIVE_POLICY_TOO_LARGE: coded('unprocessable_entity', (error) => error.conjurText),
  POLICY_CONFLICT: retryLater('policy_conflict'),
  STORE_BUSY: retryLater('conflict'),
};

const renderOfKind: Readonly<Record<ErrorKind, Render>> = {
  invalid: coded('argument_error', (error) => error.message),
  unauthenticated: empty,
  forbidden: empty,
  not_found: coded('not_found', (error) => error.publicText),
  conflict: coded('conflict', (error) => error.publicText),
  too_large: coded('too_large', (error) => error.message),
  unavailable: unavailable,
  internal: empty,
};

/** Writes a failure to the answer. */
export function renderError(ctx: RequestContextOf, error: LatchkeyError): void {
  if (ctx.state.answerFailure?.(error) === true) return;
  const status = statusOfCode[error.code] ?? statusOfKind[error.kind];
  ctx.status = status;
  // The name that RFC 9110 gives it, which Conjur's clients print and test for.
  if (status === 422) ctx.message = 'Unprocessable Content';
  if (renderV2Error(ctx, error, status)) return;
  (renderOfCode[error.code] ?? renderOfKind[error.kind])(ctx, error);
}

function empty(ctx: RequestContextOf): void {
  // A null body would turn the status into 204.
  const { status, message } = ctx;
  ctx.body = '';
  ctx.remove('Content-Type');
  ctx.status = status;
  ctx.message = message;
}

function plainText(ctx: RequestContextOf, error: LatchkeyError): void {
  ctx.set('Content-Type', 'text/plain; charset=utf-8');
  ctx.body = error.publicText;
}

/** Whoever asks in the words of version 2 is told nothing. */
function tokenMissing(ctx: RequestContextOf, error: LatchkeyError): void {
  if (ctx.get('Accept') === 'application/x.secretsmgr.v2beta+json') empty(ctx);
  else plainText(ctx, error);
}

function unprocessable(ctx: RequestContextOf, error: LatchkeyError): void {
  sendJson(ctx, { error: { code: 'unprocessable_entity', message: error.conjurText } });
}

function alreadyExists(target: string): Render {
  return (ctx, error) => {
    const { message, subject = '' } = error;
    const details = { code: 'conflict', target: 'id', message: subject };
    sendJson(ctx, { error: { code: 'conflict', message, target, details } });
  };
}

function coded(code: string, messageOf: (error: LatchkeyError) => string): Render {
  return (ctx, error) => {
    sendJson(ctx, { error: { code, message: messageOf(error) } });
  };
}

function recordNotFound(ctx: RequestContextOf, error: LatchkeyError): void {
  const subject = error.subject ?? '';
  sendJson(ctx, {
    error: {
      code: 'not_found',
      message: missingText(subject),
      target: splitId(subject)?.kind ?? '',
      details: { code: 'not_found', target: 'id', message: subject },
    },
  });
}

/** A message of its own leaves the target open, and the id is the one of the path. */
function issuerNotFound(ctx: RequestContextOf, error: LatchkeyError): void {
  const details = { code: 'not_found', target: 'id', message: error.subject ?? '' };
  sendJson(ctx, { error: { code: 'not_found', message: error.publicText, target: null, details } });
}

function routeNotFound(ctx: RequestContextOf): void {
  if (/^\s*application\/json/i.test(ctx.get('Accept'))) sendJson(ctx, { status: 404, error: 'Not Found' });
  else empty(ctx);
}

/**
 * A text that cannot be read is told with its position in the message and in `innererror`. One
 * whose meaning is wrong has Conjur's body to the letter, which clients compare; its position, and
 * what to do about it, are in headers.
 */
function policyInvalid(ctx: RequestContextOf, error: LatchkeyError): void {
  const code = 'policy_invalid';
  const { at, advice } = error;
  if (at === undefined || error.code === 'POLICY_UNRESOLVED') {
    if (at !== undefined) ctx.set('X-Policy-Position', `line=${at.line}, column=${at.column}`);
    if (advice !== undefined) ctx.set('X-Policy-Advice', encodeURI(advice).replaceAll('%20', ' '));
    sendJson(ctx, { error: { code, message: error.message } });
  } else {
    const message = `Error at line ${at.line}, column ${at.column} in policy : ${error.message}`;
    const innererror = { code, filename: 'policy', line: at.line, column: at.column };
    sendJson(ctx, { error: { code, message, innererror } });
  }
}

function validationFailed(target: string): Render {
  return (ctx, error) => {
    const code = 'validation_failed';
    const { message } = error;
    const about = message.startsWith(`${target} `) ? message.slice(target.length + 1) : message;
    const details = [{ code, target, message: about }];
    sendJson(ctx, { error: { code, message, details } });
  };
}

function retryLater(code: string): Render {
  return (ctx, error) => {
    ctx.set('Retry-After', String(1 + Math.floor(Math.random() * 8)));
    sendJson(ctx, { error: { code, message: error.publicText } });
  };
}

function attemptsExceeded(ctx: RequestContextOf, error: LatchkeyError): void {
  ctx.set('Retry-After', String(error.retryAfterSeconds ?? 1));
  sendJson(ctx, { error: { code: 'attempts_exceeded', message: error.publicText } });
}

function unavailable(ctx: RequestContextOf): void {
  ctx.set('Retry-After', '1');
  empty(ctx);
}
