/** `identity/group` and `identity/lookup/group`: groups and layers, to be read. */
import { LatchkeyError } from '../../domain/errors.ts';
import { findGroup, listGroups, type GroupWithMembers } from '../../domain/provider/vault/identity-groups.ts';
import type { ActorRequest } from '../../domain/request.ts';
import type { Services } from '../../domain/services.ts';
import type { Wrapped } from './envelope.ts';
import { identityRoutes, rootNamespace, type LookupValues } from './identities.ts';
import type { Route } from './routing.ts';

export function groupRoutes(services: Services): readonly Route[] {
  const show = async (
    request: ActorRequest,
    by: 'id' | 'name',
    value: string,
  ): Promise<Wrapped | undefined> => {
    const group = await findGroup(services, request, { by, value });
    return group && { data: groupJson(group) };
  };
  return identityRoutes('group', {
    list: (request) => listGroups(services, request),
    listed: ({ name, memberEntityIds, parentGroupIds }) => ({
      name,
      num_member_entities: memberEntityIds.length,
      num_parent_groups: parentGroupIds.length,
    }),
    show,
    lookup: async (request, values) => {
      const { by, value } = lookupOf(values);
      return show(request, by, value);
    },
  });
}

/** Groups have no aliases, so that looking for one by an alias finds none. */
function lookupOf(values: LookupValues): {
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
