/** The access graph as plainly as it can be said: a list of rows, and searches through it. */
import { splitId, type RecordKey, type ResourceId, type RoleId } from '../../src/domain/ids.ts';
import { keyOfRow, type GraphRow } from '../../src/domain/records/rows.ts';

export type Verdict =
  'ownership' | 'permission' | 'role_missing' | 'resource_missing' | 'invisible' | 'privilege_missing';

export class ReferenceGraph {
  readonly rows = new Map<RecordKey, GraphRow>();

  put(row: GraphRow): void {
    this.rows.set(keyOfRow(row), row);
  }

  remove(key: RecordKey): void {
    this.rows.delete(key);
  }

  all<Table extends GraphRow['table']>(table: Table): Extract<GraphRow, { table: Table }>[] {
    return [...this.rows.values()].filter(
      (row): row is Extract<GraphRow, { table: Table }> => row.table === table,
    );
  }

  hasRole(role: RoleId): boolean {
    return this.all('role').some((row) => row.role === role);
  }

  hasResource(resource: ResourceId): boolean {
    return this.all('resource').some((row) => row.resource === resource);
  }

  /** The role and, as long as that adds any, every role of which one of them is a member. */
  heldBy(role: RoleId): Set<RoleId> {
    if (!this.hasRole(role)) return new Set();
    let held = new Set([role]);
    for (;;) {
      const more = this.all('membership').filter((row) => held.has(row.member));
      const next = new Set([...held, ...more.map((row) => row.role)]);
      if (next.size === held.size) return held;
      held = next;
    }
  }

  holdersOf(role: RoleId): Set<RoleId> {
    const roles = this.all('role').map((row) => row.role);
    return new Set(roles.filter((holder) => this.heldBy(holder).has(role)));
  }

  owns(role: RoleId, resource: ResourceId): boolean {
    return this.all('resource').some((row) => row.resource === resource && row.owner === role);
  }

  permitted(role: RoleId, resource: ResourceId, privilege?: string): boolean {
    return this.all('permission').some(
      (row) =>
        row.resource === resource &&
        row.role === role &&
        (privilege === undefined || row.privilege === privilege),
    );
  }

  visible(role: RoleId, resource: ResourceId): boolean {
    if (!this.hasResource(resource)) return false;
    return [...this.heldBy(role)].some((held) => this.owns(held, resource) || this.permitted(held, resource));
  }

  decide(role: RoleId, privilege: string, resource: ResourceId): Verdict {
    if (!this.hasRole(role)) return 'role_missing';
    if (!this.hasResource(resource)) return 'resource_missing';
    const held = [...this.heldBy(role)];
    if (held.some((holder) => this.owns(holder, resource))) return 'ownership';
    if (held.some((holder) => this.permitted(holder, resource, privilege))) return 'permission';
    return this.visible(role, resource) ? 'privilege_missing' : 'invisible';
  }

  visibleTo(role: RoleId): Set<ResourceId> {
    const resources = this.all('resource').map((row) => row.resource);
    return new Set(resources.filter((resource) => this.visible(role, resource)));
  }

  descendantsOf(policy: ResourceId): ResourceId[] {
    const above = splitId(policy);
    return this.all('resource')
      .map((row) => row.resource)
      .filter((resource) => {
        const parts = splitId(resource);
        return (
          parts?.account === above?.account &&
          parts?.identifier.startsWith(`${above?.identifier ?? ''}/`) === true
        );
      });
  }
}
