/** Making accounts, and tying a store to its data key. */
import { LatchkeyError } from '../errors.ts';
import { adminOf, resourceOf, rootPolicyOf, roleOf, type Account, type RoleId } from '../ids.ts';
import type { Change, Store } from '../../ports/store.ts';
import type { Keyring } from '../../ports/keyring.ts';
import { newApiKey, sealApiKey } from '../authn/api-key.ts';
import { isStrongPassword } from '../authn/password.ts';
import { credentialKey, keyCheckKey } from '../records/keys.ts';
import { encodeCredential } from '../records/credentials.ts';
import { ownershipOf, type GraphRow, type ResourceRow } from '../records/rows.ts';
import type { Services } from '../services.ts';
import { newSigningKey } from '../tokens/signing-keys.ts';
import { firstRowChanges } from './row-changes.ts';
import { storeAccount } from './store-account.ts';

const keyCheckText = 'latchkey data key check';

/**
 * Makes sure that the keyring holds the data key that the store is under, and seals under it; a new store
 * takes the keyring's first key as its own. Writes nothing when the key is wrong.
 * @throws LatchkeyError `DATA_KEY_WRONG`
 */
export async function bindDataKey(store: Store, keyring: Keyring): Promise<void> {
  const key = keyCheckKey();
  const { records } = await store.read(storeAccount, [key]);
  const [record] = records;
  if (record !== undefined) {
    sealUnderSameKey(keyring, record.value);
    return;
  }
  const value = keyring.seal(Buffer.from(keyCheckText), key);
  const bound = await store.commit(storeAccount, {
    changes: [{ key, value }],
    authority: false,
    expectRevisions: [{ key, revision: 0 }],
  });
  // Another process was first: its key must be ours.
  if (!bound.committed) await bindDataKey(store, keyring);
}

function sealUnderSameKey(keyring: Keyring, sealed: Uint8Array): void {
  try {
    keyring.open(sealed, keyCheckKey());
    keyring.sealUnder(keyring.sealedUnder(sealed) ?? '');
  } catch (error) {
    throw new LatchkeyError('DATA_KEY_WRONG', { cause: error });
  }
}

export interface NewAccount {
  /** For the administrator, besides the API key. */
  readonly password?: string | undefined;
  /** Who owns the administrator's resource, and so may rotate its key; the administrator itself by default. */
  readonly owner?: RoleId;
}

type CreationServices = Pick<Services, 'authority' | 'keyring' | 'clock' | 'passwords'>;

/**
 * Makes an account: its administrator, its root policy and its signing key.
 * @param keepApiKey is given the administrator's API key before the account is committed, so that
 *   no account is made whose key was lost; if the result is false, that key is of no use
 * @returns false when the account was there already
 * @throws LatchkeyError `PASSWORD_WEAK`
 */
export async function createAccount(
  services: CreationServices,
  account: Account,
  keepApiKey: (apiKey: string) => Promise<void>,
  { password, owner = adminOf(account) }: NewAccount = {},
): Promise<boolean> {
  const { epoch } = await services.authority.records(account, []);
  if (epoch.lineage !== '') return false;
  if (password !== undefined && !isStrongPassword(password)) throw new LatchkeyError('PASSWORD_WEAK');
  const now = services.clock.now();
  const passwordHash = password === undefined ? undefined : await services.passwords.hash(password);
  const { apiKey, change } = newCredential(services, adminOf(account), passwordHash);
  const changes: Change[] = [
    ...firstRowChanges(firstRows(account, owner, now)),
    change,
    newSigningKey(account, services.keyring, now),
  ];
  await keepApiKey(apiKey);
  const result = await services.authority.commit(account, { changes, authority: true, expectEpoch: epoch });
  return result.committed;
}

/** A new API key for a role, and the record of it. */
export function newCredential(
  services: Pick<Services, 'keyring' | 'clock'>,
  role: RoleId,
  passwordHash: string | undefined,
): { readonly apiKey: string; readonly change: Change } {
  const apiKey = newApiKey();
  const value = encodeCredential({
    sealedApiKey: sealApiKey(services.keyring, role, apiKey),
    passwordHash,
    restrictedTo: [],
    updatedAt: services.clock.now(),
  });
  return { apiKey, change: { key: credentialKey(role), value } };
}

/**
 * The administrator owns the root policy, and so, by default, everything below. Owned by
 * somebody else, it does not see its own resource, as in Conjur.
 */
export function firstRows(account: Account, owner: RoleId, createdAt: number): readonly GraphRow[] {
  const admin = adminOf(account);
  const root = rootPolicyOf(account);
  const adminRow: ResourceRow = { table: 'resource', resource: resourceOf(admin), owner, createdAt };
  const rootRow: ResourceRow = { table: 'resource', resource: root, owner: admin, createdAt };
  return [
    { table: 'role', role: admin, createdAt },
    adminRow,
    ...(owner === admin ? [ownershipOf(adminRow)] : []),
    { table: 'role', role: roleOf(root), createdAt },
    rootRow,
    ownershipOf(rootRow),
  ];
}
