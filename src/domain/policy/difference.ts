/** What a plan changes, as things with their properties before and after. */
import { partsOf, resourceOf, roleOf, storedResourceId, type ResourceId, type RoleId } from '../ids.ts';
import { visible } from '../rbac/check.ts';
import type { AccessGraph } from '../rbac/graph.ts';
import type { GraphRow, PermissionRow } from '../records/rows.ts';
import { stepping, type Steps } from '../slices.ts';
import { PlannedGraph, type GraphReading } from './planned-graph.ts';
import type { Plan } from './plan.ts';

/** A role with the resource of its name, and what it has and is. Lists are sorted. */
export interface RoleItem {
  readonly form: 'role';
  readonly id: ResourceId;
  readonly owner: string;
  /** The policy that defined it; absent for what was made outside of policy. */
  readonly policy?: string;
  /** Privilege → the resources that it is held on. */
  readonly permissions: ReadonlyMap<string, readonly string[]>;
  readonly annotations: ReadonlyMap<string, string>;
  /** Who holds it, its owner included. */
  readonly members: readonly string[];
  /** What it holds. */
  readonly memberships: readonly string[];
  readonly restrictedTo: readonly string[];
}

export interface ResourceItem {
  readonly form: 'resource';
  readonly id: ResourceId;
  readonly owner: string;
  readonly policy?: string;
  /** Privilege → the roles that hold it. */
  readonly permitted: ReadonlyMap<string, readonly string[]>;
  readonly annotations: ReadonlyMap<string, string>;
}

/** Something that the caller may not see: only that it is there, as the text or its effect names it. */
export interface HiddenItem {
  readonly form: 'hidden';
  readonly id: ResourceId;
}

export type Item = RoleItem | ResourceItem | HiddenItem;

/** Roles come before resources; each part is sorted by id. */
export interface Difference {
  readonly created: readonly Item[];
  /** What is there before and after, and is touched by the change: as it is, and as it would be. */
  readonly before: readonly Item[];
  readonly after: readonly Item[];
  readonly deleted: readonly Item[];
}

const roleKinds: ReadonlySet<string> = new Set(['user', 'group', 'host', 'layer', 'policy']);
const resourceKinds: ReadonlySet<string> = new Set(['variable', 'webservice']);

/**
 * What a plan changes, as far as the role may see it. Users, groups, hosts, layers, policies,
 * variables and webservices are told, other kinds are not. Ids that the role may not see are
 * redacted: what is new by what it may see after the change, what is old by what it may see now.
 * In steps, between which the graph must stay as it is.
 * @see Conjur: policy dry run
 */
export function* differenceOf(graph: AccessGraph, plan: Plan, role: RoleId): Steps<Difference> {
  const planned = new PlannedGraph(graph, plan);
  yield;
  const touched = [...touchedBy(plan)].sort();
  yield;
  const then = new Teller(planned, planned.visibleTo(role));
  const now = new Teller(graph, (resource) => visible(graph, role, resource));
  const was = (id: ResourceId): boolean => graph.resource(id) !== undefined;
  const will = (id: ResourceId): boolean => planned.resource(id) !== undefined;
  const kept = touched.filter((id) => was(id) && will(id));
  return {
    created: yield* then.items(touched.filter((id) => !was(id) && will(id))),
    before: yield* now.items(kept),
    after: yield* then.items(kept),
    deleted: yield* now.items(touched.filter((id) => was(id) && !will(id))),
  };
}

/** Everything that a row that comes, changes or goes is about. To own a thing alone is not to be touched. */
function touchedBy(plan: Plan): ReadonlySet<ResourceId> {
  const touched = new Set<ResourceId>();
  const add = (row: GraphRow): void => {
    if (row.table === 'resource' || row.table === 'permission' || row.table === 'annotation') {
      touched.add(row.resource);
    }
    if (row.table === 'role' || row.table === 'permission') touched.add(resourceOf(row.role));
    if (row.table === 'membership') touched.add(resourceOf(row.role)).add(resourceOf(row.member));
  };
  for (const { row } of plan.removals) add(row);
  for (const { row, previous } of plan.puts) {
    add(row);
    if (previous !== undefined) add(previous);
  }
  for (const { role } of plan.restrictions) touched.add(resourceOf(role));
  return touched;
}

/** Tells of one state what a caller may see of it. */
class Teller {
  readonly #graph: GraphReading;
  readonly #isVisible: (resource: ResourceId) => boolean;

  constructor(graph: GraphReading, isVisible: (resource: ResourceId) => boolean) {
    this.#graph = graph;
    this.#isVisible = isVisible;
  }

  *items(ids: readonly ResourceId[]): Steps<readonly Item[]> {
    const items: Item[] = [];
    for (const kinds of [roleKinds, resourceKinds]) {
      yield* stepping(ids, (id) => {
        if (kinds.has(partsOf(id).kind)) items.push(this.#item(id, kinds === roleKinds));
      });
    }
    return items;
  }

  #item(id: ResourceId, isRole: boolean): Item {
    const row = this.#graph.resource(id);
    if (row === undefined || !this.#isVisible(id)) return { form: 'hidden', id };
    const facts = {
      id,
      owner: this.#shown(row.owner),
      ...(row.policy === undefined ? {} : { policy: this.#shown(row.policy) }),
      annotations: this.#annotations(id),
    };
    if (!isRole) {
      const permitted = this.#byPrivilege(this.#graph.permissionsOn(id), (permission) => permission.role);
      return { form: 'resource', ...facts, permitted };
    }
    const role = roleOf(id);
    return {
      form: 'role',
      ...facts,
      permissions: this.#byPrivilege(this.#graph.permissionsOf(role), (permission) => permission.resource),
      members: this.#list(this.#graph.members(role).map((membership) => membership.member)),
      memberships: this.#list(this.#graph.memberships(role).map((membership) => membership.role)),
      restrictedTo: this.#graph.restrictedTo(role),
    };
  }

  #annotations(resource: ResourceId): ReadonlyMap<string, string> {
    const pairs = this.#graph.annotationsOf(resource).map(({ name, value }) => [name, value] as const);
    return new Map(pairs.sort(([one], [other]) => (one < other ? -1 : 1)));
  }

  #byPrivilege(
    permissions: readonly PermissionRow[],
    idOf: (permission: PermissionRow) => string,
  ): ReadonlyMap<string, readonly string[]> {
    const ids = new Map<string, string[]>();
    for (const permission of permissions) {
      const list = ids.get(permission.privilege);
      if (list === undefined) ids.set(permission.privilege, [idOf(permission)]);
      else list.push(idOf(permission));
    }
    const sorted = [...ids].sort(([one], [other]) => (one < other ? -1 : 1));
    return new Map(sorted.map(([privilege, list]) => [privilege, this.#list(list)]));
  }

  /** Sorted before anything is redacted, each once: a role can hold another plainly and by ownership. */
  #list(ids: readonly string[]): readonly string[] {
    return [...new Set(ids)].sort().map((id) => this.#shown(id));
  }

  #shown(id: string): string {
    const resource = storedResourceId(id);
    if (this.#isVisible(resource)) return id;
    const { account, kind } = partsOf(resource);
    return `${account}:${kind}:[REDACTED]`;
  }
}
