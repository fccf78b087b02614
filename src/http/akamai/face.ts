/**
 * The face of Akamai's dialect: `/{customerId}/login/…` and `/{customerId}/config/…`. Who calls is looked at
 * before whether there is anything at an address; every call of the configuration is audited.
 */
import type { Middleware } from 'koa';
import { LatchkeyError } from '../../domain/errors.ts';
import { configure } from '../../domain/provider/akamai/access.ts';
import type { Services } from '../../domain/services.ts';
import type { RequestContextOf, RequestState } from '../context.ts';
import type { Engine } from '../engine/engine-types.ts';
import { bootstrapRoutes } from './bootstrap.ts';
import { clientRoutes } from './clients.ts';
import { renderError, renderTokenError } from './errors.ts';
import { endpointAt, registerIssuer, serveIssuer } from './issuer.ts';
import { getConfiguration } from './configuration.ts';
import { allPolicyRoutes } from './policies.ts';
import { configurationRequest } from './request.ts';
import { routeFinder, type Found, type Route } from './routing.ts';
import { postToken } from './token.ts';

const customerPath = /^\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\/(config|login)(?:\/|$)/i;

/** Whether a path looks like one of this face's customers: decided on its form, without looking anything up. */
export function isCustomerPath(path: string): boolean {
  return customerPath.test(path);
}

/** The routes; a request of any other path or method is refused, as far as its caller may know. */
export function akamaiRoutes(services: Services, engine: Engine): readonly Route[] {
  return [
    ['post', '/:customerId/login/token', postToken(services, engine)],
    ['get', '/:customerId/config', getConfiguration(services)],
    ...clientRoutes(services),
    ...allPolicyRoutes(services),
    ...bootstrapRoutes(services),
  ];
}

/** The middleware for paths below `/akamai` and those that {@link isCustomerPath}. */
export function akamaiFace(services: Services, engine: Engine): Middleware<RequestState> {
  registerIssuer(services, engine);
  const find = routeFinder(akamaiRoutes(services, engine));
  return async (ctx) => {
    const [, customerId, part] = customerPath.exec(ctx.path) ?? [];
    ctx.state.renderError = part === 'login' ? renderTokenError : renderError;
    const endpoint =
      part === 'login' ? endpointAt(ctx.path.slice(`/${customerId ?? ''}/login`.length)) : undefined;
    if (endpoint !== undefined) {
      await serveIssuer(services, engine, ctx, customerId ?? '', endpoint);
      return;
    }
    const found = find(ctx.method, ctx.path);
    if (found.handler !== undefined) await found.handler(ctx, found.params);
    else if (part === 'config') await refuse(services, ctx, found, customerId ?? '');
    else throw refusalOf(ctx, found);
  };
}

async function refuse(
  services: Services,
  ctx: RequestContextOf,
  found: Found,
  customerId: string,
): Promise<void> {
  const method = ctx.method === 'POST' || ctx.method === 'PUT' ? ctx.method : 'GET';
  const known = found.allowed.length > 0;
  const act = {
    operation: 'read',
    kind: 'config',
    name: ctx.path.slice(0, 200),
    method,
    path: undefined,
    refusal: known ? 'CONFIGURATION_METHOD_UNSUPPORTED' : 'ROUTE_NOT_FOUND',
  } as const;
  if (known) ctx.set('Allow', found.allowed.join(', '));
  await configure(services, configurationRequest(ctx, customerId), act, () => ({
    changes: [],
    result: undefined,
  }));
}

function refusalOf(ctx: RequestContextOf, { allowed }: Found): LatchkeyError {
  if (allowed.length === 0) return new LatchkeyError('CUSTOMER_NOT_FOUND');
  ctx.set('Allow', allowed.join(', '));
  return new LatchkeyError('CONFIGURATION_METHOD_UNSUPPORTED');
}
