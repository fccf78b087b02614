/** What goes when something goes: the same as foreign keys would take along. */
import { partsOf, resourceOf, roleOf, type ResourceId, type RoleId } from '../ids.ts';
import type { AccessGraph } from '../rbac/graph.ts';
import { ownershipOf, type GraphRow, type ResourceRow } from '../records/rows.ts';
import { atOnce, itemsOfStep, type Steps } from '../slices.ts';
import type { Draft } from './draft.ts';

/**
 * Removes rows with all that cannot be without them. With a role go its memberships both ways, its
 * permissions and the resources it owns; with a resource its permissions, its annotations and the
 * ownership edge; with a policy every row that it defined. A role stays when only the resource of
 * the same name goes.
 */
export function removeWithDependents(draft: Draft, rows: readonly GraphRow[]): void {
  atOnce(removingWithDependents(draft, rows));
}

/** {@link removeWithDependents} in steps. */
export function* removingWithDependents(draft: Draft, rows: readonly GraphRow[]): Steps<void> {
  let pending = [...rows];
  let count = 0;
  while (pending.length > 0) {
    const policies = new Set<ResourceId>();
    // The list grows as it is walked.
    for (const row of pending) {
      if (++count % itemsOfStep === 0) yield;
      const found = draft.look(row);
      if (found.after === undefined) continue;
      draft.remove(found);
      if (row.table === 'role') addAll(pending, dependentsOfRole(draft, row.role));
      if (row.table !== 'resource') continue;
      addAll(pending, dependentsOfResource(draft, row));
      if (partsOf(row.resource).kind === 'policy') policies.add(row.resource);
    }
    // All at once: finding what policies defined is the one thing here that looks at every row.
    pending = policies.size === 0 ? [] : yield* draft.definedBy(policies);
  }
}

/**
 * Removes resources, and the roles of their names, as {@link removeWithDependents} does.
 * @param graph what the draft is of
 */
export function removeNamed(draft: Draft, graph: AccessGraph, resources: readonly ResourceId[]): void {
  const rows = resources.flatMap((resource) => [graph.resource(resource), graph.role(roleOf(resource))]);
  removeWithDependents(
    draft,
    rows.filter((row) => row !== undefined),
  );
}

/**
 * Removes a role and the resource of its name with all that the role owns, what those own in turn,
 * and so on: here, unlike above, each with its role. It does not matter who defined what.
 * @see Conjur: `!delete`
 */
export function removeWithOwned(draft: Draft, id: RoleId): void {
  atOnce(removingWithOwned(draft, id));
}

/** {@link removeWithOwned} in steps. */
export function* removingWithOwned(draft: Draft, id: RoleId): Steps<void> {
  const roles = new Set([id]);
  const rows: GraphRow[] = [];
  for (const role of roles) {
    yield;
    const found = [
      draft.look({ table: 'resource', resource: resourceOf(role), owner: role, createdAt: 0 }),
      draft.look({ table: 'role', role, createdAt: 0 }),
    ];
    for (const { after } of found) if (after !== undefined) rows.push(after);
    if (draft.hasRole(role)) for (const resource of ownedBy(draft, role)) roles.add(roleOf(resource));
  }
  yield* removingWithDependents(draft, rows);
}

function ownedBy(draft: Draft, role: RoleId): ResourceId[] {
  return draft
    .rowsNamingRole(role)
    .filter((row) => row.table === 'resource')
    .filter((row) => row.owner === role)
    .map((row) => row.resource);
}

function dependentsOfRole(draft: Draft, role: RoleId): GraphRow[] {
  return draft.rowsNamingRole(role).filter((row) => {
    switch (row.table) {
      case 'membership':
        return row.role === role || row.member === role;
      case 'permission':
        return row.role === role;
      case 'resource':
        return row.owner === role;
      case 'role':
      case 'annotation':
        return false;
    }
  });
}

function dependentsOfResource(draft: Draft, row: ResourceRow): GraphRow[] {
  const dependents = draft.rowsNamingResource(row.resource).filter((dependent) => {
    const isAbout = dependent.table === 'permission' || dependent.table === 'annotation';
    return isAbout && dependent.resource === row.resource;
  });
  return [...dependents, ownershipOf(row)];
}

/** Unlike a spread argument list, any number. */
function addAll(rows: GraphRow[], more: readonly GraphRow[]): void {
  for (const row of more) rows.push(row);
}
