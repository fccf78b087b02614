/** What browsers open: below `/ui/vault/`, where relying parties of Vault send people. */
import type { Middleware } from 'koa';
import type { RequestState } from '../../context.ts';
import type { Endpoint } from '../../engine/types.ts';
import { issuerNamed, type FlowServices } from './issuer.ts';

const pagePath = /^\/ui\/vault\/identity\/oidc\/provider\/(\w(?:[\w.-]{0,253}\w)?)(\/.{1,200})$/u;

/**
 * The authorization endpoint of every provider, the way back from a sign-in, and signing out. Who is
 * to be asked for what, and where people are sent afterwards, is the engine's.
 */
export function providerPages(flow: FlowServices): Middleware<RequestState> {
  return async (ctx, next) => {
    const [, name = '', rest = ''] = pagePath.exec(ctx.path) ?? [];
    const endpoint = endpointOf(rest);
    if (endpoint === undefined) {
      await next();
      return;
    }
    const issuer = await issuerNamed(flow, name);
    if (issuer === undefined) await flow.engine.problem(ctx, unknownProvider);
    else await issuer.engine.serve(ctx, endpoint);
  };
}

const unknownProvider = {
  error: 'invalid_request',
  description: 'There is no such provider',
  status: 404,
};

const endpoints: Readonly<Record<string, Endpoint>> = {
  '/authorize': 'authorization',
  '/logout': 'endSession',
  '/logout/confirm': 'endSessionConfirm',
  '/logout/success': 'endSessionSuccess',
};

function endpointOf(rest: string): Endpoint | undefined {
  if (Object.hasOwn(endpoints, rest)) return endpoints[rest];
  return /^\/authorize\/[\w-]+$/u.test(rest) ? 'resume' : undefined;
}
