import type { GraphRow } from '../records/rows.ts';
import { itemsOfStep, type Steps } from '../slices.ts';
import { grown, noName, ownCopy, roomFor } from './names.ts';
import { membershipLabel, type Tables } from './tables.ts';

/** A row to put, or to take away. */
export interface PreparedEdit {
  readonly row: GraphRow;
  readonly there: boolean;
  /** Whether no row with this key is there before. */
  readonly fresh: boolean;
}

const cellsOfRow = 5;
const WHAT = 0;
const FIRST = 1;
const SECOND = 2;
const THIRD = 3;
const POLICY = 4;

const role = 1;
const resource = 2;
const membership = 3;
const permission = 4;
const annotation = 5;
const removal = 6;
const kinds = 7;
const freshBit = 8;

/**
 * Rows on their way into the tables, in two parts: {@link enter} does what takes time, and nobody sees
 * any of it; {@link apply} makes them all count at once. The names in them are kept in use until
 * {@link release}, which must come last, whether or not they were applied.
 */
export class PreparedRows {
  readonly #tables: Tables;
  #cells = new Int32Array(0);
  #length = 0;
  /** When roles and resources were made, and what annotations are called and say. */
  readonly #times: number[] = [];
  readonly #texts: string[] = [];
  readonly #removals: GraphRow[] = [];

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  *enter(edits: Iterable<PreparedEdit>): Steps<void> {
    let count = 0;
    for (const { row, there, fresh } of edits) {
      count += 1;
      if (count % itemsOfStep === 0) yield;
      if (there) this.#enter(row, fresh);
      else this.#add(removal, noName, noName, this.#removals.push(row) - 1, noName);
    }
    this.#tables.nodes.reach(this.#tables.names.bound);
    yield* this.#reserve();
  }

  /** Room for the links that are new. */
  *#reserve(): Steps<void> {
    for (const [kind, links] of [
      [membership, this.#tables.memberships],
      [permission, this.#tables.permissions],
    ] as const) {
      const leaving = new Map<number, number>();
      const reaching = new Map<number, number>();
      for (let at = 0; at < this.#length; at += cellsOfRow) {
        if (at % (itemsOfStep * cellsOfRow) === 0) yield;
        if (this.#what(at) !== (kind | freshBit)) continue;
        tally(leaving, this.#cells[at + FIRST] ?? noName);
        tally(reaching, this.#cells[at + SECOND] ?? noName);
      }
      yield;
      links.reserve(leaving, reaching);
      yield;
    }
  }

  apply(): void {
    const cells = this.#cells;
    for (let at = 0; at < this.#length; at += cellsOfRow) {
      this.#put(at, cells[at + POLICY] ?? noName);
      // The row has it from now on.
      cells[at + POLICY] = noName;
    }
  }

  *release(): Steps<void> {
    const { names, privileges } = this.#tables;
    for (let at = 0; at < this.#length; at += cellsOfRow) {
      if (at % (itemsOfStep * cellsOfRow) === 0) yield;
      if (this.#what(at) === annotation) this.#tables.annotations.settle(this.#cells[at + FIRST] ?? noName);
      for (const cell of [FIRST, SECOND, POLICY]) {
        const name = this.#cells[at + cell] ?? noName;
        if (name !== noName) names.drop(name);
      }
      const privilege = this.#cells[at + THIRD] ?? noName;
      if ((this.#what(at) & kinds) === permission && privilege !== noName) privileges.drop(privilege);
    }
    this.#length = 0;
  }

  #what(at: number): number {
    return this.#cells[at + WHAT] ?? 0;
  }

  #enter(row: GraphRow, fresh: boolean): void {
    const tables = this.#tables;
    const { names, privileges } = tables;
    const policy = tables.policyOf(row);
    // Held at once each, as the number of a name that nobody uses goes to the next one.
    if (policy !== noName) names.hold(policy);
    const bit = fresh ? freshBit : 0;
    switch (row.table) {
      case 'role':
        this.#add(role, this.#held(row.role), noName, this.#times.push(row.createdAt) - 1, policy);
        return;
      case 'resource': {
        const node = this.#held(row.resource);
        this.#add(resource, node, this.#held(row.owner), this.#times.push(row.createdAt) - 1, policy);
        return;
      }
      case 'membership': {
        const from = this.#held(row.role);
        this.#add(membership | bit, from, this.#held(row.member), membershipLabel(row), policy);
        return;
      }
      case 'permission': {
        const from = this.#held(row.resource);
        const privilege = privileges.enter(row.privilege);
        privileges.hold(privilege);
        this.#add(permission | bit, from, this.#held(row.role), privilege, policy);
        return;
      }
      case 'annotation': {
        const node = this.#held(row.resource);
        tables.annotations.reserve(node);
        const place = this.#texts.push(row.name, ownCopy(row.value)) - 2;
        this.#add(annotation, node, noName, place, policy);
      }
    }
  }

  #held(text: string): number {
    const number = this.#tables.names.enter(text);
    this.#tables.names.hold(number);
    return number;
  }

  #add(what: number, first: number, second: number, third: number, policy: number): void {
    const at = this.#length;
    if (at + cellsOfRow > this.#cells.length) {
      this.#cells = grown(this.#cells, roomFor(at + cellsOfRow, this.#cells.length), 0);
    }
    this.#cells[at + WHAT] = what;
    this.#cells[at + FIRST] = first;
    this.#cells[at + SECOND] = second;
    this.#cells[at + THIRD] = third;
    this.#cells[at + POLICY] = policy;
    this.#length = at + cellsOfRow;
  }

  #put(at: number, policy: number): void {
    const cells = this.#cells;
    const tables = this.#tables;
    const what = this.#what(at);
    const first = cells[at + FIRST] ?? noName;
    const second = cells[at + SECOND] ?? noName;
    const third = cells[at + THIRD] ?? 0;
    switch (what) {
      case role:
        tables.putRoleAt(first, this.#times[third] ?? 0, policy);
        return;
      case resource:
        tables.putResourceAt(first, second, this.#times[third] ?? 0, policy);
        return;
      case membership:
        tables.putMembershipAt(first, second, third, policy);
        return;
      case permission:
        tables.putPermissionAt(first, second, third, policy);
        return;
      case membership | freshBit:
        tables.addMembershipAt(first, second, third, policy);
        cells[at + FIRST] = cells[at + SECOND] = noName;
        return;
      case permission | freshBit:
        tables.addPermissionAt(first, second, third, policy);
        cells[at + FIRST] = cells[at + SECOND] = cells[at + THIRD] = noName;
        return;
      case annotation:
        tables.putAnnotationAt(first, this.#texts[third] ?? '', this.#texts[third + 1] ?? '', policy);
        return;
      default: {
        const row = this.#removals[third];
        if (row !== undefined) tables.remove(row);
      }
    }
  }
}

function tally(counts: Map<number, number>, node: number): void {
  counts.set(node, (counts.get(node) ?? 0) + 1);
}
