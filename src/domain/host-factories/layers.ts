import { partsOf, roleOf, type ResourceId, type RoleId } from '../ids.ts';
import type { AccessGraph } from '../rbac/graph.ts';

/** The layers that the hosts of a factory join, sorted: those that the factory itself holds. */
export function layersOf(graph: AccessGraph, hostFactory: ResourceId): readonly RoleId[] {
  const held = graph.memberships(roleOf(hostFactory)).map(({ role }) => role);
  return [...new Set(held.filter((role) => partsOf(role).kind === 'layer'))].sort();
}
