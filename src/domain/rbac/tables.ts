import { storedResourceId, storedRoleId, type ResourceId } from '../ids.ts';
import type {
  AnnotationRow,
  GraphRow,
  MembershipRow,
  PermissionRow,
  ResourceRow,
  RoleRow,
} from '../records/rows.ts';
import { Annotations, type Annotation } from './annotations.ts';
import { Links, noLink, type Link } from './links.ts';
import { entryCells } from './lists.ts';
import { Names, noName, ownCopy } from './names.ts';
import { Nodes } from './nodes.ts';

const ownershipBit = 1;
const adminBit = 2;
const everyBit = -1;
/** To look at so many takes some tenths of a millisecond. */
const nodesOfStep = 4_096;

/** Told of each membership that comes (`added`) or goes. */
export type MembershipListener = (role: number, member: number, added: boolean) => void;

/**
 * The rows of an access graph with names as numbers: a role and the resource of the same name
 * share one. Each row keeps the names in it in use.
 */
export class Tables {
  readonly names = new Names();
  readonly privileges = new Names();
  readonly nodes = new Nodes();
  /** From the role to its member. */
  readonly memberships = new Links(ownershipBit);
  /** From the resource to the role; the label is the privilege. */
  readonly permissions = new Links(everyBit);
  readonly annotations = new Annotations();
  readonly #changed: MembershipListener;
  #rowCount = 0;
  readonly #recentPolicy = { text: '', number: noName };
  readonly #recentFrom = { text: '', number: noName };

  constructor(changed: MembershipListener) {
    this.#changed = changed;
  }

  /** How many rows there are. */
  get rowCount(): number {
    return this.#rowCount;
  }

