import type { MembershipRow } from '../records/rows.ts';

/** By member; of one that holds a role in two ways, ownership comes first. */
export function byMember(one: MembershipRow, other: MembershipRow): number {
  return compare(one.member, other.member) || Number(other.ownership) - Number(one.ownership);
}

/** By the role held; ownership first. */
export function byRole(one: MembershipRow, other: MembershipRow): number {
  return compare(one.role, other.role) || Number(other.ownership) - Number(one.ownership);
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
