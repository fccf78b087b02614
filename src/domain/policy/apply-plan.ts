import type { AccessGraph } from '../rbac/graph.ts';
import type { PreparedEdit, PreparedRows } from '../rbac/prepared-rows.ts';
import type { Plan } from './plan.ts';

/** What a plan does to rows, in the order in which it counts. */
export function* editsOf({ removals, puts }: Plan): Generator<PreparedEdit> {
  for (const { row } of removals) yield { row, there: false, fresh: false };
  for (const { row, previous } of puts) yield { row, there: true, fresh: previous === undefined };
}

/**
 * Brings a graph to where a plan leads, once the plan is committed: its rows, the restrictions of
 * roles, whether authenticators that went were enabled, the tokens of host
 * factories that went, and the issuers whose policies did.
 * @param prepared its {@link editsOf}, if they were prepared
 */
export function applyPlan(graph: AccessGraph, plan: Plan, prepared?: PreparedRows): void {
  if (prepared === undefined) {
    for (const { row } of plan.removals) graph.removeRow(row);
    for (const { row } of plan.puts) graph.put(row);
  } else prepared.apply();
  for (const role of plan.rolesRemoved) graph.setRestriction(role, []);
  for (const resource of plan.resourcesRemoved) {
    graph.setEnabled(resource, undefined);
    graph.hostFactoryTokens.removeAllOf(resource);
    graph.issuers.remove(resource);
  }
  for (const { role, cidrs } of plan.restrictions) graph.setRestriction(role, cidrs);
}
