/** Loading as plainly as it can be said: rows in a list, and whatever hangs in the air falls. */
import { partsOf, resourceOf, roleOf, storedResourceId, storedRoleId } from '../../../src/domain/ids.ts';
import type { PlanMode } from '../../../src/domain/policy/plan.ts';
import type { ResolvedPolicy } from '../../../src/domain/policy/statements.ts';
import { keyOfRow, type GraphRow, type ResourceRow } from '../../../src/domain/records/rows.ts';
import type { ReferenceGraph } from '../../support/reference-graph.ts';

/**
 * Loads a policy into the reference graph.
 * @returns false, with nothing promised of the graph, when a reference is missing
 */
export function loadByReference(graph: ReferenceGraph, policy: ResolvedPolicy, mode: PlanMode): boolean {
  const declared = declaredBy(policy);
  if (mode === 'replace') {
    const keys = new Set(declared.map(keyOfRow));
    for (const [key, row] of [...graph.rows]) {
      const own = row.policy === policy.branch && !(row.table === 'membership' && row.ownership);
      if (own && !keys.has(key)) graph.remove(key);
    }
    settle(graph);
  }
  for (const row of declared) merge(graph, row, mode);
  if (!complete(graph, policy)) return false;
  removeNamed(graph, policy);
  settle(graph);
  return true;
}

function declaredBy(policy: ResolvedPolicy): GraphRow[] {
  const by = { policy: policy.branch };
  const rows: Record<'roles' | 'resources' | 'rest', GraphRow[]> = { roles: [], resources: [], rest: [] };
  for (const {
    id,
    kind,
    hasRole,
    hasResource,
    owner,
    annotations,
    publicKeys,
    layers,
  } of policy.definitions) {
    const resource = storedResourceId(id);
    if (hasRole) rows.roles.push({ table: 'role', role: storedRoleId(id), createdAt: 0, ...by });
    if (!hasResource) continue;
    rows.resources.push({ table: 'resource', resource, owner, createdAt: 0, ...by });
    for (const { name, value } of annotations)
      rows.rest.push({ table: 'annotation', resource, name, value, ...by });
    for (const { name } of publicKeys) {
      const key = storedResourceId(`acct:public_key:${kind}/${partsOf(resource).identifier}/${name}`);
      rows.resources.push({ table: 'resource', resource: key, owner, createdAt: 0, ...by });
    }
    for (const role of layers) {
      rows.rest.push({
        table: 'membership',
        role,
        member: storedRoleId(id),
        ownership: false,
        admin: false,
        ...by,
      });
    }
  }
  for (const { role, member, admin } of policy.grants) {
    rows.rest.push({ table: 'membership', role, member, ownership: false, admin, ...by });
  }
  for (const { role, privilege, resource } of policy.permits) {
    rows.rest.push({ table: 'permission', resource, role, privilege, ...by });
  }
  // Of two declarations of one row the last counts.
  const all = [...rows.roles, ...rows.resources, ...rows.rest];
  return [...new Map(all.map((row) => [keyOfRow(row), row])).values()];
}

function ownershipEdge({ resource, owner, policy }: ResourceRow): GraphRow {
  const by = policy === undefined ? {} : { policy };
  return { table: 'membership', role: roleOf(resource), member: owner, ownership: true, admin: true, ...by };
}

function merge(graph: ReferenceGraph, row: GraphRow, mode: PlanMode): void {
  const present = graph.rows.get(keyOfRow(row));
  if (present !== undefined && (mode === 'create' || present.policy !== row.policy)) return;
  graph.put(row);
  if (row.table !== 'resource') return;
  if (present?.table === 'resource') {
    if (present.owner === row.owner) return;
    graph.remove(keyOfRow(ownershipEdge(present)));
  }
  if (graph.hasRole(roleOf(row.resource))) graph.put(ownershipEdge(row));
}

function complete(graph: ReferenceGraph, { branch, definitions, grants, permits }: ResolvedPolicy): boolean {
  if (!graph.hasResource(branch)) return false;
  const roles = [
    ...definitions.filter((definition) => definition.hasResource).map((definition) => definition.owner),
    ...definitions.flatMap((definition) => definition.layers),
    ...grants.flatMap(({ role, member }) => [role, member]),
    ...permits.map(({ role }) => role),
  ];
  return (
    roles.every((role) => graph.hasRole(role)) && permits.every(({ resource }) => graph.hasResource(resource))
  );
}

function removeNamed(graph: ReferenceGraph, { branch, denies, revokes, deletes }: ResolvedPolicy): void {
  for (const row of [...graph.rows.values()]) {
    const denied =
      row.table === 'permission' &&
      denies.some(
        (deny) =>
          deny.role === row.role && deny.privilege === row.privilege && deny.resource === row.resource,
      );
    const revoked =
      row.table === 'membership' &&
      !row.ownership &&
      revokes.some((revoke) => revoke.role === row.role && revoke.member === row.member);
    if (row.policy === branch && (denied || revoked)) graph.remove(keyOfRow(row));
  }
  for (const { id } of deletes) {
    removeTree(graph, id);
    settle(graph);
  }
}

function removeTree(graph: ReferenceGraph, id: string): void {
  const role = storedRoleId(id);
  const owned = graph.hasRole(role) ? graph.all('resource').filter((row) => row.owner === role) : [];
  for (const row of graph.rows.values()) {
    const isIt =
      (row.table === 'role' && row.role === role) ||
      (row.table === 'resource' && row.resource === resourceOf(role));
    if (isIt) graph.remove(keyOfRow(row));
  }
  for (const row of owned) removeTree(graph, row.resource);
}

/** Removes rows whose policy, role or resource is not there, until all stand. */
function settle(graph: ReferenceGraph): void {
  for (;;) {
    const falling = [...graph.rows.values()].filter((row) => !stands(graph, row));
    if (falling.length === 0) return;
    for (const row of falling) graph.remove(keyOfRow(row));
  }
}

export function stands(graph: ReferenceGraph, row: GraphRow): boolean {
  if (row.policy !== undefined && !graph.hasResource(row.policy)) return false;
  switch (row.table) {
    case 'role':
      return true;
    case 'resource':
      return graph.hasRole(row.owner);
    case 'membership':
      if (!graph.hasRole(row.role) || !graph.hasRole(row.member)) return false;
      return !row.ownership || graph.owns(row.member, resourceOf(row.role));
    case 'permission':
      return graph.hasResource(row.resource) && graph.hasRole(row.role);
    case 'annotation':
      return graph.hasResource(row.resource);
  }
}
