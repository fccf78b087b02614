/**
 * The access graph of one account: which role holds which, who owns what, and who has which
 * privilege on it. Every process keeps it in memory, derived from the stored rows, and every
 * question of authority is asked of it.
 *
 * Names become numbers and rows become cells of typed arrays ({@link Tables}); what a role
 * holds is worked out once and kept until a change touches it ({@link Closures}).
 */
import { storedResourceId, storedRoleId, type RecordKey, type ResourceId, type RoleId } from '../ids.ts';
import { HostFactoryTokens } from '../host-factories/token-index.ts';
import { Issuers } from '../issuers/issuer-index.ts';
import { collectionOf, keyParts } from '../records/keys.ts';
import type {
  AnnotationRow,
  GraphRow,
  MembershipRow,
  PermissionRow,
  ResourceRow,
  RoleRow,
} from '../records/rows.ts';
import { atOnce, itemsOfStep, type Steps } from '../slices.ts';
import { Closures } from './closures.ts';
import { IntSet } from './int-set.ts';
import { entryCells } from './lists.ts';
import { noName } from './names.ts';
import { NodeValues } from './node-values.ts';
import { permittedHolder } from './permitted.ts';
import { PreparedRows, type PreparedEdit } from './prepared-rows.ts';
import { shortestPath } from './shortest-path.ts';
import { Tables } from './tables.ts';

/** A held role that owns the resource or has the privilege on it. */
export interface Access {
  readonly holder: RoleId;
  readonly through: 'ownership' | 'permission';
}

/** Half of the closures that are kept: 8 million numbers, 32 MiB. */
const defaultClosureCells = 8 * 1024 * 1024;

/**
 * Rows come and go in any order: a row may name a role or a resource that has no row (yet), and
 * is kept and answered like any other; only {@link AccessGraph.accessOf} and what builds on it
 * ask that the role and the resource are there. Which rows go with which is the planner's care.
 *
 * Lists come in no promised order.
 */
export class AccessGraph {
  /** What lets its bearer make hosts. Like restrictions, folded in from its records. */
  readonly hostFactoryTokens = new HostFactoryTokens();
  /** What makes dynamic secrets; folded in likewise. */
  readonly issuers = new Issuers();
  readonly #tables: Tables;
  readonly #closures: Closures;
  readonly #restrictions: NodeValues<readonly string[]>;
  readonly #enabled: NodeValues<boolean>;

