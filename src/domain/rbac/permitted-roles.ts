import type { ResourceId, RoleId } from '../ids.ts';
import type { AccessGraph } from './graph.ts';

/**
 * Every role that has a privilege on a resource: its owner, whoever was given the privilege, and
 * all who hold those. No promised order; empty when there is no such resource.
 * @see Conjur: GET /resources/…?permitted_roles=true
 */
export function permittedRoles(graph: AccessGraph, privilege: string, resource: ResourceId): RoleId[] {
  const row = graph.resource(resource);
  if (row === undefined) return [];
  const grantees = graph.permissionsOn(resource).filter((permission) => permission.privilege === privilege);
  return graph.holdersOf([row.owner, ...grantees.map(({ role }) => role)]);
}
