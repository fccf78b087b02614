import { audited } from '../audited.ts';
import { actorView } from '../actor-view.ts';
import type { ResourceId, RoleId } from '../ids.ts';
import { occurrence } from '../occurrence.ts';
import { decide } from '../rbac/check.ts';
import { assumedRole } from '../rbac/named-role.ts';
import { permittedRoles } from '../rbac/permitted-roles.ts';
import { visibleView } from '../rbac/visible-view.ts';
import type { Actor, ActorRequest } from '../request.ts';
import type { Services } from '../services.ts';

/**
 * Whether a role has a privilege on a resource; audited (`check`).
 * @param subjectRole a full id; the caller where it is empty or undefined
 * @throws LatchkeyError `ROLE_NOT_HELD`: the caller is not that role, and does not hold it; this goes
 *   before what follows
 * @throws LatchkeyError `RESOURCE_NOT_FOUND`: missing, or invisible to the caller
 * @see Conjur: GET /resources/…?check=true
 */
export async function checkPermission(
  services: Pick<Services, 'authority' | 'audit' | 'clock'>,
  request: ActorRequest,
  resource: ResourceId,
  privilege: string,
  subjectRole: string | undefined,
): Promise<boolean> {
  const { actor } = request;
  let allowed = false;
  return audited(
    services.audit,
    (failure) => ({
      type: 'check',
      ...occurrence(services, request, failure),
      role: actor.role,
      subjectRole: subjectRole === undefined || subjectRole === '' ? actor.role : subjectRole,
      resource,
      privilege,
      allowed,
    }),
    async () => {
      const role = await subjectOf(services, actor, subjectRole);
      const { state } = await visibleView(services, actor, resource);
      ({ allowed } = decide(state.graph, role, privilege, resource));
      return allowed;
    },
  );
}

async function subjectOf(
  services: Pick<Services, 'authority'>,
  actor: Actor,
  subjectRole: string | undefined,
): Promise<RoleId> {
  if (subjectRole === undefined || subjectRole === '') return actor.role;
  const { state } = await actorView(services, actor, actor.account, []);
  return assumedRole(state.graph, actor.role, subjectRole);
}

/**
 * Every role that has a privilege on a resource, sorted: owners, grantees, and all who hold those.
 * @throws LatchkeyError `RESOURCE_NOT_FOUND`: missing, or invisible to the caller
 * @see Conjur: GET /resources/…?permitted_roles=true
 */
export async function rolesPermitted(
  services: Pick<Services, 'authority'>,
  request: ActorRequest,
  resource: ResourceId,
  privilege: string,
): Promise<readonly string[]> {
  const { state } = await visibleView(services, request.actor, resource);
  return permittedRoles(state.graph, privilege, resource).sort();
}
