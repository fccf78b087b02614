/** Roles: showing them, who holds them, what they hold, and changing that. */
import { LatchkeyError } from '../../domain/errors.ts';
import { roleOf, type RoleId } from '../../domain/ids.ts';
import { addMember, removeMember } from '../../domain/roles/change-members.ts';
import { listMembers, listMemberships, type MembershipsRequest } from '../../domain/roles/memberships.ts';
import { rolesHeldBy, showRole, showRoleGraph } from '../../domain/roles/show.ts';
import type { Services } from '../../domain/services.ts';
import type { RequestContextOf } from '../context.ts';
import { sendJson } from './json.ts';
import { queryParameters, type Parameters } from './parameters.ts';
import { accountOf, resourceOfPath } from './path.ts';
import { membershipJson, roleJson } from './resource-json.ts';
import { actorRequest, type Handler, type Params, type Route } from './routing.ts';

const kinds: ReadonlySet<string> = new Set(['user', 'host', 'layer', 'group', 'policy', 'host_factory']);

export function roleRoutes(services: Services): readonly Route[] {
  const path = '/roles/:account/:kind/*identifier';
  return [
    ['get', path, getRole(services)],
    ['post', path, changeMember(services, addMember)],
    ['delete', path, changeMember(services, removeMember)],
  ];
}

/** GET /roles/:account/:kind/*identifier: a key of the query, whatever its value, says what is asked. */
function getRole(services: Services): Handler {
  return async (ctx, params) => {
    const role = roleOfPath(params);
    const query = queryParameters(ctx);
    const request = actorRequest(ctx);
    if (query.has('graph')) sendJson(ctx, await showRoleGraph(services, request, role));
    else if (query.has('all')) {
      sendList(ctx, query, await rolesHeldBy(services, request, role, query.texts('filter')), String);
    } else if (query.has('memberships')) {
      const found = await listMemberships(services, request, role, membershipsRequest(query));
      sendList(ctx, query, found, membershipJson);
    } else if (query.has('members')) {
      const found = await listMembers(services, request, role, membershipsRequest(query));
      sendList(ctx, query, found, membershipJson);
    } else sendJson(ctx, roleJson(await showRole(services, request, role)));
  };
}

/** POST and DELETE /roles/:account/:kind/*identifier?members&member= */
function changeMember(services: Services, change: typeof addMember): Handler {
  return async (ctx, params) => {
    const role = roleOfPath(params);
    const query = queryParameters(ctx);
    if (!query.has('members')) throw new LatchkeyError('ROUTE_NOT_FOUND');
    const member = query.text('member');
    if (member === undefined) throw new LatchkeyError('PARAMETER_MISSING', { detail: 'member' });
    await change(services, actorRequest(ctx), role, member);
    ctx.status = 204;
  };
}

function membershipsRequest(query: Parameters): MembershipsRequest {
  const texts = { search: 'search', limit: 'limit', offset: 'offset', count: 'count' } as const;
  const asked = Object.values(texts).map((name) => [name, query.text(name)] as const);
  const kindsAsked = query.texts('kind');
  const filter = query.texts('filter');
  return {
    ...Object.fromEntries(asked.filter(([, value]) => value !== undefined)),
    ...(kindsAsked === undefined ? {} : { kinds: kindsAsked }),
    ...(filter === undefined ? {} : { filter }),
  };
}

function sendList<Item>(
  ctx: RequestContextOf,
  query: Parameters,
  items: readonly Item[],
  render: (item: Item) => unknown,
): void {
  sendJson(ctx, query.has('count') ? { count: items.length } : items.map(render));
}

function roleOfPath(params: Params): RoleId {
  const { kind = '' } = params;
  const account = accountOf(params.account);
  if (!kinds.has(kind)) throw new LatchkeyError('ROUTE_NOT_FOUND');
  return roleOf(resourceOfPath(account, kind, params.identifier));
}
