import { partsOf, type ResourceId } from '../ids.ts';
import type { AccessGraph } from '../rbac/graph.ts';

/**
 * The resources below a policy: of whatever kind, with an identifier that continues the policy's
 * after a `/`, in the same account. Looks at every resource.
 * @see Conjur: replacing a policy takes `update` on each
 */
export function descendantsOf(graph: AccessGraph, policy: ResourceId): ResourceId[] {
  const { account, identifier } = partsOf(policy);
  const below = `:${identifier}/`;
  const descendants: ResourceId[] = [];
  for (const resource of graph.resources()) {
    // INVARIANT: an account has no colon and neither has a kind, so the second colon ends the kind.
    const kindEnd = resource.indexOf(':', account.length + 1);
    if (resource.startsWith(below, kindEnd) && resource.startsWith(`${account}:`)) descendants.push(resource);
  }
  return descendants;
}
