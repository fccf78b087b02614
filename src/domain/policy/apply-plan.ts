import type { AccessGraph } from '../rbac/graph.ts';
import type { Plan } from './plan.ts';

/**
 * Brings a graph to where a plan leads, once the plan is committed: its rows, the restrictions of
 * roles, whether authenticators that went were enabled, the tokens of host
 * factories that went, and the issuers whose policies did.
 */
export function applyPlan(graph: AccessGraph, plan: Plan): void {
  for (const { key } of plan.removals) graph.remove(key);
  for (const { row } of plan.puts) graph.put(row);
  for (const role of plan.rolesRemoved) graph.setRestriction(role, []);
  for (const resource of plan.resourcesRemoved) {
    graph.setEnabled(resource, undefined);
    graph.hostFactoryTokens.removeAllOf(resource);
    graph.issuers.remove(resource);
  }
  for (const { role, cidrs } of plan.restrictions) graph.setRestriction(role, cidrs);
}
