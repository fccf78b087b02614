/** The facts that every audit event of a request states. */
import { isFailure, LatchkeyError } from './errors.ts';
import type { RequestContext } from './request.ts';
import type { Services } from './services.ts';

export interface Occurred {
  readonly at: number;
  readonly requestId: string;
  readonly clientIp: string;
  readonly outcome: 'success' | 'failure';
  readonly error?: string;
}

/** What an event says of when, where and how it ended; `failure` is why it failed, if it did. */
export function occurrence(
  services: Pick<Services, 'clock'>,
  request: RequestContext,
  failure: unknown,
): Occurred {
  const { requestId, clientIp } = request;
  const at = services.clock.now();
  if (failure === undefined) return { at, requestId, clientIp, outcome: 'success' };
  return { at, requestId, clientIp, outcome: 'failure', error: reasonOf(failure) };
}

/**
 * A failure in the words of an audit record: Conjur's code and text where it has one. What the
 * caller is told is missing because it may not know of it, is recorded as forbidden.
 */
function reasonOf(failure: unknown): string {
  if (isFailure(failure, 'PRIVILEGE_MISSING')) return 'Forbidden';
  if (isFailure(failure) && isFailure(failure.cause, 'PRIVILEGE_MISSING')) return 'Forbidden';
  return failure instanceof LatchkeyError ? failure.conjurText : 'internal error';
}