  /** Adds a row, or replaces the one with the same key. */
  put(row: GraphRow): void {
    const { names } = this;
    const policy = this.policyOf(row);
    if (policy !== noName) names.hold(policy);
    switch (row.table) {
      case 'role':
        this.putRoleAt(names.enter(row.role), row.createdAt, policy);
        return;
      case 'resource': {
        const node = names.enter(row.resource);
        this.putResourceAt(node, names.enter(row.owner), row.createdAt, policy);
        return;
      }
      case 'membership': {
        const role = names.enter(row.role, this.#recentFrom);
        this.putMembershipAt(role, names.enter(row.member), membershipLabel(row), policy);
        return;
      }
      case 'permission': {
        const resource = names.enter(row.resource, this.#recentFrom);
        const privilege = this.privileges.enter(row.privilege);
        this.putPermissionAt(resource, names.enter(row.role), privilege, policy);
        return;
      }
      case 'annotation':
        this.putAnnotationAt(names.enter(row.resource), row.name, ownCopy(row.value), policy);
    }
  }

  /** The number of a row's policy, or {@link noName}. */
  policyOf(row: GraphRow): number {
    return row.policy === undefined ? noName : this.names.enter(row.policy, this.#recentPolicy);
  }

  /** Removes the row with the same key, if there is one. */
  remove(row: GraphRow): void {
    switch (row.table) {
      case 'role':
        this.#removeRole(this.names.find(row.role));
        return;
      case 'resource':
        this.#removeResource(this.names.find(row.resource));
        return;
      case 'membership':
        this.#removeMembership(row);
        return;
      case 'permission':
        this.#removePermission(row);
        return;
      case 'annotation':
        this.#removeAnnotation(row);
    }
  }

  roleRow(node: number): RoleRow | undefined {
    if (!this.nodes.isRole(node)) return undefined;
    const role = storedRoleId(this.names.text(node));
    const createdAt = this.nodes.roleCreatedAt(node);
    return { table: 'role', role, createdAt, ...this.#definedBy(this.nodes.rolePolicy(node)) };
  }

  resourceRow(node: number): ResourceRow | undefined {
    if (!this.nodes.isResource(node)) return undefined;
    return {
      table: 'resource',
      resource: storedResourceId(this.names.text(node)),
      owner: storedRoleId(this.names.text(this.nodes.owner(node))),
      createdAt: this.nodes.resourceCreatedAt(node),
      ...this.#definedBy(this.nodes.resourcePolicy(node)),
    };
  }

  membershipRow(link: Link): MembershipRow {
    return {
      table: 'membership',
      role: storedRoleId(this.names.text(link.from)),
      member: storedRoleId(this.names.text(link.to)),
      ownership: (link.label & ownershipBit) !== 0,
      admin: (link.label & adminBit) !== 0,
      ...this.#definedBy(link.policy),
    };
  }

  permissionRow(link: Link): PermissionRow {
    return {
      table: 'permission',
      resource: storedResourceId(this.names.text(link.from)),
      role: storedRoleId(this.names.text(link.to)),
      privilege: this.privileges.text(link.label),
      ...this.#definedBy(link.policy),
    };
  }

  annotationRow(node: number, name: string, annotation: Annotation): AnnotationRow {
    const resource = storedResourceId(this.names.text(node));
    return {
      table: 'annotation',
      resource,
      name,
      value: annotation.value,
      ...this.#definedBy(annotation.policy),
    };
  }

  membership(row: Pick<MembershipRow, 'role' | 'member' | 'ownership'>): Link | undefined {
    const from = this.names.find(row.role);
    const index = this.memberships.find(from, this.names.find(row.member), row.ownership ? ownershipBit : 0);
    return index === noLink ? undefined : this.memberships.get(from, index);
  }

  permission(row: Pick<PermissionRow, 'resource' | 'role' | 'privilege'>): Link | undefined {
    const from = this.names.find(row.resource);
    const label = this.privileges.find(row.privilege);
    const index = this.permissions.find(from, this.names.find(row.role), label);
    return index === noLink ? undefined : this.permissions.get(from, index);
  }

  /** The rows whose policy number is wanted ({@link noName}: defined by none). Looks at all rows. */
  *rows(wanted: (policy: number) => boolean): IterableIterator<GraphRow> {
    for (const row of this.rowsAndPauses(wanted)) if (row !== undefined) yield row;
  }

  /** As {@link rows}, with `undefined` now and then where there is none for a while. */
  *rowsAndPauses(wanted: (policy: number) => boolean): IterableIterator<GraphRow | undefined> {
    const { nodes, memberships, permissions, annotations } = this;
    for (let node = 0; node < this.names.bound; node++) {
      if (node % nodesOfStep === 0) yield undefined;
      const role = nodes.isRole(node) && wanted(nodes.rolePolicy(node)) ? this.roleRow(node) : undefined;
      if (role !== undefined) yield role;
      const resource =
        nodes.isResource(node) && wanted(nodes.resourcePolicy(node)) ? this.resourceRow(node) : undefined;
      if (resource !== undefined) yield resource;
    }
    for (const link of linksOf(memberships, this.names.bound, wanted)) yield link && this.membershipRow(link);
    for (const link of linksOf(permissions, this.names.bound, wanted)) yield link && this.permissionRow(link);
    let annotated = 0;
    for (const node of annotations.resources()) {
      if (++annotated % nodesOfStep === 0) yield undefined;
      for (const [name, annotation] of annotations.of(node)) {
        if (wanted(annotation.policy)) yield this.annotationRow(node, name, annotation);
      }
    }
  }

  #definedBy(policy: number): { readonly policy?: ResourceId } {
    return policy === noName ? {} : { policy: storedResourceId(this.names.text(policy)) };
  }

  #dropPolicy(policy: number): void {
    if (policy !== noName) this.names.drop(policy);
  }

  /** As {@link put}, of a role whose names are numbers already; the policy is held. */
  putRoleAt(node: number, createdAt: number, policy: number): void {
    if (this.nodes.isRole(node)) this.#dropPolicy(this.nodes.rolePolicy(node));
    else {
      this.names.hold(node);
      this.#rowCount += 1;
    }
    this.nodes.setRole(node, createdAt, policy);
  }

  #removeRole(node: number): void {
    if (!this.nodes.isRole(node)) return;
    this.#dropPolicy(this.nodes.rolePolicy(node));
    this.nodes.clearRole(node);
    this.#rowCount -= 1;
    this.names.drop(node);
  }

  putResourceAt(node: number, owner: number, createdAt: number, policy: number): void {
    this.names.hold(owner);
    if (this.nodes.isResource(node)) {
      this.#dropPolicy(this.nodes.resourcePolicy(node));
      this.names.drop(this.nodes.owner(node));
    } else {
      this.names.hold(node);
      this.#rowCount += 1;
    }
    this.nodes.setResource(node, owner, createdAt, policy);
  }

  #removeResource(node: number): void {
    if (!this.nodes.isResource(node)) return;
    const owner = this.nodes.owner(node);
    this.#dropPolicy(this.nodes.resourcePolicy(node));
    this.nodes.clearResource(node);
    this.#rowCount -= 1;
    this.names.drop(owner);
    this.names.drop(node);
  }

