/** `identity/group` and `identity/lookup/group`: groups and layers, to be read. */
import { LatchkeyError } from '../../domain/errors.ts';
import { findGroup, listGroups, type GroupWithMembers } from '../../domain/provider/vault/identity-groups.ts';
import type { ActorRequest } from '../../domain/request.ts';
import type { Services } from '../../domain/services.ts';
import { rootNamespace } from './entities.ts';
import { listReply, type Wrapped } from './envelope.ts';
import { refuse } from './policy-managed.ts';
import { tokenRoute, type Route } from './routing.ts';

export function groupRoutes(services: Services): readonly Route[] {
  const show = async (request: ActorRequest, by: 'id' | 'name', value = ''): Promise<Wrapped | undefined> => {
    const group = await findGroup(services, request, { by, value });
    return group && { data: groupJson(group) };
  };
  return [
    tokenRoute(
      { path: 'identity/group/id', fields: {} },
      { list: async ({ request }) => groupList(await listGroups(services, request)) },
    ),
    tokenRoute(
      { path: 'identity/group/name', fields: {} },
      {
        list: async ({ request }) =>
          listReply((await listGroups(services, request)).map(({ name }) => name).sort()),
      },
    ),
    tokenRoute(
      { path: 'identity/group/id/:id', fields: {} },
      {
        read: ({ request, captured }) => show(request, 'id', captured['id']),
        write: refuse,
        delete: refuse,
      },
    ),
    tokenRoute(
      { path: 'identity/group/name/*name', fields: {} },
      {
        read: ({ request, captured }) => show(request, 'name', captured['name']),
        write: refuse,
        delete: refuse,
      },
    ),
    tokenRoute(
      { path: 'identity/lookup/group', fields: lookupFields },
      {
        write: async ({ request, values }) => {
          const { by, value } = lookupOf(values);
          return show(request, by, value);
        },
      },
    ),
  ];
}

const lookupFields = {
  id: 'string',
  name: 'string',
  alias_id: 'string',
  alias_name: 'string',
  alias_mount_accessor: 'string',
} as const;

/** Groups have no aliases, so that looking for one by an alias finds none. */
function lookupOf(values: { readonly [Name in keyof typeof lookupFields]?: string }): {
  readonly by: 'id' | 'name';
  readonly value: string;
} {
  const given = Object.keys(values);
  const aliased = values.alias_name !== undefined && values.alias_mount_accessor !== undefined;
  if (given.length > (aliased ? 2 : 1)) {
    const detail = 'query parameter conflict: exactly one of id, name, alias_id or an alias is taken';
    throw new LatchkeyError('PARAMETER_INVALID', { detail });
  }
  if (values.id !== undefined) return { by: 'id', value: values.id };
  if (values.name !== undefined) return { by: 'name', value: values.name };
  if (aliased || values.alias_id !== undefined) return { by: 'id', value: '' };
  const detail =
    given.length === 0
      ? 'query parameter not supplied'
      : "both 'alias_name' and 'alias_mount_accessor' need to be set";
  throw new LatchkeyError('PARAMETER_MISSING', { detail });
}

function groupList(groups: readonly GroupWithMembers[]): Wrapped | undefined {
  const info = groups.map(
    ({ id, name, memberEntityIds, parentGroupIds }) =>
      [
        id,
        { name, num_member_entities: memberEntityIds.length, num_parent_groups: parentGroupIds.length },
      ] as const,
  );
  return listReply(groups.map(({ id }) => id).sort(), Object.fromEntries(info));
}

function groupJson(group: GroupWithMembers): Readonly<Record<string, unknown>> {
  const { id, name, metadata, memberEntityIds, memberGroupIds, parentGroupIds, createdAt } = group;
  return {
    id,
    name,
    type: 'internal',
    metadata,
    policies: [],
    member_entity_ids: memberEntityIds,
    member_group_ids: memberGroupIds,
    parent_group_ids: parentGroupIds,
    alias: {},
    modify_index: 1,
    namespace_id: rootNamespace,
    creation_time: new Date(createdAt).toISOString(),
    last_update_time: new Date(createdAt).toISOString(),
  };
}
