import type { WriteOutcome } from './operations.ts';

/**
 * How a write ended, by its status: 2xx is acknowledged, 4xx refused (also 409 and 429: nothing was done), and any
 * other may have happened. A test that knows more of a 503 says so in its own function.
 */
export function outcomeOf(answer: { readonly status: number }): WriteOutcome {
  if (answer.status >= 200 && answer.status < 300) return 'acknowledged';
  return answer.status >= 400 && answer.status < 500 ? 'refused' : 'unknown';
}

/** Whether a request was certainly never sent: nobody listens there. */
export function isNeverSent(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.length > 0 && error.errors.every(isNeverSent);
  if (!(error instanceof Error)) return false;
  if ('code' in error && error.code === 'ECONNREFUSED') return true;
  return error.cause !== undefined && isNeverSent(error.cause);
}

const lostCodes = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'EPIPE',
  'ETIMEDOUT',
  'UND_ERR_SOCKET',
  'UND_ERR_CLOSED',
  'UND_ERR_DESTROYED',
  'UND_ERR_ABORTED',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
]);

/** Whether an error of `fetch` or of a socket says that there was no answer, in contrast to a fault of the test. */
export function isConnectionLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error.name === 'AbortError' || error.name === 'TimeoutError') return true;
  if ('code' in error && typeof error.code === 'string' && lostCodes.has(error.code)) return true;
  return error.cause !== undefined && isConnectionLost(error.cause);
}