  putMembershipAt(role: number, member: number, label: number, policy: number): void {
    if (this.#relabel(this.memberships, role, member, label, policy)) return;
    this.names.hold(role);
    this.names.hold(member);
    this.addMembershipAt(role, member, label, policy);
  }

  /** Of one that is known not to be there; both roles are held for it. */
  addMembershipAt(role: number, member: number, label: number, policy: number): void {
    this.memberships.add(role, member, label, policy);
    this.#rowCount += 1;
    this.#changed(role, member, true);
  }

  #removeMembership(row: MembershipRow): void {
    const link = this.membership(row);
    if (link === undefined) return;
    this.#dropLink(this.memberships, link);
    this.#changed(link.from, link.to, false);
  }

  putPermissionAt(resource: number, role: number, privilege: number, policy: number): void {
    if (this.#relabel(this.permissions, resource, role, privilege, policy)) return;
    this.names.hold(resource);
    this.names.hold(role);
    this.privileges.hold(privilege);
    this.addPermissionAt(resource, role, privilege, policy);
  }

  /** Of one that is known not to be there; resource, role and privilege are held for it. */
  addPermissionAt(resource: number, role: number, privilege: number, policy: number): void {
    this.permissions.add(resource, role, privilege, policy);
    this.#rowCount += 1;
  }

  #removePermission(row: PermissionRow): void {
    const link = this.permission(row);
    if (link === undefined) return;
    this.#dropLink(this.permissions, link);
    this.privileges.drop(link.label);
  }

  /** @returns false where there is no such link */
  #relabel(links: Links, from: number, to: number, label: number, policy: number): boolean {
    const known = links.find(from, to, label);
    if (known === noLink) return false;
    this.#dropPolicy(links.get(from, known).policy);
    links.relabel(from, known, label, policy);
    return true;
  }

  #dropLink(links: Links, link: Link): void {
    links.delete(link.from, links.find(link.from, link.to, link.label));
    this.#rowCount -= 1;
    this.#dropPolicy(link.policy);
    this.names.drop(link.from);
    this.names.drop(link.to);
  }

  /** @param value nothing else's text: see {@link ownCopy} */
  putAnnotationAt(node: number, name: string, value: string, policy: number): void {
    const known = this.annotations.find(node, name);
    if (known === undefined) {
      this.names.hold(node);
      this.#rowCount += 1;
    } else this.#dropPolicy(known.policy);
    this.annotations.put(node, name, { value, policy });
  }

  #removeAnnotation(row: AnnotationRow): void {
    const node = this.names.find(row.resource);
    const known = this.annotations.find(node, row.name);
    if (known === undefined) return;
    this.annotations.remove(node, row.name);
    this.#rowCount -= 1;
    this.#dropPolicy(known.policy);
    this.names.drop(node);
  }
}

/** What tells of a membership besides both roles. */
export function membershipLabel({ ownership, admin }: MembershipRow): number {
  return (ownership ? ownershipBit : 0) | (admin ? adminBit : 0);
}

/** The links whose policy is wanted, with `undefined` now and then. */
function* linksOf(
  links: Links,
  nodes: number,
  wanted: (policy: number) => boolean,
): IterableIterator<Link | undefined> {
  const { leaving } = links;
  for (let node = 0; node < nodes; node++) {
    if (node % nodesOfStep === 0) yield undefined;
    const end = leaving.end(node);
    for (let at = leaving.start(node), index = 0; at < end; at += entryCells, index++) {
      if (wanted(leaving.extra(at))) yield links.get(node, index);
    }
  }
}
