/** Granting a role, and taking it back, outside of policy. */
import type { AccountState } from '../accounts/account-state.ts';
import { rowChanges } from '../accounts/row-changes.ts';
import { untilCommitted } from '../accounts/until-committed.ts';
import type { PolicyEvent } from '../audit/events.ts';
import { audited } from '../audited.ts';
import { LatchkeyError } from '../errors.ts';
import { resourceOf, type ResourceId, type RoleId } from '../ids.ts';
import { occurrence } from '../occurrence.ts';
import { decide } from '../rbac/check.ts';
import { roleOfFullId } from '../rbac/named-role.ts';
import { visibleView } from '../rbac/visible-view.ts';
import { recordMissing } from '../record-missing.ts';
import type { MembershipRow } from '../records/rows.ts';
import type { ActorRequest } from '../request.ts';
import type { Services } from '../services.ts';

type ChangeServices = Pick<Services, 'authority' | 'audit' | 'clock'>;

/**
 * Lets a member hold a role. No policy defines such a membership, so that none removes it but by
 * removing the role or the member. One that is there already stays as it is, and is not audited.
 *
 * @param member a full id
 * @throws LatchkeyError `RESOURCE_NOT_FOUND`: the role is missing, or invisible to the caller, or there
 *   is no such member
 * @throws LatchkeyError `PRIVILEGE_MISSING`: no `create` on the policy that defines the role; or none does,
 *   as with the administrator and the root policy
 * @throws LatchkeyError `STORE_BUSY`: other changes kept coming in between
 * @see Conjur: POST /roles/…?members&member=
 */
export async function addMember(
  services: ChangeServices,
  request: ActorRequest,
  role: RoleId,
  member: string,
): Promise<void> {
  await change(services, request, role, member, 'add', ({ graph }) => {
    const holder = roleOfFullId(member);
    if (holder === undefined || !graph.hasRole(holder)) throw recordMissing(member);
    if (graph.membership(role, holder, false) !== undefined) return undefined;
    return { table: 'membership', role, member: holder, ownership: false, admin: false };
  });
}

/**
 * Ends a membership, whoever made it. That of an owner stays, as it is part of owning.
 *
 * @param member a full id
 * @throws LatchkeyError `RESOURCE_NOT_FOUND`: the role is missing, or invisible to the caller; or who is
 *   named is no member
 * @throws LatchkeyError `PRIVILEGE_MISSING`: no `update` on the policy that defines the role; or none does
 * @throws LatchkeyError `STORE_BUSY`: other changes kept coming in between
 * @see Conjur: DELETE /roles/…?members&member=
 */
export async function removeMember(
  services: ChangeServices,
  request: ActorRequest,
  role: RoleId,
  member: string,
): Promise<void> {
  await change(services, request, role, member, 'remove', ({ graph }) => {
    const holder = roleOfFullId(member);
    const present = holder === undefined ? undefined : graph.membership(role, holder, false);
    if (present === undefined) throw recordMissing(member);
    return present;
  });
}

/**
 * Changes one membership on condition that nothing else changed meanwhile.
 * @param rowOf the membership to add or remove; undefined where nothing is to be done
 */
async function change(
  services: ChangeServices,
  request: ActorRequest,
  role: RoleId,
  member: string,
  operation: 'add' | 'remove',
  rowOf: (state: AccountState) => MembershipRow | undefined,
): Promise<void> {
  let changed = true;
  let policy: ResourceId | undefined;
  await audited(
    services.audit,
    // What was so already is no change.
    (failure) =>
      changed ? changeEvent(services, request, role, member, operation, policy, failure) : undefined,
    () =>
      untilCommitted(async () => {
        const { state, epoch } = await visibleView(services, request.actor, resourceOf(role));
        policy = requirePrivilege(state, request.actor.role, role, operation);
        const row = rowOf(state);
        changed = row !== undefined;
        if (row === undefined) return true;
        const { committed } = await services.authority.commit(state.account, {
          changes: await rowChanges(services, state, [{ row, there: operation === 'add' }], 1),
          authority: true,
          expectEpoch: epoch,
        });
        return committed || undefined;
      }),
  );
}

/** @returns the policy that defines the role */
function requirePrivilege(
  { graph }: AccountState,
  caller: RoleId,
  role: RoleId,
  operation: 'add' | 'remove',
): ResourceId {
  const policy = graph.resource(resourceOf(role))?.policy;
  const privilege = operation === 'add' ? 'create' : 'update';
  if (policy === undefined || !decide(graph, caller, privilege, policy).allowed) {
    throw new LatchkeyError('PRIVILEGE_MISSING', { subject: role });
  }
  return policy;
}

function changeEvent(
  services: ChangeServices,
  request: ActorRequest,
  role: RoleId,
  member: string,
  operation: 'add' | 'remove',
  policy: ResourceId | undefined,
  failure: unknown,
): PolicyEvent {
  const holder = roleOfFullId(member);
  return {
    type: 'policy',
    ...occurrence(services, request, failure),
    role: request.actor.role,
    ...(policy === undefined ? {} : { policy }),
    operation,
    subject: holder === undefined ? { role } : { role, member: holder },
  };
}
