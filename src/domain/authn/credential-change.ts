/** Reading and replacing the credential of one role. */
import { LatchkeyError } from '../errors.ts';
import { partsOf, storedAccount, type RoleId } from '../ids.ts';
import type { AccountState } from '../accounts/account-state.ts';
import { credentialKey } from '../records/keys.ts';
import { decodeCredential, encodeCredential, type Credential } from '../records/credentials.ts';
import type { Services } from '../services.ts';

const maxAttempts = 20;

export interface CredentialView {
  readonly state: AccountState;
  /** undefined where the role has none, or does not exist. */
  readonly credential: Credential | undefined;
  readonly revision: number;
}

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
  };
}

/**
 * Replaces a role's credential, whatever else is changed at the same time.
 * @param change given the present credential and state, answers what it becomes, or throws to refuse
 * @throws LatchkeyError `STORE_BUSY`: the record kept changing
 */
export async function changeCredential(
  services: Pick<Services, 'authority' | 'clock'>,
  role: RoleId,
  change: (credential: Credential | undefined, state: AccountState) => Omit<Credential, 'updatedAt'>,
): Promise<void> {
  for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
    const { state, credential, revision } = await readCredential(services, role);
    const changed = { ...change(credential, state), updatedAt: services.clock.now() };
    const key = credentialKey(role);
    const result = await services.authority.commit(state.account, {
      changes: [{ key, value: encodeCredential(changed) }],
      authority: true,
      expectLineage: state.epoch.lineage,
      expectRevisions: [{ key, revision }],
    });
    if (result.committed) return;
  }
  throw new LatchkeyError('STORE_BUSY');
}
