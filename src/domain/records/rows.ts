/**
 * The rows that make up the access graph, and how each becomes a stored record and back.
 * `policy` is the policy whose load defined the row (the one in the URL of the load, not the
 * innermost enclosing one); absent for what was made outside of policy.
 */
import type { Change } from '../../ports/store.ts';
import { LatchkeyError } from '../errors.ts';
import { storedResourceId, storedRoleId, type RecordKey, type ResourceId, type RoleId } from '../ids.ts';
import { textOf } from '../utf8.ts';
import { annotationKey, keyParts, membershipKey, permissionKey, resourceKey, roleKey } from './keys.ts';

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

/** The key under which a row is stored; two rows with one key are the same row. */
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

/** The stored form of what a row's key does not say: a JSON array, the defining policy last. */
export function encodeRow(row: GraphRow): Uint8Array {
  return Buffer.from(encodeRowText(row));
}

/** The change that stores a row. */
export function changeOf(row: GraphRow): Change {
  return { key: keyOfRow(row), value: encodeRow(row) };
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

/** The text of {@link encodeRow}, for who encodes many. */
export function encodeRowText(row: GraphRow): string {
  return JSON.stringify(fieldsOf(row));
}

function fieldsOf(row: GraphRow): readonly unknown[] {
  const policy = row.policy ?? '';
  switch (row.table) {
    case 'role':
      return [row.createdAt, policy];
    case 'resource':
      return [row.owner, row.createdAt, policy];
    case 'membership':
      return [row.admin, policy];
    case 'permission':
      return [policy];
    case 'annotation':
      return [row.value, policy];
  }
}

/**
 * Reads a stored row back.
 * @returns undefined for a key of a collection that holds no rows of the graph
 * @throws LatchkeyError `INTERNAL`: the bytes are not what {@link encodeRow} writes
 */
export function decodeRow(key: RecordKey, value: Uint8Array): GraphRow | undefined {
  const table = key.slice(0, key.indexOf('\t'));
  if (!isTable(table)) return undefined;
  const fields = parseFields(value);
  const policyText = fields.at(-1);
  const policy =
    typeof policyText === 'string' && policyText !== '' ? { policy: storedResourceId(policyText) } : {};
  const [first = '', second = '', third = ''] = keyParts(key);
  switch (table) {
    case 'role':
      return { table, role: storedRoleId(first), createdAt: Number(fields[0]), ...policy };
    case 'resource':
      return {
        table,
        resource: storedResourceId(first),
        owner: storedRoleId(String(fields[0])),
        createdAt: Number(fields[1]),
        ...policy,
      };
    case 'membership':
      return {
        table,
        role: storedRoleId(first),
        member: storedRoleId(second),
        ownership: third === 'o',
        admin: fields[0] === true,
        ...policy,
      };
    case 'permission':
      return {
        table,
        resource: storedResourceId(first),
        role: storedRoleId(second),
        privilege: third,
        ...policy,
      };
    case 'annotation':
      return { table, resource: storedResourceId(first), name: second, value: String(fields[0]), ...policy };
  }
}

const tables = ['role', 'resource', 'membership', 'permission', 'annotation'] as const;

function isTable(text: string): text is GraphRow['table'] {
  return (tables as readonly string[]).includes(text);
}

function parseFields(value: Uint8Array): readonly unknown[] {
  const fields: unknown = JSON.parse(textOf(value));
  if (!Array.isArray(fields)) throw new LatchkeyError('INTERNAL', { detail: 'a stored row is not a list' });
  return fields;
}
