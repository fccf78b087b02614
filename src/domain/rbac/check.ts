/** The one decision: may this role do this to that resource, and why (or why not). */
import type { ResourceId, RoleId } from '../ids.ts';
import type { Access, AccessGraph } from './graph.ts';

/**
 * Allowed: `holder` is the role, or one that it holds, which owns the resource or has the
 * privilege. Refused: the first check that failed. `invisible` (no held role owns the resource or
 * has any privilege on it) and `resource_missing` must look alike to the caller.
 */
export type Decision =
  | ({ readonly allowed: true } & Access)
  | {
      readonly allowed: false;
      readonly reason: 'role_missing' | 'resource_missing' | 'invisible' | 'privilege_missing';
    };

/**
 * Decides whether a role has a privilege on a resource. Owners have every privilege, known or not;
 * a membership passes privileges on whether or not it carries the admin option.
 * @see Conjur: `is_role_allowed_to`, `is_resource_visible`
 */
export function decide(graph: AccessGraph, role: RoleId, privilege: string, resource: ResourceId): Decision {
  const access = graph.accessOf(role, resource, privilege);
  if (access !== undefined) return { allowed: true, holder: access.holder, through: access.through };
  if (!graph.hasRole(role)) return { allowed: false, reason: 'role_missing' };
  if (!graph.hasResource(resource)) return { allowed: false, reason: 'resource_missing' };
  return { allowed: false, reason: visible(graph, role, resource) ? 'privilege_missing' : 'invisible' };
}

/** Whether a role may know that the resource exists: a held role owns it or has any privilege on it. */
export function visible(graph: AccessGraph, role: RoleId, resource: ResourceId): boolean {
  return graph.accessOf(role, resource) !== undefined;
}

/**
 * How a role comes to hold the holder that a decision names: a shortest chain of memberships, both
 * ends included. Worked out only on demand, as it may visit all that the role holds.
 * @returns an empty list when the role does not hold it
 */
export function grantPath(graph: AccessGraph, role: RoleId, holder: RoleId): RoleId[] {
  return graph.pathTo(role, holder);
}
