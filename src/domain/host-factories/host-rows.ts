import { resourceOf, roleOf, type ResourceId, type RoleId } from '../ids.ts';
import type { GraphRow, MembershipRow } from '../records/rows.ts';

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
  const owner = roleOf(hostFactory);

  return [
    { table: 'role', role: host, createdAt: now },
    { table: 'resource', resource, owner, createdAt: now },
    membership(host, owner, true),
    ...layers.map((layer) => membership(layer, host, false)),
    ...Array.from(annotations, ([name, value]): GraphRow => ({ table: 'annotation', resource, name, value })),
  ];
}

function membership(role: RoleId, member: RoleId, ownership: boolean): MembershipRow {
  return { table: 'membership', role, member, ownership, admin: ownership };
}
