import { partsOf, storedResourceId } from '../ids.ts';
import type { AccessGraph } from '../rbac/graph.ts';
import type { ResolvedPolicy } from './statements.ts';

/** So many are told of; the rest would be more of the same. */
const maxWarnings = 20;

/**
 * Warns of hosts that a policy defines and that a host factory made before. They stay as they are, so
 * that what the policy gives to them, it gives to whoever has a token of that factory.
 */
export function takenHostWarnings(graph: AccessGraph, { definitions }: ResolvedPolicy): readonly string[] {
  const warnings: string[] = [];
  for (const { tag, id, at } of definitions) {
    if (tag !== 'host' || warnings.length === maxWarnings) continue;
    const present = graph.resource(storedResourceId(id));
    if (present === undefined || present.policy !== undefined) continue;
    const { kind, identifier: hostFactory } = partsOf(present.owner);
    if (kind !== 'host_factory') continue;
    const { identifier } = partsOf(present.resource);
    warnings.push(
      `Host '${identifier}' (line ${at.line}) was made by the host factory '${hostFactory}' and stays its own: ` +
        'whoever has a token of that can replace its API key. Delete the host first to define it here.',
    );
  }
  return warnings;
}
