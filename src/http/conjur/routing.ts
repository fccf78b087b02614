/** How routes are found: by the first segment of the raw path, then by that segment's router. */
import Router from '@koa/router';
import type { Middleware, Next } from 'koa';
import { LatchkeyError } from '../../domain/errors.ts';
import type { ActorRequest } from '../../domain/request.ts';
import type { RequestContextOf, RequestState } from '../context.ts';
import { cleanPath, isDecodable } from './path.ts';

/** The decoded parameters of a path. */
export interface Params {
  readonly account?: string;
  readonly authenticator?: string;
  readonly id?: string;
  readonly identifier?: string;
  readonly kind?: string;
  readonly login?: string;
  readonly service?: string;
  readonly token?: string;
  readonly type?: string;
}

export type Handler = (ctx: RequestContextOf, params: Params) => Promise<void> | void;
export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';
export type Route = readonly [method: Method, path: string | RegExp, handler: Handler];

/**
 * Makes one router for each family of routes. Matching is on the path as it was sent: `%2F` is
 * one character of a segment, and each parameter is decoded afterwards.
 * @param familyOf names the family that a path belongs to
 */
export function routesByFamily(
  families: Readonly<Record<string, readonly Route[]>>,
  familyOf: (path: string) => string,
): Middleware<RequestState> {
  const routers = new Map<string, Middleware<RequestState>>();
  for (const [family, routes] of Object.entries(families)) routers.set(family, routerOf(routes));
  return async (ctx, next) => {
    const path = cleanPath(ctx.path);
    if (path !== ctx.path) ctx.path = path;
    const route = routers.get(familyOf(path));
    if (route === undefined || !isDecodable(path)) throw new LatchkeyError('ROUTE_NOT_FOUND');
    await route(ctx, next);
  };
}

function routerOf(routes: readonly Route[]): Middleware<RequestState> {
  const router = new Router<RequestState>();
  for (const [method, path, handler] of routes) {
    router.register(path, [method.toUpperCase()], async (ctx) => {
      await handler(ctx, ctx.params);
    });
  }
  const dispatch = router.routes() as unknown as Middleware<RequestState>;
  return async (ctx) => {
    await dispatch(ctx, noRoute);
  };
}

const noRoute: Next = () => {
  throw new LatchkeyError('ROUTE_NOT_FOUND');
};

/**
 * The request together with who makes it.
 * @throws LatchkeyError `ACCESS_TOKEN_MISSING`
 */
export function actorRequest(ctx: RequestContextOf): ActorRequest {
  const { request, actor } = ctx.state;
  if (actor === undefined) throw new LatchkeyError('ACCESS_TOKEN_MISSING');
  return { requestId: request.requestId, clientIp: request.clientIp, actor };
}
