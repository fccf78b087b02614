import type { AccountView } from '../../accounts/authority.ts';
import type { Account } from '../../ids.ts';
import type { RoleRow } from '../../records/rows.ts';
import { credentialRevisionIn } from '../../records/credentials.ts';
import { credentialKey } from '../../records/keys.ts';
import type { Services } from '../../services.ts';
import { roleOfSubjectKey } from './subject.ts';

/**
 * What tells a role's credential from those that it had before: another password, API key or
 * restriction to addresses has another revision. 0 of a role without one.
 */
export async function credentialRevisionOf(
  { authority }: Pick<Services, 'authority'>,
  account: Account,
  { role }: Pick<RoleRow, 'role'>,
): Promise<number> {
  const { records } = await authority.read(account, [credentialKey(role)]);
  return credentialRevisionIn(records[0]);
}

/** What remembers of a sign-in whose it was, and with which credential. */
interface SignedIn {
  /** The subject key of the role; undefined where it was of none. */
  readonly accountId?: string;
  readonly credentialRevision?: number;
}

/** Whether the credential is still that of the sign-in; of a role that is gone this says nothing. */
export async function credentialStands(
  services: Pick<Services, 'authority'>,
  { state }: AccountView,
  { accountId, credentialRevision }: SignedIn,
): Promise<boolean> {
  const role = accountId === undefined ? undefined : roleOfSubjectKey(state, accountId);
  if (role === undefined) return true;
  return (await credentialRevisionOf(services, state.account, role)) === credentialRevision;
}
