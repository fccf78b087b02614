/** Issuers of dynamic secrets, in Conjur's words. Keys are in the order of its answers. */
import { LatchkeyError } from '../../domain/errors.ts';
import { createIssuer } from '../../domain/issuers/create.ts';
import { deleteIssuer } from '../../domain/issuers/delete.ts';
import type { Issuer } from '../../domain/issuers/issuer.ts';
import { listIssuers, showOneIssuer } from '../../domain/issuers/read.ts';
import type { IssuerBody } from '../../domain/issuers/request.ts';
import { updateIssuer } from '../../domain/issuers/update.ts';
import type { Services } from '../../domain/services.ts';
import type { RequestContextOf } from '../context.ts';
import { sendJson } from './json.ts';
import { bodyOnlyParameters } from './parameters.ts';
import { accountOf, queryParameter } from './path.ts';
import { databaseTime } from './resource-json.ts';
import { actorRequest, type Handler, type Params, type Route } from './routing.ts';

const maxBytes = 64 * 1_024;

/** The routes, none where dynamic secrets are switched off. */
export function issuerRoutes(services: Services): readonly Route[] {
  if (!services.settings.dynamicSecretsEnabled) return [];
  return [
    ['post', '/issuers/:account', postIssuer(services)],
    ['get', '/issuers/:account', getIssuers(services)],
    ['get', '/issuers/:account/:identifier', getIssuer(services)],
    ['patch', '/issuers/:account/:identifier', patchIssuer(services)],
    ['delete', '/issuers/:account/:identifier', removeIssuer(services)],
  ];
}

function postIssuer(services: Services): Handler {
  return async (ctx, params) => {
    const body = await bodyOf(ctx);
    const issuer = await createIssuer(services, actorRequest(ctx), accountOf(params.account), body);
    ctx.status = 201;
    sendJson(ctx, issuerJson(issuer));
  };
}

function getIssuers(services: Services): Handler {
  return async (ctx, params) => {
    const sort = queryParameter(ctx, 'sort') ?? '';
    const wanted = sort === '' ? undefined : sort;
    const issuers = await listIssuers(services, actorRequest(ctx), accountOf(params.account), wanted);
    sendJson(ctx, { issuers: issuers.map(issuerJson) });
  };
}

function getIssuer(services: Services): Handler {
  return async (ctx, params) => {
    const account = accountOf(params.account);
    const projection = queryParameter(ctx, 'projection');
    const issuer = await showOneIssuer(services, actorRequest(ctx), account, idOf(ctx, params), projection);
    sendJson(ctx, projection === undefined ? issuerJson(issuer) : { max_ttl: issuer.maxTtlSeconds });
  };
}

function patchIssuer(services: Services): Handler {
  return async (ctx, params) => {
    const account = accountOf(params.account);
    const id = idOf(ctx, params);
    const issuer = await updateIssuer(services, actorRequest(ctx), account, id, await bodyOf(ctx));
    sendJson(ctx, issuerJson(issuer));
  };
}

function removeIssuer(services: Services): Handler {
  return async (ctx, params) => {
    const account = accountOf(params.account);
    const keepSecrets = queryParameter(ctx, 'keep_secrets') === 'true';
    await deleteIssuer(services, actorRequest(ctx), account, idOf(ctx, params), keepSecrets);
    ctx.status = 204;
  };
}

/** A raw dot is not part of the path of an issuer. */
function idOf(ctx: RequestContextOf, { identifier = '' }: Params): string {
  if (ctx.path.slice(ctx.path.lastIndexOf('/')).includes('.')) throw new LatchkeyError('ROUTE_NOT_FOUND');
  return identifier;
}

async function bodyOf(ctx: RequestContextOf): Promise<IssuerBody> {
  const parameters = await bodyOnlyParameters(ctx, { maxBytes });
  return new Map(parameters.names().map((name) => [name, parameters.value(name)]));
}

function issuerJson({ id, account, maxTtlSeconds, type, data, createdAt, modifiedAt }: Issuer): unknown {
  return {
    id,
    account,
    max_ttl: maxTtlSeconds,
    type,
    data: Object.fromEntries(data),
    created_at: databaseTime(createdAt),
    modified_at: databaseTime(modifiedAt),
  };
}
