import { commitAt, requireBranch } from '../branches/branch.ts';
import { identifierOf, parentOf, requireNamedRole, type NamedRole } from '../branches/names.ts';
import { LatchkeyError } from '../errors.ts';
import { partsOf, roleOf, type Account } from '../ids.ts';
import type { LoadServices } from '../policy/load-request.ts';
import { planEdit } from '../policy/plan.ts';
import type { ActorRequest } from '../request.ts';
import { findMember, memberKinds } from './member.ts';

/**
 * Takes a role out of a group, whichever policy put it there. That somebody owns the group is no
 * membership of this kind.
 *
 * @throws LatchkeyError `RESOURCE_NOT_FOUND`: the branch of the group is missing, or the role lacks
 *   `update` on it; the group is missing, or invisible
 * @throws LatchkeyError `FIELD_INVALID`: what cannot be a member
 * @throws LatchkeyError `MEMBER_UNKNOWN`: the member is missing, or invisible
 * @throws LatchkeyError `MEMBER_ABSENT`, `STORE_BUSY`
 * @see Conjur: DELETE /groups/{account}/{identifier}/members/{kind}/{id}
 */
export async function removeGroupMember(
  services: LoadServices,
  request: ActorRequest,
  account: Account,
  groupPath: string,
  named: NamedRole,
): Promise<void> {
  const branch = parentOf(identifierOf(groupPath));
  await commitAt(services, request, account, branch, (state) => {
    requireBranch(state, request, branch, 'update');
    requireNamedRole(named, memberKinds, 'member');
    const { group, member } = findMember(state, request, groupPath, named);
    const row = state.graph.membership(roleOf(group), member, false);
    if (row === undefined) {
      const { kind, identifier } = partsOf(member);
      throw new LatchkeyError('MEMBER_ABSENT', {
        detail: `'${identifier}' (kind='${kind}') isn't a member of '/${partsOf(group).identifier}'`,
      });
    }
    const plan = planEdit(state.graph, (draft) => {
      draft.remove(draft.look(row));
    });
    return { plan, result: undefined };
  });
}
