/** What every handler finds on its Koa context. */
import type { ParameterizedContext } from 'koa';
import type { LatchkeyError } from '../domain/errors.ts';
import type { Actor, RequestContext } from '../domain/request.ts';

/** Set by the middleware, in this order: the request, then (where a token was sent) the actor. */
export interface RequestState {
  request: RequestContext;
  actor?: Actor;
  /** What every answer carries besides; names and values in turn. */
  securityHeaders: readonly string[];
  /** How the face that took the request words a failure. */
  renderError?: (ctx: RequestContextOf, error: LatchkeyError) => void;
  /**
   * Set by a route that words some failures otherwise than its face does: answers one of those, or
   * returns false. They are logged and counted like all others.
   */
  answerFailure?: (error: LatchkeyError) => boolean;
}

export type RequestContextOf = ParameterizedContext<RequestState>;
