/** Rows in few words, and arbitrary ones. */
import fc from 'fast-check';
import { storedResourceId, storedRoleId, type ResourceId, type RoleId } from '../../../src/domain/ids.ts';
import type { GraphRow, MembershipRow } from '../../../src/domain/records/rows.ts';

export const role = (id: string): RoleId => storedRoleId(`acct:${id}`);
export const resource = (id: string): ResourceId => storedResourceId(`acct:${id}`);

export function roleRow(id: string): GraphRow {
  return { table: 'role', role: role(id), createdAt: 1 };
}
export function resourceRow(id: string, owner: string): GraphRow {
  return { table: 'resource', resource: resource(id), owner: role(owner), createdAt: 1 };
}
export function member(of: string, holder: string, more: Partial<MembershipRow> = {}): GraphRow {
  return {
    table: 'membership',
    role: role(of),
    member: role(holder),
    ownership: false,
    admin: false,
    ...more,
  };
}
export function permit(holder: string, privilege: string, on: string): GraphRow {
  return { table: 'permission', resource: resource(on), role: role(holder), privilege };
}
export function annotate(on: string, name: string, value: string): GraphRow {
  return { table: 'annotation', resource: resource(on), name, value };
}

/** Few ids, so that rows meet; a name may be role and resource both. */
const ids = ['user:a', 'user:b', 'group:g', 'group:h', 'policy:p', 'host:p/x', 'variable:v', 'variable:p/w'];
export const roleIds = ids.map(role);
export const resourceIds = ids.map(resource);
export const privileges = ['read', 'execute', ''];

const anyRole = fc.constantFrom(...roleIds);
const anyResource = fc.constantFrom(...resourceIds);
const policy = fc.constantFrom({}, { policy: resource('policy:p') }, { policy: resource('policy:root') });
const createdAt = fc.integer({ min: 0, max: 2 ** 41 });

export const anyRow: fc.Arbitrary<GraphRow> = fc
  .tuple(
    fc.oneof(
      fc.record({ table: fc.constant('role' as const), role: anyRole, createdAt }),
      fc.record({
        table: fc.constant('resource' as const),
        resource: anyResource,
        owner: anyRole,
        createdAt,
      }),
      {
        weight: 3,
        arbitrary: fc.record({
          table: fc.constant('membership' as const),
          role: anyRole,
          member: anyRole,
          ownership: fc.boolean(),
          admin: fc.boolean(),
        }),
      },
      fc.record({
        table: fc.constant('permission' as const),
        resource: anyResource,
        role: anyRole,
        privilege: fc.constantFrom(...privileges),
      }),
      fc.record({
        table: fc.constant('annotation' as const),
        resource: anyResource,
        name: fc.constantFrom('note', 'kind'),
        value: fc.constantFrom('one', 'two'),
      }),
    ),
    policy,
  )
  .map(([row, defined]) => ({ ...row, ...defined }));
