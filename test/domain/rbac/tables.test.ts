import assert from 'node:assert/strict';
import fc from 'fast-check';
import { noName } from '../../../src/domain/rbac/names.ts';
import { Tables } from '../../../src/domain/rbac/tables.ts';
import { anyRow, privileges, resource, roleIds } from './rows.ts';
import { assertProperty } from '../../support/property.ts';

describe('Tables', () => {
  it('forgets every name with the last row that has it', () => {
    assertProperty(
      fc.property(fc.array(anyRow, { maxLength: 60 }), (rows) => {
        const tables = new Tables(() => undefined);
        for (const row of rows) tables.put(row);
        for (const row of [...tables.rows(() => true)]) tables.remove(row);
        for (const id of [...roleIds, resource('policy:root')]) assert.equal(tables.names.find(id), noName);
        for (const privilege of privileges) assert.equal(tables.privileges.find(privilege), noName);
      }),
    );
  });

  it('keeps every name that a row still has', () => {
    assertProperty(
      fc.property(fc.array(anyRow, { maxLength: 40 }), anyRow, (rows, kept) => {
        const tables = new Tables(() => undefined);
        for (const row of [...rows, kept]) tables.put(row);
        for (const row of rows) tables.remove(row);
        tables.put(kept);
        assert.deepEqual([...tables.rows(() => true)], [kept]);
      }),
    );
  });

  it('tells of memberships that come and go, not of those that change', () => {
    const told: [number, number, boolean][] = [];
    const tables = new Tables((...change) => told.push(change));
    const row = {
      table: 'membership' as const,
      role: roleIds[2]!,
      member: roleIds[0]!,
      ownership: false,
      admin: false,
    };
    tables.remove(row);
    tables.put(row);
    tables.put({ ...row, admin: true });
    const numbers = [tables.names.find(row.role), tables.names.find(row.member)] as const;
    tables.remove(row);
    tables.remove(row);
    assert.deepEqual(told, [
      [...numbers, true],
      [...numbers, false],
    ]);
  });
});
