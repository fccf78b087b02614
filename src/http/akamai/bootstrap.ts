/** What the operator needs before the configuration API can be used; these take an access token of a role. */
import { LatchkeyError } from '../../domain/errors.ts';
import { bootstrapConfiguration, readCustomer } from '../../domain/provider/akamai/bootstrap.ts';
import type { ActorRequest } from '../../domain/request.ts';
import type { Services } from '../../domain/services.ts';
import type { RequestContextOf } from '../context.ts';
import { sendJson } from './errors.ts';
import { readJson } from './request.ts';
import type { Handler, Route } from './routing.ts';

export function bootstrapRoutes(services: Services): readonly Route[] {
  return [
    ['get', '/akamai/customer', getCustomer(services)],
    ['post', '/akamai/configuration-client', postConfigurationClient(services)],
  ];
}

function getCustomer(services: Services): Handler {
  return async (ctx) => {
    const { customerId, hasOwner } = await readCustomer(services, await actorRequest(services, ctx));
    sendJson(ctx, { customer_id: customerId, initialized: hasOwner });
  };
}

function postConfigurationClient(services: Services): Handler {
  return async (ctx) => {
    const request = await actorRequest(services, ctx);
    const { another } = await readJson(ctx, {});
    const made = await bootstrapConfiguration(services, request, another === true);
    ctx.status = 201;
    sendJson(ctx, {
      customer_id: made.customerId,
      client_id: made.clientId,
      client_secret: made.clientSecret,
      token_policy: made.tokenPolicyId,
    });
  };
}

/** @throws LatchkeyError `ACCESS_TOKEN_MISSING`, and the other `ACCESS_TOKEN_…` errors */
async function actorRequest(services: Services, ctx: RequestContextOf): Promise<ActorRequest> {
  const { requestId, clientIp } = ctx.state.request;
  const token = /^Token token="(.*)"/.exec(ctx.req.headers.authorization ?? '')?.[1]?.trim();
  if (token === undefined) throw new LatchkeyError('ACCESS_TOKEN_MISSING');
  return { requestId, clientIp, actor: await services.tokens.verify(token, clientIp) };
}
