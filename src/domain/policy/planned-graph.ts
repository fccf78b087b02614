/** An account as a plan would leave it, while it is as it was. */
import type { RecordKey, ResourceId, RoleId } from '../ids.ts';
import type { AccessGraph } from '../rbac/graph.ts';
import { resourceKey, roleKey } from '../records/keys.ts';
import {
  keyOfRow,
  type AnnotationRow,
  type GraphRow,
  type MembershipRow,
  type PermissionRow,
  type ResourceRow,
  type RoleRow,
} from '../records/rows.ts';
import type { Plan } from './plan.ts';

/** What is asked of a graph about one id. */
export type GraphReading = Pick<
  AccessGraph,
  | 'role'
  | 'resource'
  | 'members'
  | 'memberships'
  | 'permissionsOn'
  | 'permissionsOf'
  | 'annotationsOf'
  | 'restrictedTo'
>;

/**
 * The graph with a plan laid over it. What is asked costs what the answer is about, and to make it
 * costs the size of the plan.
 */
export class PlannedGraph implements GraphReading {
  readonly #graph: AccessGraph;
  readonly #rows = new Map<RecordKey, GraphRow | undefined>();
  readonly #about = new Map<string, GraphRow[]>();
  readonly #restrictions = new Map<RoleId, readonly string[]>();

  constructor(graph: AccessGraph, plan: Plan) {
    this.#graph = graph;
    for (const { row } of plan.removals) this.#rows.set(keyOfRow(row), undefined);
    for (const { row } of plan.puts) {
      this.#rows.set(keyOfRow(row), row);
      for (const id of idsOf(row)) {
        const rows = this.#about.get(id);
        if (rows === undefined) this.#about.set(id, [row]);
        else rows.push(row);
      }
    }
    for (const role of plan.rolesRemoved) this.#restrictions.set(role, []);
    for (const { role, cidrs } of plan.restrictions) this.#restrictions.set(role, cidrs);
  }

  role(role: RoleId): RoleRow | undefined {
    const key = roleKey(role);
    if (!this.#rows.has(key)) return this.#graph.role(role);
    const row = this.#rows.get(key);
    return row?.table === 'role' ? row : undefined;
  }

  resource(resource: ResourceId): ResourceRow | undefined {
    const key = resourceKey(resource);
    if (!this.#rows.has(key)) return this.#graph.resource(resource);
    const row = this.#rows.get(key);
    return row?.table === 'resource' ? row : undefined;
  }

  members(role: RoleId): MembershipRow[] {
    const put = this.#put(role)
      .filter((row) => row.table === 'membership')
      .filter((row) => row.role === role);
    return this.#merged(this.#graph.members(role), put);
  }

  memberships(member: RoleId): MembershipRow[] {
    const put = this.#put(member)
      .filter((row) => row.table === 'membership')
      .filter((row) => row.member === member);
    return this.#merged(this.#graph.memberships(member), put);
  }

  permissionsOn(resource: ResourceId): PermissionRow[] {
    const put = this.#put(resource)
      .filter((row) => row.table === 'permission')
      .filter((row) => row.resource === resource);
    return this.#merged(this.#graph.permissionsOn(resource), put);
  }

  permissionsOf(role: RoleId): PermissionRow[] {
    const put = this.#put(role)
      .filter((row) => row.table === 'permission')
      .filter((row) => row.role === role);
    return this.#merged(this.#graph.permissionsOf(role), put);
  }

  annotationsOf(resource: ResourceId): AnnotationRow[] {
    const put = this.#put(resource).filter((row) => row.table === 'annotation');
    return this.#merged(this.#graph.annotationsOf(resource), put);
  }

  restrictedTo(role: RoleId): readonly string[] {
    return this.#restrictions.get(role) ?? this.#graph.restrictedTo(role);
  }

  /** Whether each resource is visible to a role. Works out once what the role holds. */
  visibleTo(role: RoleId): (resource: ResourceId) => boolean {
    if (this.role(role) === undefined) return () => false;
    const held = new Set([role]);
    // The set grows as it is walked.
    for (const holder of held) for (const membership of this.memberships(holder)) held.add(membership.role);
    return (resource) => {
      const row = this.resource(resource);
      if (row === undefined) return false;
      return (
        held.has(row.owner) || this.permissionsOn(resource).some((permission) => held.has(permission.role))
      );
    };
  }

  #put(id: string): readonly GraphRow[] {
    return this.#about.get(id) ?? [];
  }

  #merged<Row extends GraphRow>(present: readonly Row[], put: readonly Row[]): Row[] {
    return [...present.filter((row) => !this.#rows.has(keyOfRow(row))), ...put];
  }
}

/** The ids under which a row is looked for, each once. */
function idsOf(row: GraphRow): Iterable<string> {
  switch (row.table) {
    case 'role':
    case 'resource':
      return [];
    case 'membership':
      return new Set<string>([row.role, row.member]);
    case 'permission':
      return new Set<string>([row.resource, row.role]);
    case 'annotation':
      return [row.resource];
  }
}
