/** Policies that are composed by the service, where a verb of its API is a small policy. */
import { partsOf, type Account, type ResourceId, type RoleId } from '../ids.ts';
import type { Definition, ResolvedPolicy } from './statements.ts';
import type { RecordTag } from './tags.ts';

/** There is no text in which it could stand. */
export const nowhere = { line: 1, column: 1 } as const;

/** A record as a text would define it; whether it is a role and a resource follows from its tag. */
export function composedRecord(
  tag: RecordTag,
  id: ResourceId,
  owner: RoleId,
  annotations: ReadonlyMap<string, string> = new Map(),
): Definition {
  return {
    tag,
    id,
    kind: partsOf(id).kind,
    hasRole: tag !== 'resource' && tag !== 'variable' && tag !== 'webservice',
    hasResource: tag !== 'role',
    owner,
    annotations: [...annotations].map(([name, value]) => ({ name, value, at: nowhere })),
    restrictedTo: undefined,
    publicKeys: [],
    layers: [],
    implied: false,
    at: nowhere,
  };
}

/** A policy of these parts, as if it were loaded to `branch`. What owns must come before what it owns. */
export function composedPolicy(
  account: Account,
  branch: ResourceId,
  parts: Partial<ResolvedPolicy>,
): ResolvedPolicy {
  return {
    definitions: [],
    grants: [],
    permits: [],
    revokes: [],
    denies: [],
    deletes: [],
    warnings: [],
    ...parts,
    account,
    branch,
  };
}
