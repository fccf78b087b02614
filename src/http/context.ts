/** What every handler finds on its Koa context. */
import type { ParameterizedContext } from 'koa';
import type { Actor, RequestContext } from '../domain/request.ts';

/** Set by the middleware, in this order: the request, then (where a token was sent) the actor. */
export interface RequestState {
  request: RequestContext;
  actor?: Actor;
}

export type RequestContextOf = ParameterizedContext<RequestState>;
