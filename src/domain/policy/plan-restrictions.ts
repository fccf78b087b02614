import { storedRoleId, type RoleId } from '../ids.ts';
import type { AccessGraph } from '../rbac/graph.ts';
import { stepping, type Steps } from '../slices.ts';
import type { Draft } from './draft.ts';
import type { Definition, ResolvedPolicy } from './statements.ts';

/** Where a role may authenticate from, in CIDR notation; everywhere when the list is empty. */
export interface Restriction {
  readonly role: RoleId;
  readonly cidrs: readonly string[];
}

/**
 * The restrictions of users and hosts that a load changes. A role that another policy defined
 * keeps its own.
 * @param add declared ranges join those that are there; otherwise they replace them, and leaving
 *   the attribute out lifts the restriction
 * @see Conjur: `restricted_to` under POST, PATCH and PUT
 */
export function* plannedRestrictions(
  draft: Draft,
  graph: AccessGraph,
  policy: ResolvedPolicy,
  add: boolean,
): Steps<readonly Restriction[]> {
  const restrictions: Restriction[] = [];
  yield* stepping(policy.definitions, (definition) => {
    if (definition.tag !== 'user' && definition.tag !== 'host') return;
    const role = storedRoleId(definition.id);
    const { after, removed } = draft.look({ table: 'role', role, createdAt: 0 });
    if (after?.policy !== policy.branch) return;
    const present = removed ? [] : graph.restrictedTo(role);
    const cidrs = declaredRanges(definition, add ? present : []);
    if (!sameSet(present, cidrs)) restrictions.push({ role, cidrs });
  });
  return restrictions;
}

function declaredRanges(definition: Definition, kept: readonly string[]): readonly string[] {
  return [...new Set([...kept, ...(definition.restrictedTo ?? [])])];
}

function sameSet(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && others.every((range) => some.includes(range));
}
