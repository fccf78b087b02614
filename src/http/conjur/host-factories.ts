/** Tokens of host factories, and the hosts that are made with them. */
import { createHostFactoryTokens, type IssuedToken } from '../../domain/host-factories/create-tokens.ts';
import { createHostByFactory, type CreatedHost } from '../../domain/host-factories/create-host.ts';
import { revokeHostFactoryToken } from '../../domain/host-factories/revoke-token.ts';
import { LatchkeyError } from '../../domain/errors.ts';
import { isIdText, splitId, toResourceId, type ResourceId } from '../../domain/ids.ts';
import type { Services } from '../../domain/services.ts';
import { sendJson } from './json.ts';
import { tokenOf } from './gate.ts';
import { bodyParameters } from './parameters.ts';
import { resourceJson, tokenTime } from './resource-json.ts';
import { actorRequest, type Handler, type Route } from './routing.ts';

/** Annotations included. */
const maxBytes = 1_024 * 1_024;

/** The routes, none where host factories are switched off. */
export function hostFactoryTokenRoutes(services: Services): readonly Route[] {
  if (!services.settings.hostFactoriesEnabled) return [];
  return [
    ['post', '/host_factory_tokens', postTokens(services)],
    ['delete', '/host_factory_tokens/:token', deleteToken(services)],
  ];
}

export function hostFactoryRoutes(services: Services): readonly Route[] {
  if (!services.settings.hostFactoriesEnabled) return [];
  return [['post', '/host_factories/hosts', postHost(services)]];
}

/** POST /host_factory_tokens */
function postTokens(services: Services): Handler {
  return async (ctx) => {
    const parameters = await bodyParameters(ctx, { maxBytes });
    const hostFactory = hostFactoryOf(parameters.text('host_factory'));
    const issued = await createHostFactoryTokens(services, actorRequest(ctx), hostFactory, {
      expiration: parameters.value('expiration'),
      count: parameters.value('count'),
      cidr: parameters.texts('cidr') ?? [],
    });
    sendJson(ctx, issued.map(tokenJson));
  };
}

/** An id that nothing can have is answered as one that nothing has. */
function hostFactoryOf(text: string | undefined): ResourceId {
  if (text === undefined) throw new LatchkeyError('PARAMETER_MISSING', { detail: 'host_factory' });
  const parts = splitId(text);
  if (parts === undefined || !isIdText(parts.account, parts.kind, parts.identifier)) {
    throw new LatchkeyError('RESOURCE_NOT_FOUND', { subject: text });
  }
  return toResourceId(parts.account, parts.kind, parts.identifier);
}

function tokenJson({ token, expiresAt, cidr }: IssuedToken): unknown {
  return { expiration: tokenTime(expiresAt), cidr, token };
}

/** DELETE /host_factory_tokens/:token */
function deleteToken(services: Services): Handler {
  return async (ctx, params) => {
    if (ctx.path.includes('.')) throw new LatchkeyError('ROUTE_NOT_FOUND');
    await revokeHostFactoryToken(services, actorRequest(ctx), params.token ?? '');
    ctx.status = 204;
  };
}

/** POST /host_factories/hosts: the header carries a host-factory token, not an access token. */
function postHost(services: Services): Handler {
  return async (ctx) => {
    const parameters = await bodyParameters(ctx, { maxBytes });
    const created = await createHostByFactory(
      services,
      ctx.state.request,
      tokenOf(ctx.req.headers.authorization),
      {
        id: parameters.text('id'),
        annotations: parameters.textMap('annotations') ?? new Map<string, string>(),
      },
    );
    ctx.status = 201;
    sendJson(ctx, hostJson(created));
  };
}

function hostJson({ details, apiKey }: CreatedHost): unknown {
  return { ...resourceJson(details), api_key: apiKey };
}
