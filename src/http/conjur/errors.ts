/** Failures in Conjur's words: status, code and body for each. */
import { catalogue, type ErrorCode, type LatchkeyError } from '../../domain/errors.ts';
import type { ErrorKind } from '../../domain/errors/entry.ts';
import { splitId } from '../../domain/ids.ts';
import type { RequestContextOf } from '../context.ts';

const statusOfKind: Readonly<Record<ErrorKind, number>> = {
  invalid: 422,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  too_large: 413,
  unavailable: 503,
  internal: 500,
};

/** Statuses that differ from those of their kind. */
const statusOfCode: Partial<Record<ErrorCode, number>> = {
  REQUEST_FIELD_MISSING: 400,
  BODY_INVALID: 400,
  KEY_ROTATION_NOT_APPLICABLE: 405,
  STATUS_NOT_SUPPORTED: 501,
  NOT_SERVED: 501,
  SECRET_NOT_TEXT: 406,
};

type Render = (ctx: RequestContextOf, error: LatchkeyError) => void;

/** Failures whose body is not the one of their kind. */
const renderOfCode: Partial<Record<ErrorCode, Render>> = {
  ACCESS_TOKEN_MISSING: plainText,
  ACCESS_TOKEN_MALFORMED: plainText,
  ACCESS_TOKEN_INVALID: plainText,
  ACCESS_TOKEN_EXPIRED: plainText,
  ACCESS_TOKEN_CLAIM_UNKNOWN: plainText,
  ACCESS_TOKEN_ORIGIN_REFUSED: plainText,
  CREDENTIAL_STRENGTH: coded('unauthorized', (error) => error.message),
  ID_TOKEN_EXPIRED: coded('unauthorized', () => `CONJ00016E ${catalogue.ID_TOKEN_EXPIRED.text}`),
  RESOURCE_NOT_FOUND: recordNotFound,
  SECRET_NOT_FOUND: coded('not_found', (error) => error.conjurText),
  KEY_ROTATION_TARGET_NOT_FOUND: coded('not_found', (error) => error.message),
  ROUTE_NOT_FOUND: routeNotFound,
  REQUEST_FIELD_MISSING: empty,
  BODY_INVALID: empty,
  KEY_ROTATION_NOT_APPLICABLE: coded('method_not_allowed', (error) => error.message),
  NOT_SERVED: coded('not_implemented', (error) => error.publicText),
  SECRET_NOT_TEXT: coded('not_acceptable', (error) => error.conjurText),
  POLICY_INVALID: policyInvalid,
  POLICY_UNRESOLVED: policyInvalid,
  POLICY_TEXT_MISSING: validationFailed('policy_text'),
  POLICY_TEXT_DELETES: validationFailed('policy_text'),
  PASSWORD_WEAK: validationFailed('password'),
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
  const status = statusOfCode[error.code] ?? statusOfKind[error.kind];
  ctx.status = status;
  // The name that RFC 9110 gives it, which Conjur's clients print and test for.
  if (status === 422) ctx.message = 'Unprocessable Content';
  (renderOfCode[error.code] ?? renderOfKind[error.kind])(ctx, error);
}

/** Answers JSON. `<`, `>` and `&` are escaped, as Conjur does. */
export function sendJson(ctx: RequestContextOf, body: unknown): void {
  ctx.set('Content-Type', 'application/json; charset=utf-8');
  ctx.body = JSON.stringify(body).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
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

function coded(code: string, messageOf: (error: LatchkeyError) => string): Render {
  return (ctx, error) => {
    sendJson(ctx, { error: { code, message: messageOf(error) } });
  };
}

function recordNotFound(ctx: RequestContextOf, error: LatchkeyError): void {
  const subject = error.subject ?? '';
  const parts = splitId(subject) ?? { account: '', kind: '', identifier: subject };
  const kind = parts.kind.charAt(0).toUpperCase() + parts.kind.slice(1);
  sendJson(ctx, {
    error: {
      code: 'not_found',
      message: `${kind} '${parts.identifier}' not found in account '${parts.account}'`,
      target: parts.kind,
      details: { code: 'not_found', target: 'id', message: subject },
    },
  });
}

function routeNotFound(ctx: RequestContextOf): void {
  if (/^\s*application\/json/i.test(ctx.get('Accept'))) sendJson(ctx, { status: 404, error: 'Not Found' });
  else empty(ctx);
}

/**
 * A text that cannot be read is told with its position in the message and in `innererror`; one
 * whose meaning is wrong keeps Conjur's message, which clients match, and has its position beside it.
 */
function policyInvalid(ctx: RequestContextOf, error: LatchkeyError): void {
  const code = 'policy_invalid';
  const { at } = error;
  if (at === undefined) {
    sendJson(ctx, { error: { code, message: error.message } });
  } else if (error.code === 'POLICY_UNRESOLVED') {
    sendJson(ctx, {
      error: { code, message: error.message, position: { line: at.line, column: at.column } },
    });
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

function unavailable(ctx: RequestContextOf): void {
  ctx.set('Retry-After', '1');
  empty(ctx);
}
