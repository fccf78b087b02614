import type { ResourceId, RoleId } from '../ids.ts';
import type { AccessGraph } from '../rbac/graph.ts';
import type { GraphRow } from '../records/rows.ts';
import { stepping, type Steps } from '../slices.ts';

/** One row in a draft: `before` is what the graph has, `after` what it is to have. */
export interface DraftRow {
  readonly before: GraphRow | undefined;
  readonly after: GraphRow | undefined;
  /** Whether what the graph has was removed, even if the row was put again since. */
  readonly removed: boolean;
}

/** Rows of one kind by what tells them apart: an id, or a number made of the numbers of several. */
type Places = Map<string | number, Place>;

class Place implements DraftRow {
  readonly before: GraphRow | undefined;
  after: GraphRow | undefined;
  removed = false;
  touched = false;
  readonly among: Places;
  readonly slot: string | number;

  constructor(before: GraphRow | undefined, among: Places, slot: string | number) {
    this.before = before;
    this.after = before;
    this.among = among;
    this.slot = slot;
  }
}

/** More than one text can name, and small enough that two of them and a bit are an exact number. */
const numberLimit = 2 ** 26;

/**
 * A graph as it would be: the real one, which stays as it is, with rows put over it and taken out
 * of it. What is asked of it costs what the answer is about, not the size of the graph.
 */
export class Draft {
  readonly #graph: AccessGraph;
  readonly #roles: Places = new Map();
  readonly #resources: Places = new Map();
  readonly #memberships: Places = new Map();
  readonly #permissions: Places = new Map();
  readonly #annotations: Places = new Map();
  readonly #touched: Place[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #pairs = new Map<number, number>();
  #recentText = '';
  #recentNumber = -1;
  /** The rows that were put, by every id that they name; made when a removal first asks. */
  #mentions: Map<string, GraphRow[]> | undefined;

  constructor(graph: AccessGraph) {
    this.#graph = graph;
  }

  /** What there is under the same key as this row, to be used before the next look at it. */
  look(row: GraphRow): DraftRow {
    const among = this.#placesOf(row);
    const slot = this.#slotOf(row);
    return among.get(slot) ?? new Place(this.#graph.counterpart(row), among, slot);
  }

  hasRole(role: RoleId): boolean {
    const place = this.#roles.get(role);
    return place === undefined ? this.#graph.hasRole(role) : place.after !== undefined;
  }

  hasResource(resource: ResourceId): boolean {
    const place = this.#resources.get(resource);
    return place === undefined ? this.#graph.hasResource(resource) : place.after !== undefined;
  }

  /** Who owned a resource before anything of this draft. */
  formerOwner(resource: ResourceId): RoleId | undefined {
    return this.#graph.resource(resource)?.owner;
  }

  /** Puts a row in the place of what {@link look} found for it. */
  put(found: DraftRow, after: GraphRow): void {
    this.#touch(found).after = after;
    this.#mentions = undefined;
  }

  /** Takes out what {@link look} found. */
  remove(found: DraftRow): void {
    const place = this.#touch(found);
    place.after = undefined;
    place.removed = place.before !== undefined;
  }

  #touch(found: DraftRow): Place {
    if (!(found instanceof Place)) throw new TypeError('Not what a draft found');
    if (!found.touched) {
      found.touched = true;
      found.among.set(found.slot, found);
      this.#touched.push(found);
    }
    return found;
  }

  #placesOf(row: GraphRow): Places {
    switch (row.table) {
      case 'role':
        return this.#roles;
      case 'resource':
        return this.#resources;
      case 'membership':
        return this.#memberships;
      case 'permission':
        return this.#permissions;
      case 'annotation':
        return this.#annotations;
    }
  }

  /** What tells a row from the others of its kind. A key made of its ids would be a long text for every row. */
  #slotOf(row: GraphRow): string | number {
    switch (row.table) {
      case 'role':
        return row.role;
      case 'resource':
        return row.resource;
      case 'membership':
        return this.#pair(row.role, row.member) * 2 + (row.ownership ? 1 : 0);
      case 'permission': {
        const grant = this.#pair(row.role, row.privilege);
        let number = this.#pairs.get(grant);
        if (number === undefined) this.#pairs.set(grant, (number = this.#pairs.size));
        return number * numberLimit + this.#number(row.resource);
      }
      case 'annotation':
        return this.#pair(row.name, row.resource);
    }
  }

  /** The first of both is likely to be that of the row before. */
  #pair(first: string, second: string): number {
    if (first !== this.#recentText || this.#recentNumber === -1) {
      this.#recentNumber = this.#number(first);
      this.#recentText = first;
    }
    return this.#recentNumber * numberLimit + this.#number(second);
  }

  #number(text: string): number {
    let number = this.#numbers.get(text);
    if (number === undefined) this.#numbers.set(text, (number = this.#numbers.size));
    return number;
  }

  /** Every row that was touched, in the order in which it first was. */
  touched(): readonly DraftRow[] {
    return this.#touched;
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

  /** Every row whose defining policy is one of these. Looks at all rows, in steps. */
  *definedBy(policies: ReadonlySet<ResourceId>): Steps<GraphRow[]> {
    const rows = yield* this.#graph.definedBy(policies);
    yield* stepping(this.#touched, ({ after }) => {
      if (after?.policy !== undefined && policies.has(after.policy)) rows.push(after);
    });
    const found: GraphRow[] = [];
    yield* stepping(rows, (row) => {
      const place = this.#placesOf(row).get(this.#slotOf(row));
      const after = place === undefined ? row : place.after;
      if (after?.policy !== undefined && policies.has(after.policy)) found.push(after);
    });
    return found;
  }

  /** What these rows of the graph, or put into the draft, are by now; without those that are gone. */
  #current(...lists: readonly (readonly GraphRow[])[]): GraphRow[] {
    const current: GraphRow[] = [];
    for (const row of lists.flat()) {
      const place = this.#placesOf(row).get(this.#slotOf(row));
      const after = place === undefined ? row : place.after;
      if (after !== undefined) current.push(after);
    }
    return current;
  }

  #mentioning(id: string): readonly GraphRow[] {
    this.#mentions ??= mentionsOf(this.#touched);
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
  switch (row.table) {
    case 'role':
      return [];
    case 'resource':
      return [row.owner];
    case 'membership':
      return [row.role, row.member];
    case 'permission':
      return [row.resource, row.role];
    case 'annotation':
      return [row.resource];
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
