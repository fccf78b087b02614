/** Who is in a group, as the versioned API names it. */
import type { AccountState } from '../accounts/account-state.ts';
import { isFailure, LatchkeyError } from '../errors.ts';
import { roleOf, type ResourceId, type RoleId } from '../ids.ts';
import { identifierOf, resourceAt, type NamedRole } from '../branches/names.ts';
import { visible } from '../rbac/check.ts';
import { recordMissing } from '../record-missing.ts';
import type { ActorRequest } from '../request.ts';

/** What members may be. */
export const memberKinds = ['host', 'user', 'group'] as const;

/** A group and a role, both of which the caller may know of. */
export interface FoundMember {
  readonly group: ResourceId;
  readonly member: RoleId;
}

/**
 * @throws LatchkeyError `RESOURCE_NOT_FOUND`: the group is missing, or invisible to the role
 * @throws LatchkeyError `MEMBER_UNKNOWN`: so is the member
 */
export function findMember(
  state: AccountState,
  request: ActorRequest,
  groupPath: string,
  { kind, id }: NamedRole,
): FoundMember {
  const group = requireVisible(state, request, 'group', groupPath);
  try {
    return { group, member: roleOf(requireVisible(state, request, kind, id)) };
  } catch (error) {
    if (!isFailure(error, 'RESOURCE_NOT_FOUND')) throw error;
    throw new LatchkeyError('MEMBER_UNKNOWN', { detail: error.message });
  }
}

function requireVisible(
  { account, graph }: AccountState,
  { actor }: ActorRequest,
  kind: string,
  path: string,
): ResourceId {
  const resource = resourceAt(account, kind, path);
  if (resource === undefined || !visible(graph, actor.role, resource)) {
    throw recordMissing(`${account}:${kind}:${identifierOf(path)}`);
  }
  return resource;
}
