/** Reading and replacing the credential of one role. */
import { partsOf, storedAccount, type RoleId } from '../ids.ts';
import type { AccountState } from '../accounts/account-state.ts';
import { untilCommitted } from '../accounts/until-committed.ts';
import type { Epoch } from '../../ports/epoch.ts';
import { credentialKey } from '../records/keys.ts';
import {
  credentialRevisionIn,
  decodeCredential,
  encodeCredential,
  type Credential,
} from '../records/credentials.ts';
import type { Services } from '../services.ts';

export interface CredentialView {
  readonly state: AccountState;
  /** undefined where the role has none, or does not exist. */
  readonly credential: Credential | undefined;
  readonly revision: number;
  /** See {@link credentialRevisionIn}. */
  readonly credentialRevision: number;
  /** Of the read; the state is at this one or a later one. */
  readonly epoch: Epoch;
}

/** Every change of authority ends what depends on all of it, so that it may take a few more. */
const maxAttempts = 100;

/** @throws LatchkeyError `ACCOUNT_NOT_FOUND` */
export async function readCredential(
  services: Pick<Services, 'authority'>,
  role: RoleId,
): Promise<CredentialView> {
  const view = await services.authority.read(storedAccount(partsOf(role).account), [credentialKey(role)]);
  const record = view.records[0];
  const exists = view.state.graph.hasRole(role);
  return {
    state: view.state,
    credential: exists && record !== undefined ? decodeCredential(record.value) : undefined,
    revision: record?.revision ?? 0,
    credentialRevision: credentialRevisionIn(record),
    epoch: view.epoch,
  };
}

/**
 * Replaces a role's credential, whatever else is changed at the same time.
 * @param dependsOn what must stay as it was read until the commit: the credential alone, or, where
 *   privileges were looked at, all authority of the account
 * @param change given the present credential and state, answers what it becomes, or throws to refuse
 * @throws LatchkeyError `STORE_BUSY`: the record kept changing
 */
export async function changeCredential(
  services: Pick<Services, 'authority' | 'clock'>,
  role: RoleId,
  dependsOn: 'credential' | 'authority',
  change: (credential: Credential | undefined, state: AccountState) => Omit<Credential, 'updatedAt'>,
): Promise<void> {
  const key = credentialKey(role);
  await untilCommitted(async () => {
    const { state, credential, revision, epoch } = await readCredential(services, role);
    const changed = { ...change(credential, state), updatedAt: services.clock.now() };
    const { committed } = await services.authority.commit(state.account, {
      changes: [{ key, value: encodeCredential(changed) }],
      authority: true,
      expectLineage: epoch.lineage,
      expectRevisions: [{ key, revision }],
      ...(dependsOn === 'authority' ? { expectEpoch: epoch } : {}),
    });
    return committed || undefined;
  }, maxAttempts);
}
