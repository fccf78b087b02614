import { resourceOf, type RoleId } from '../ids.ts';
import { roleGraph, type RoleGraphEdge } from '../rbac/role-graph.ts';
import { fullIdOf } from '../rbac/named-role.ts';
import { visibleView } from '../rbac/visible-view.ts';
import { recordMissing } from '../record-missing.ts';
import type { MembershipRow, RoleRow } from '../records/rows.ts';
import type { ActorRequest } from '../request.ts';
import type { Services } from '../services.ts';
import { byMember } from './order.ts';

export interface RoleDetails {
  readonly row: RoleRow;
  /** Who holds it directly, sorted. */
  readonly members: readonly MembershipRow[];
}

/**
 * Shows a role to whoever may know of the resource of the same name.
 * @throws LatchkeyError `RESOURCE_NOT_FOUND`: missing or invisible
 * @see Conjur: GET /roles/{account}/{kind}/{identifier}
 */
export async function showRole(
  services: Pick<Services, 'authority'>,
  request: ActorRequest,
  role: RoleId,
): Promise<RoleDetails> {
  const { state } = await visibleView(services, request.actor, resourceOf(role));
  const row = state.graph.role(role);
  if (row === undefined) throw recordMissing(role);
  return { row, members: state.graph.members(role).sort(byMember) };
}

/**
 * Every role that a role holds, directly or not, itself included; sorted.
 * @param filter where given, only these: each a full id or `kind:id`; what is not held does not count
 * @throws LatchkeyError `RESOURCE_NOT_FOUND`: missing or invisible
 * @throws LatchkeyError `PARAMETER_INVALID`: a filter without a colon
 * @see Conjur: GET /roles/…?all
 */
export async function rolesHeldBy(
  services: Pick<Services, 'authority'>,
  request: ActorRequest,
  role: RoleId,
  filter?: readonly string[],
): Promise<readonly RoleId[]> {
  const { state } = await visibleView(services, request.actor, resourceOf(role));
  const held = state.graph.heldBy(role).sort();
  if (filter === undefined) return held;
  const wanted = new Set<string>(filter.map((text) => fullIdOf(state.account, text)));
  return held.filter((id) => wanted.has(id));
}

/**
 * The memberships around a role, as far as the caller may know of them.
 * @throws LatchkeyError `RESOURCE_NOT_FOUND`: missing or invisible
 * @see Conjur: GET /roles/…?graph
 */
export async function showRoleGraph(
  services: Pick<Services, 'authority'>,
  request: ActorRequest,
  role: RoleId,
): Promise<readonly RoleGraphEdge[]> {
  const { actor } = request;
  const { state } = await visibleView(services, actor, resourceOf(role));
  return roleGraph(state.graph, role, actor.role);
}
