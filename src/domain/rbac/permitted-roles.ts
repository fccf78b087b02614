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
  const roles = new Set(graph.holdersOf(row.owner));
  for (const permission of graph.permissionsOn(resource)) {
    if (permission.privilege !== privilege || roles.has(permission.role)) continue;
    for (const holder of graph.holdersOf(permission.role)) roles.add(holder);
  }
  return [...roles];
}
