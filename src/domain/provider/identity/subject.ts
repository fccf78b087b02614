/** How roles are known to relying parties: by identifiers that are never used again. */
import { hash } from 'node:crypto';
import type { AccountState } from '../../accounts/account-state.ts';
import { storedRoleId, type RoleId } from '../../ids.ts';
import type { RoleRow } from '../../records/rows.ts';

/**
 * The identifier of a user, host, group or layer: a UUID that stays for as long as the role does.
 * One that was removed and made again has another (OpenID Connect Core, section 2: `sub` is never
 * reassigned). Vault's dialect calls it the entity's, or the group's, id.
 */
export function identifierOf({ role, createdAt }: Pick<RoleRow, 'role' | 'createdAt'>): string {
  const bytes = hash('sha256', `${role}\t${createdAt}`, 'buffer').subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** What stands for a role in what the provider stores: it leads back to the role, and to no later one of that name. */
export function subjectKeyOf({ role, createdAt }: Pick<RoleRow, 'role' | 'createdAt'>): string {
  return `${createdAt.toString(36)}.${role}`;
}

/** The role that a {@link subjectKeyOf} stands for; undefined once it is gone, or was made again. */
export function roleOfSubjectKey(
  { graph }: Pick<AccountState, 'graph'>,
  subjectKey: string,
): RoleRow | undefined {
  const dot = subjectKey.indexOf('.');
  const row = graph.role(storedRoleId(subjectKey.slice(dot + 1)));
  return row === undefined || subjectKeyOf(row) !== subjectKey ? undefined : row;
}

/** Whether a role can sign in: users and hosts can. */
export function signsIn(role: RoleId): boolean {
  const kind = role.split(':', 2)[1];
  return kind === 'user' || kind === 'host';
}
