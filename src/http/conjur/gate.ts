/** Who must carry an access token, and in which header: decided on the path, before any route. */
import type { Middleware } from 'koa';
import { LatchkeyError } from '../../domain/errors.ts';
import type { Services } from '../../domain/services.ts';
import type { RequestState } from '../context.ts';
import { cleanPath } from './path.ts';

type Demand = 'none' | 'optional' | 'required';

const tokenForm = /^Token token="(.*)"/;

/**
 * What a path demands. `none`: a token is not even looked at. `optional`: none is fine, a bad one
 * is refused. Everything else needs one, paths that do not exist included.
 */
export function demandOf(path: string): Demand {
  if (path.startsWith('/secrets') || path.startsWith('/policies')) return 'required';
  if (path === '/' || path === '/authenticators' || path.startsWith('/assets/')) return 'none';
  // Its header carries a host-factory token.
  if (path === '/host_factories/hosts') return 'none';
  if (/^\/authn(?:-[^/]+)?\/.*\/authenticate$/.test(path)) return 'none';
  if (/^\/authn-oidc\/.*\/providers/.test(path)) return 'none';
  if (/^\/authn(?:-[^/]+)?\//.test(path) || path.startsWith('/public_keys/')) return 'optional';
  return 'required';
}

/**
 * Verifies the access token, where there must be or is one, and sets `ctx.state.actor`.
 * @throws LatchkeyError the `ACCESS_TOKEN_*` errors
 */
export function gate(services: Pick<Services, 'tokens'>): Middleware<RequestState> {
  return async (ctx, next) => {
    // As the routes read it: a slash too many must not change what a path demands.
    const demand = demandOf(cleanPath(ctx.path));
    if (demand !== 'none') {
      const token = tokenOf(ctx.req.headers.authorization);
      if (token !== undefined)
        ctx.state.actor = await services.tokens.verify(token, ctx.state.request.clientIp);
      else if (demand === 'required') throw new LatchkeyError('ACCESS_TOKEN_MISSING');
    }
    await next();
  };
}

/**
 * What a request presents as `Token token="…"`; undefined where it has no such header. Its base64 may be
 * broken into lines, which headers have as blanks: Conjur does not mind.
 */
export function tokenOf(authorization: string | undefined): string | undefined {
  return authorization === undefined ? undefined : tokenForm.exec(authorization)?.[1]?.replace(/[ \t]+/g, '');
}
