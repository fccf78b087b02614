/** What a refusal is called on the wire. */
import type { ErrorCode, LatchkeyError } from '../../errors.ts';

/** The `error` member of an answer, and the status that goes with it. */
export interface OauthError {
  readonly error: string;
  /** Never says more than the caller may know. */
  readonly description: string;
  readonly status: number;
}

const statuses: Partial<Record<ErrorCode, number>> = {
  OAUTH_INVALID_CLIENT: 401,
  OAUTH_INVALID_TOKEN: 401,
  OAUTH_INSUFFICIENT_SCOPE: 403,
  OAUTH_SERVER_ERROR: 500,
  BODY_TOO_LARGE: 413,
  METHOD_NOT_ALLOWED: 405,
  SIGN_IN_NOT_FOUND: 404,
  SIGN_INS_EXCEEDED: 429,
  ATTEMPTS_EXCEEDED: 429,
};

/**
 * A refusal in OAuth's words: the codes `OAUTH_…` by their own names, what is wrong with a request
 * otherwise as `invalid_request`, what cannot be had now as `temporarily_unavailable` (503, or 429 after too many requests), and all else as
 * `server_error` (500).
 * @see RFC 6749 section 5.2, RFC 6750 section 3.1, RFC 8693 section 2.2.2
 */
export function oauthErrorOf(failure: LatchkeyError): OauthError {
  const { code, kind } = failure;
  if (code.startsWith('OAUTH_')) {
    const error = code.slice('OAUTH_'.length).toLowerCase();
    return { error, description: failure.advice ?? failure.publicText, status: statuses[code] ?? 400 };
  }
  if (kind === 'unavailable' || statuses[code] === 429) {
    const status = statuses[code] ?? 503;
    return { error: 'temporarily_unavailable', description: failure.publicText, status };
  }
  if (kind === 'internal') return { error: 'server_error', description: 'The request failed', status: 500 };
  return { error: 'invalid_request', description: failure.publicText, status: statuses[code] ?? 400 };
}
