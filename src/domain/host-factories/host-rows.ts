import { resourceOf, roleOf, type ResourceId, type RoleId } from '../ids.ts';
import { ownershipOf, type GraphRow, type ResourceRow } from '../records/rows.ts';

/**
 * The rows of a host that a factory makes: the role, its resource owned by the factory, a membership
 * in each of the factory's layers, its annotations. No policy defines them, so that no load of one
 * takes the host away while its factory stays.
 * @param now becomes `createdAt`, in milliseconds since the epoch
 */
export function rowsOfHost(
  host: RoleId,
  hostFactory: ResourceId,
  layers: readonly RoleId[],
  annotations: ReadonlyMap<string, string>,
  now: number,
): readonly GraphRow[] {
  const resource = resourceOf(host);
  const row: ResourceRow = { table: 'resource', resource, owner: roleOf(hostFactory), createdAt: now };
  return [
    { table: 'role', role: host, createdAt: now },
    row,
    ownershipOf(row),
    ...layers.map((role): GraphRow => {
      return { table: 'membership', role, member: host, ownership: false, admin: false };
    }),
    ...Array.from(annotations, ([name, value]): GraphRow => ({ table: 'annotation', resource, name, value })),
  ];
}
