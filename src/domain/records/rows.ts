/**
 * The rows that make up the access graph; row-batches.ts says how they are stored.
 * `policy` is the policy whose load defined the row (the one in the URL of the load, not the
 * innermost enclosing one); absent for what was made outside of policy.
 */
import { storedRoleId, type RecordKey, type ResourceId, type RoleId } from '../ids.ts';
import { annotationKey, membershipKey, permissionKey, resourceKey, roleKey } from './keys.ts';

interface Defined {
  readonly policy?: ResourceId;
}
export interface RoleRow extends Defined {
  readonly table: 'role';
  readonly role: RoleId;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}
export interface ResourceRow extends Defined {
  readonly table: 'resource';
  readonly resource: ResourceId;
  readonly owner: RoleId;
  readonly createdAt: number;
}
/** `member` holds `role`. An ownership row is there because `member` owns the resource of the same name. */
export interface MembershipRow extends Defined {
  readonly table: 'membership';
  readonly role: RoleId;
  readonly member: RoleId;
  readonly ownership: boolean;
  /** Whether the member may grant the role on. Stored and shown; no check uses it. */
  readonly admin: boolean;
}
export interface PermissionRow extends Defined {
  readonly table: 'permission';
  readonly resource: ResourceId;
  readonly role: RoleId;
  readonly privilege: string;
}
export interface AnnotationRow extends Defined {
  readonly table: 'annotation';
  readonly resource: ResourceId;
  readonly name: string;
  readonly value: string;
}
export type GraphRow = RoleRow | ResourceRow | MembershipRow | PermissionRow | AnnotationRow;

/** The key by which a row is known; two rows with one key are the same row. */
export function keyOfRow(row: GraphRow): RecordKey {
  switch (row.table) {
    case 'role':
      return roleKey(row.role);
    case 'resource':
      return resourceKey(row.resource);
    case 'membership':
      return membershipKey(row.role, row.member, row.ownership);
    case 'permission':
      return permissionKey(row.resource, row.role, row.privilege);
    case 'annotation':
      return annotationKey(row.resource, row.name);
  }
}

/** The row by which the owner of a resource holds the role of the same name. */
export function ownershipOf(row: ResourceRow): MembershipRow {
  const policy = row.policy === undefined ? {} : { policy: row.policy };
  return {
    table: 'membership',
    role: storedRoleId(row.resource),
    member: row.owner,
    ownership: true,
    admin: true,
    ...policy,
  };
}
