import { resourceOf, type RoleId } from '../ids.ts';
import { visible } from './check.ts';
import type { AccessGraph } from './graph.ts';

/** One membership: `child` holds `parent`, by grant or as the owner of its resource. */
export interface RoleGraphEdge {
  readonly parent: RoleId;
  readonly child: RoleId;
}

/**
 * The memberships around a role, as far as a viewer may know of them: all that it holds, with
 * everybody who holds those directly, and all who hold it. Each once, ordered by parent, then
 * child; that a role holds itself is left out.
 * @param viewer sees an edge when the parent is visible to it
 * @see Conjur: `role_graph`, GET /roles/…?graph
 */
export function roleGraph(graph: AccessGraph, role: RoleId, viewer: RoleId): RoleGraphEdge[] {
  const parents = new Set([...graph.heldBy(role), ...graph.holdersOf([role])]);
  const edges: RoleGraphEdge[] = [];
  for (const parent of [...parents].sort()) {
    if (!visible(graph, viewer, resourceOf(parent))) continue;
    const children = new Set(graph.members(parent).map(({ member }) => member));
    // The administrator owns itself, which is no news.
    children.delete(parent);
    for (const child of [...children].sort()) edges.push({ parent, child });
  }
  return edges;
}