  /** @param options.closureCells bounds the memo of what roles hold: up to twice as many numbers of 4 bytes */
  constructor(options: { readonly closureCells?: number } = {}) {
    this.#tables = new Tables((role, member, added) => {
      this.#closures.note(role, member, added);
    });
    this.#closures = new Closures(this.#tables.memberships, options.closureCells ?? defaultClosureCells);
    this.#restrictions = new NodeValues(this.#tables.names);
    this.#enabled = new NodeValues(this.#tables.names);
  }

  /** Adds a row, or replaces the one with the same key. */
  put(row: GraphRow): void {
    this.#tables.put(row);
  }

  /** Removes the row stored under the key. No fault when there is none, or for keys of other collections. */
  remove(key: RecordKey): void {
    const row = this.row(key);
    if (row !== undefined) this.#tables.remove(row);
  }

  /** Removes the row that the graph holds under the same key as this one, if there is one. */
  removeRow(row: GraphRow): void {
    this.#tables.remove(row);
  }

  /**
   * Prepares rows to be put or removed all at once, later: what that takes in time is done here in steps,
   * in which the graph stays as it is. They must be released in the end, applied or not.
   */
  *prepare(edits: Iterable<PreparedEdit>): Steps<PreparedRows> {
    const prepared = new PreparedRows(this.#tables);
    try {
      yield* prepared.enter(edits);
    } catch (error) {
      atOnce(prepared.release());
      throw error;
    }
    return prepared;
  }

  /** How many rows there are. */
  get rowCount(): number {
    return this.#tables.rowCount;
  }

  /** The row stored under a key; undefined as well for keys of other collections. */
  row(key: RecordKey): GraphRow | undefined {
    const [first = '', second = '', third = ''] = keyParts(key);
    switch (collectionOf(key)) {
      case 'role':
        return this.role(storedRoleId(first));
      case 'resource':
        return this.resource(storedResourceId(first));
      case 'membership':
        return this.membership(storedRoleId(first), storedRoleId(second), third === 'o');
      case 'permission':
        return this.permission(storedResourceId(first), storedRoleId(second), third);
      case 'annotation':
        return this.annotation(storedResourceId(first), second);
      default:
        return undefined;
    }
  }

  /** The row that the graph holds under the same key as this one. */
  counterpart(row: GraphRow): GraphRow | undefined {
    switch (row.table) {
      case 'role':
        return this.role(row.role);
      case 'resource':
        return this.resource(row.resource);
      case 'membership':
        return this.membership(row.role, row.member, row.ownership);
      case 'permission':
        return this.permission(row.resource, row.role, row.privilege);
      case 'annotation':
        return this.annotation(row.resource, row.name);
    }
  }

  role(role: RoleId): RoleRow | undefined {
    return this.#tables.roleRow(this.#tables.names.find(role));
  }
  resource(resource: ResourceId): ResourceRow | undefined {
    return this.#tables.resourceRow(this.#tables.names.find(resource));
  }
  membership(role: RoleId, member: RoleId, ownership: boolean): MembershipRow | undefined {
    const link = this.#tables.membership({ role, member, ownership });
    return link && this.#tables.membershipRow(link);
  }
  permission(resource: ResourceId, role: RoleId, privilege: string): PermissionRow | undefined {
    const link = this.#tables.permission({ resource, role, privilege });
    return link && this.#tables.permissionRow(link);
  }
  annotation(resource: ResourceId, name: string): AnnotationRow | undefined {
    const node = this.#tables.names.find(resource);
    const annotation = this.#tables.annotations.find(node, name);
    return annotation && this.#tables.annotationRow(node, name, annotation);
  }
  hasRole(role: RoleId): boolean {
    return this.#tables.nodes.isRole(this.#tables.names.find(role));
  }
  hasResource(resource: ResourceId): boolean {
    return this.#tables.nodes.isResource(this.#tables.names.find(resource));
  }

  /** Who holds the role directly. */
  members(role: RoleId): MembershipRow[] {
    const links = this.#tables.memberships.from(this.#tables.names.find(role));
    return Array.from(links, (link) => this.#tables.membershipRow(link));
  }

  /** What the member holds directly. */
  memberships(member: RoleId): MembershipRow[] {
    const links = this.#tables.memberships.to(this.#tables.names.find(member));
    return Array.from(links, (link) => this.#tables.membershipRow(link));
  }

  permissionsOn(resource: ResourceId): PermissionRow[] {
    const links = this.#tables.permissions.from(this.#tables.names.find(resource));
    return Array.from(links, (link) => this.#tables.permissionRow(link));
  }

  /** The privileges that the role has itself, on whatever resource. */
  permissionsOf(role: RoleId): PermissionRow[] {
    const links = this.#tables.permissions.to(this.#tables.names.find(role));
    return Array.from(links, (link) => this.#tables.permissionRow(link));
  }

  annotationsOf(resource: ResourceId): AnnotationRow[] {
    const node = this.#tables.names.find(resource);
    return Array.from(this.#tables.annotations.of(node), ([name, annotation]) =>
      this.#tables.annotationRow(node, name, annotation),
    );
  }

  /** The resources that the role owns itself. */
  owned(role: RoleId): ResourceId[] {
    const owned: ResourceId[] = [];
    const { nodes, names } = this.#tables;
    for (let node = nodes.firstOwned(names.find(role)); node !== noName; node = nodes.nextOwned(node)) {
      owned.push(storedResourceId(names.text(node)));
    }
    return owned;
  }

  /** Every row whose defining policy is one of these. Looks at all rows, in steps. */
  *definedBy(policies: Iterable<ResourceId>): Steps<GraphRow[]> {
    const numbers = new Set(Array.from(policies, (policy) => this.#tables.names.find(policy)));
    numbers.delete(noName);
    const found: GraphRow[] = [];
    if (numbers.size === 0) return found;
    for (const row of this.#tables.rowsAndPauses((policy) => numbers.has(policy))) {
      if (row !== undefined) found.push(row);
      if (row === undefined || found.length % itemsOfStep === 0) yield;
    }
    return found;
  }

  /** Every row. */
  rows(): Iterable<GraphRow> {
    return this.#tables.rows(() => true);
  }

  *roles(): Iterable<RoleId> {
    const { nodes, names } = this.#tables;
    for (let node = 0; node < names.bound; node++)
      if (nodes.isRole(node)) yield storedRoleId(names.text(node));
  }

  *resources(): Iterable<ResourceId> {
    const { nodes, names } = this.#tables;
    for (let node = 0; node < names.bound; node++) {
      if (nodes.isResource(node)) yield storedResourceId(names.text(node));
    }
  }

  /** Whether one role holds another, directly or through others. Every role holds itself. */
  holds(role: RoleId, held: RoleId): boolean {
    const { names, nodes } = this.#tables;
    const node = names.find(role);
    return nodes.isRole(node) && this.#closures.of(node).has(names.find(held));
  }

  /** Every role that this one holds, itself included; empty when there is no such role. */
  heldBy(role: RoleId): RoleId[] {
    const { names, nodes } = this.#tables;
    const node = names.find(role);
    if (!nodes.isRole(node)) return [];
    return Array.from(this.#closures.of(node), (held) => storedRoleId(names.text(held)));
  }

  /** Every role that holds one of these, themselves included, each once. */
  holdersOf(roles: readonly RoleId[]): RoleId[] {
    const { names, nodes, memberships } = this.#tables;
    const holders = new Set(roles.map((role) => names.find(role)));
    holders.delete(noName);
    for (const node of holders) {
      for (const link of memberships.from(node)) holders.add(link.to);
    }
    return [...holders].filter((node) => nodes.isRole(node)).map((node) => storedRoleId(names.text(node)));
  }

  /** A shortest chain of memberships from a role to one that it holds, both included; empty when it does not. */
  pathTo(role: RoleId, held: RoleId): RoleId[] {
    const { names, memberships } = this.#tables;
    const end = names.find(held);
    if (!this.holds(role, held)) return [];
    return shortestPath(memberships, names.find(role), end).map((node) => storedRoleId(names.text(node)));
  }

  /**
   * By what right a role may use a resource: a role it holds owns the resource, or has the privilege
   * on it (any privilege when none is named). Ownership is looked for first.
   * @returns undefined when there is no such right, no such role or no such resource
   */
  accessOf(role: RoleId, resource: ResourceId, privilege?: string): Access | undefined {
    const { names, nodes, privileges } = this.#tables;
    const roleNode = names.find(role);
    const resourceNode = names.find(resource);
    if (!nodes.isRole(roleNode) || !nodes.isResource(resourceNode)) return undefined;
    const owner = nodes.owner(resourceNode);
    if (owner === roleNode) return { holder: role, through: 'ownership' };
    const closure = this.#closures.of(roleNode);
    if (closure.has(owner)) return { holder: storedRoleId(names.text(owner)), through: 'ownership' };
    const wanted = privilege === undefined ? noName : privileges.find(privilege);
    if (privilege !== undefined && wanted === noName) return undefined;
    const holder = permittedHolder(this.#tables.permissions, closure, resourceNode, wanted);
    return holder === noName
      ? undefined
      : { holder: storedRoleId(names.text(holder)), through: 'permission' };
  }

  /** Every resource that the role may know of. Walks what the role holds, not all resources. */
  visibleTo(role: RoleId): ResourceId[] {
    const { names, nodes, permissions } = this.#tables;
    const { reaching } = permissions;
    const start = names.find(role);
    if (!nodes.isRole(start)) return [];
    const found = new IntSet();
    for (const holder of this.#closures.of(start)) {
      for (let node = nodes.firstOwned(holder); node !== noName; node = nodes.nextOwned(node))
        found.add(node);
      for (let at = reaching.start(holder); at < reaching.end(holder); at += entryCells) {
        const node = reaching.neighbour(at);
        if (nodes.isResource(node)) found.add(node);
      }
    }
    return Array.from(found, (node) => storedResourceId(names.text(node)));
  }

  /** Where a role may authenticate from, in CIDR notation; an empty list lifts the restriction. */
  setRestriction(role: RoleId, cidrs: readonly string[]): void {
    this.#restrictions.set(role, cidrs.length === 0 ? undefined : cidrs);
  }

  /** Where the role may authenticate from; empty when it may from everywhere. */
  restrictedTo(role: RoleId): readonly string[] {
    return this.#restrictions.get(role) ?? [];
  }

  /** Whether an authenticator was switched on or off over the API; undefined: neither. */
  setEnabled(webservice: ResourceId, enabled: boolean | undefined): void {
    this.#enabled.set(webservice, enabled);
  }

  enabled(webservice: ResourceId): boolean | undefined {
    return this.#enabled.get(webservice);
  }
}
