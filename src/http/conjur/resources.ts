/** Resources: listing, showing, and asking who may do what. */
import { LatchkeyError } from '../../domain/errors.ts';
import type { ResourceId } from '../../domain/ids.ts';
import { checkPermission, rolesPermitted } from '../../domain/resources/check.ts';
import { listResources } from '../../domain/resources/list.ts';
import { showResource } from '../../domain/resources/show.ts';
import type { Services } from '../../domain/services.ts';
import type { RequestContextOf } from '../context.ts';
import { sendJson } from './json.ts';
import { queryParameters, type Parameters } from './parameters.ts';
import { accountOf, resourceOfPath } from './path.ts';
import { resourceJson } from './resource-json.ts';
import { actorRequest, type Handler, type Params, type Route } from './routing.ts';

const kinds: ReadonlySet<string> = new Set([
  'variable',
  'public_key',
  'user',
  'host',
  'layer',
  'group',
  'policy',
  'webservice',
  'host_factory',
  'configuration',
]);

export function resourceRoutes(services: Services): readonly Route[] {
  return [
    ['get', '/resources', getResources(services)],
    ['get', '/resources/:account', getResources(services)],
    ['get', '/resources/:account/:kind', getResources(services)],
    ['get', '/resources/:account/:kind/*identifier', getResource(services)],
  ];
}

/** GET /resources(/:account(/:kind)) */
function getResources(services: Services): Handler {
  return async (ctx, params) => {
    if (params.kind !== undefined) requireKind(params.kind);
    const query = queryParameters(ctx);
    const account = params.account ?? query.text('account');
    const found = await listResources(services, actorRequest(ctx), {
      ...(account === undefined ? {} : { account: accountOf(account) }),
      ...given('kind', params.kind ?? query.text('kind')),
      ...given('search', query.text('search')),
      ...given('limit', query.text('limit')),
      ...given('offset', query.text('offset')),
      ...given('count', query.text('count') || undefined),
      ...given('owner', query.text('owner')),
      ...given('role', query.text('role') || undefined),
      ...given('actingAs', query.text('acting_as') || undefined),
    });
    sendJson(ctx, 'count' in found ? found : found.resources.map(resourceJson));
  };
}

/** GET /resources/:account/:kind/*identifier: a key of the query, whatever its value, says what is asked. */
function getResource(services: Services): Handler {
  return async (ctx, params) => {
    const resource = resourceOf(params);
    const query = queryParameters(ctx);
    if (query.has('check')) await check(services, ctx, resource, query);
    else if (query.has('permitted_roles')) {
      const privilege = requirePrivilege(query.text('privilege') ?? query.text('permission'));
      sendJson(ctx, await rolesPermitted(services, actorRequest(ctx), resource, privilege));
    } else sendJson(ctx, resourceJson(await showResource(services, actorRequest(ctx), resource)));
  };
}

async function check(
  services: Services,
  ctx: RequestContextOf,
  resource: ResourceId,
  query: Parameters,
): Promise<void> {
  const privilege = requirePrivilege(query.text('privilege'));
  const allowed = await checkPermission(services, actorRequest(ctx), resource, privilege, query.text('role'));
  ctx.status = allowed ? 204 : 404;
  if (allowed) return;
  // An empty answer: without a body, Koa would write its status.
  ctx.body = '';
  ctx.remove('Content-Type');
}

function requirePrivilege(privilege: string | undefined): string {
  if (privilege === undefined) throw new LatchkeyError('PARAMETER_MISSING', { detail: 'privilege' });
  return privilege;
}

function resourceOf(params: Params): ResourceId {
  const account = accountOf(params.account);
  return resourceOfPath(account, requireKind(params.kind), params.identifier);
}

/** Other kinds have no route. */
function requireKind(kind: string | undefined): string {
  if (kind === undefined || !kinds.has(kind)) throw new LatchkeyError('ROUTE_NOT_FOUND');
  return kind;
}

function given<Name extends string>(
  name: Name,
  value: string | undefined,
): { readonly [Key in Name]?: string } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [Key in Name]: string });
}
