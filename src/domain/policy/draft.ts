import type { RecordKey, ResourceId, RoleId } from '../ids.ts';
import type { AccessGraph } from '../rbac/graph.ts';
import { resourceKey, roleKey } from '../records/keys.ts';
import { keyOfRow, type GraphRow } from '../records/rows.ts';

/** One row in a draft: `before` is what the graph has, `after` what it is to have. */
export interface DraftRow {
  readonly key: RecordKey;
  readonly before: GraphRow | undefined;
  readonly after: GraphRow | undefined;
  /** Whether what the graph has was removed, even if the row was put again since. */
  readonly removed: boolean;
}

/**
 * A graph as it would be: the real one, which stays as it is, with rows put over it and taken out
 * of it. What is asked of it costs what the answer is about, not the size of the graph.
 */
export class Draft {
  readonly #graph: AccessGraph;
  readonly #touched = new Map<RecordKey, DraftRow>();
  /** The rows that were put, by every id that they name; made when a removal first asks. */
  #mentions: Map<string, GraphRow[]> | undefined;

  constructor(graph: AccessGraph) {
    this.#graph = graph;
  }

  /** What there is under the same key as this row. */
  look(row: GraphRow): DraftRow {
    const key = keyOfRow(row);
    const touched = this.#touched.get(key);
    if (touched !== undefined) return touched;
    const before = this.#graph.counterpart(row);
    return { key, before, after: before, removed: false };
  }

  hasRole(role: RoleId): boolean {
    const touched = this.#touched.get(roleKey(role));
    return touched === undefined ? this.#graph.hasRole(role) : touched.after !== undefined;
  }

  hasResource(resource: ResourceId): boolean {
    const touched = this.#touched.get(resourceKey(resource));
    return touched === undefined ? this.#graph.hasResource(resource) : touched.after !== undefined;
  }

  /** Who owned a resource before anything of this draft. */
  formerOwner(resource: ResourceId): RoleId | undefined {
    return this.#graph.resource(resource)?.owner;
  }

  /** Puts a row in the place of what {@link look} found for it. */
  put({ key, before, removed }: DraftRow, after: GraphRow): void {
    this.#touched.set(key, { key, before, after, removed });
    this.#mentions = undefined;
  }

  /** Takes out what {@link look} found. */
  remove({ key, before }: DraftRow): void {
    this.#touched.set(key, { key, before, after: undefined, removed: before !== undefined });
  }

  /** Every row that was touched, in the order in which it first was. */
  touched(): Iterable<DraftRow> {
    return this.#touched.values();
  }

  /** Rows that name a role as holder, as held, as grantee or as owner, and perhaps some more. */
  rowsNamingRole(role: RoleId): GraphRow[] {
    const owned = this.#graph.owned(role).map((resource) => this.#graph.resource(resource));
    return this.#current(
      this.#graph.members(role),
      this.#graph.memberships(role),
      this.#graph.permissionsOf(role),
      owned.filter((row) => row !== undefined),
      this.#mentioning(role),
    );
  }

  /** Permissions on a resource and annotations of it, and perhaps some more. */
  rowsNamingResource(resource: ResourceId): GraphRow[] {
    return this.#current(
      this.#graph.permissionsOn(resource),
      this.#graph.annotationsOf(resource),
      this.#mentioning(resource),
    );
  }

  /** Every row whose defining policy is one of these. Looks at all rows. */
  definedBy(policies: ReadonlySet<ResourceId>): GraphRow[] {
    const put = [...policies].map((policy) => this.#mentioning(policy));
    const rows = this.#current(this.#graph.definedBy(...policies), ...put);
    return rows.filter((row) => row.policy !== undefined && policies.has(row.policy));
  }

  /** What these rows of the graph, or put into the draft, are by now; without those that are gone. */
  #current(...lists: readonly (readonly GraphRow[])[]): GraphRow[] {
    const current: GraphRow[] = [];
    for (const row of lists.flat()) {
      const touched = this.#touched.get(keyOfRow(row));
      const after = touched === undefined ? row : touched.after;
      if (after !== undefined) current.push(after);
    }
    return current;
  }

  #mentioning(id: string): readonly GraphRow[] {
    this.#mentions ??= mentionsOf(this.#touched.values());
    return this.#mentions.get(id) ?? [];
  }
}

function mentionsOf(changes: Iterable<DraftRow>): Map<string, GraphRow[]> {
  const mentions = new Map<string, GraphRow[]>();
  for (const { after } of changes) {
    if (after === undefined) continue;
    for (const id of idsIn(after)) {
      const rows = mentions.get(id);
      if (rows === undefined) mentions.set(id, [after]);
      else rows.push(after);
    }
  }
  return mentions;
}

function idsIn(row: GraphRow): string[] {
  const policy = row.policy ?? '';
  switch (row.table) {
    case 'role':
      return [policy];
    case 'resource':
      return [row.owner, policy];
    case 'membership':
      return [row.role, row.member, policy];
    case 'permission':
      return [row.resource, row.role, policy];
    case 'annotation':
      return [row.resource, policy];
  }
}

/** Whether two rows with one key say the same. */
export function sameRow(one: GraphRow, other: GraphRow): boolean {
  const others = contentOf(other);
  return one.policy === other.policy && contentOf(one).every((content, index) => content === others[index]);
}

/** What a row says besides its key and its policy. */
function contentOf(row: GraphRow): readonly (string | number | boolean)[] {
  switch (row.table) {
    case 'role':
      return [row.createdAt];
    case 'resource':
      return [row.owner, row.createdAt];
    case 'membership':
      return [row.admin];
    case 'permission':
      return [];
    case 'annotation':
      return [row.value];
  }
}
