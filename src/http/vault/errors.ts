/** Failures in the words of Vault's dialect: `{"errors": […]}`. */
import type { ErrorCode, LatchkeyError } from '../../domain/errors.ts';
import type { ErrorKind } from '../../domain/errors/entry.ts';
import type { RequestContextOf } from '../context.ts';
import { statusOfKind as usualStatusOfKind } from '../status-of-kind.ts';
import { sendErrors } from './envelope.ts';

const statusOfKind: Readonly<Record<ErrorKind, number>> = {
  ...usualStatusOfKind,
  // Vault has no 401 of its own: whoever has no good token may not do it.
  unauthenticated: 403,
  conflict: 400,
};

/** Statuses that differ from those of their kind. */
const statusOfCode: Partial<Record<ErrorCode, number>> = {
  VAULT_OPERATION_UNSUPPORTED: 405,
  VAULT_METHOD_UNSUPPORTED: 405,
  VAULT_MANAGED_BY_POLICY: 405,
  ATTEMPTS_EXCEEDED: 429,
  SESSIONS_EXCEEDED: 429,
  VAULT_MEDIA_TYPE_UNSUPPORTED: 415,
  // Clients repeat what was answered with 5xx, not with 409.
  STORE_BUSY: 503,
};

type Texts = (error: LatchkeyError) => readonly string[];

/** What is said of some failures instead of what is said of their kind. */
const textsOfCode: Partial<Record<ErrorCode, Texts>> = {
  // A token that is missing or of no use; browsers look for exactly this element.
  ACCESS_TOKEN_ORIGIN_REFUSED: () => ['permission denied'],
  ACCESS_TOKEN_ROLE_GONE: () => ['permission denied'],
  VAULT_PATH_UNSUPPORTED: (error) => [error.detail ?? listed(error.publicText)],
  VAULT_OPERATION_UNSUPPORTED: (error) => [listed(error.publicText)],
  VAULT_METHOD_UNSUPPORTED: () => [],
  VAULT_REQUEST_UNREADABLE: () => [],
  ATTEMPTS_EXCEEDED: (error) => [error.publicText],
  VAULT_NAMESPACE_UNKNOWN: (error) => [error.publicText],
};

const textsOfKind: Readonly<Record<ErrorKind, Texts>> = {
  invalid: (error) => [error.message],
  unauthenticated: () => ['permission denied'],
  forbidden: () => [listed('permission denied')],
  not_found: () => [],
  conflict: (error) => [error.message],
  too_large: (error) => [error.publicText],
  unavailable: (error) => [error.publicText],
  internal: (error) => [error.publicText],
};

/** Writes a failure to the answer. */
export function renderError(ctx: RequestContextOf, error: LatchkeyError): void {
  if (ctx.state.answerFailure?.(error) === true) return;
  const status = statusOfCode[error.code] ?? statusOfKind[error.kind];
  if (status === 503) ctx.set('Retry-After', '1');
  if (error.retryAfterSeconds !== undefined) ctx.set('Retry-After', String(error.retryAfterSeconds));
  sendErrors(ctx, status, (textsOfCode[error.code] ?? textsOfKind[error.kind])(error));
}

/** As Vault renders a list of errors that has one. */
function listed(text: string): string {
  return `1 error occurred:\n\t* ${text}\n\n`;
}
