import type { PolicySubject } from '../audit/events.ts';
import type { GraphRow } from '../records/rows.ts';

/** How an audit record names a row. */
export function subjectOf(row: GraphRow): PolicySubject {
  switch (row.table) {
    case 'role':
      return { role: row.role };
    case 'resource':
      return { resource: row.resource };
    case 'membership':
      return row.ownership ? { role: row.role, owner: row.member } : { role: row.role, member: row.member };
    case 'permission':
      return { resource: row.resource, role: row.role, privilege: row.privilege };
    case 'annotation':
      return { resource: row.resource, annotation: row.name };
  }
}
