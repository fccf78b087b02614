import type { AccountState } from '../accounts/account-state.ts';
import { commitAt, requireBranch } from '../branches/branch.ts';
import { identifierOf, parentOf, requireNamedRole, type NamedRole } from '../branches/names.ts';
import { LatchkeyError } from '../errors.ts';
import { partsOf, roleOf, type Account, type ResourceId, type RoleId } from '../ids.ts';
import type { LoadServices } from '../policy/load-request.ts';
import { planEdit, type Plan } from '../policy/plan.ts';
import type { MembershipRow } from '../records/rows.ts';
import type { ActorRequest } from '../request.ts';
import { findMember, memberKinds } from './member.ts';

/**
 * Puts a role into a group. The membership is defined by the policy that defined the group.
 *
 * @returns the member, its id without a slash at the front
 * @throws LatchkeyError `RESOURCE_NOT_FOUND`: the branch of the group is missing, or the role lacks
 *   `create` on it; the group is missing, or invisible
 * @throws LatchkeyError `FIELD_INVALID`, `FIELD_VALUE_INVALID`: what cannot be a member
 * @throws LatchkeyError `MEMBER_UNKNOWN`, `MEMBER_PRESENT`
 * @throws LatchkeyError `STORE_BUSY`
 * @see Conjur: POST /groups/{account}/{identifier}/members
 */
export async function addGroupMember(
  services: LoadServices,
  request: ActorRequest,
  account: Account,
  groupPath: string,
  named: NamedRole,
): Promise<NamedRole> {
  const branch = parentOf(identifierOf(groupPath));
  return commitAt(services, request, account, branch, (state) => {
    requireBranch(state, request, branch, 'create');
    requireNamedRole(named, memberKinds, 'member');
    refuseItself(groupPath, named);
    const { group, member } = findMember(state, request, groupPath, named);
    refusePresent(state, group, member);
    const { kind, identifier: id } = partsOf(member);
    return { plan: planMembership(state, group, member), result: { kind, id } };
  });
}

function refuseItself(groupPath: string, { kind, id }: NamedRole): void {
  const group = identifierOf(groupPath);
  if (kind !== 'group' || identifierOf(id) !== group) return;
  throw new LatchkeyError('FIELD_VALUE_INVALID', {
    detail:
      'The value in the Member ID parameter is not valid. ' +
      `Error: The '${group}' group cannot be a member of itself`,
  });
}

function refusePresent({ graph }: AccountState, group: ResourceId, member: RoleId): void {
  if (graph.membership(roleOf(group), member, false) === undefined) return;
  const { kind, identifier } = partsOf(member);
  throw new LatchkeyError('MEMBER_PRESENT', {
    detail: `'/${identifier}' (kind='${kind}') is already a member of '${group}'`,
  });
}

function planMembership({ graph }: AccountState, group: ResourceId, member: RoleId): Plan {
  const policy = graph.resource(group)?.policy;
  const row: MembershipRow = {
    table: 'membership',
    role: roleOf(group),
    member,
    ownership: false,
    admin: false,
    ...(policy === undefined ? {} : { policy }),
  };
  return planEdit(graph, (draft) => {
    draft.put(draft.look(row), row);
  });
}
