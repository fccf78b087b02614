/** Making accounts, and tying a store to its data key. */
import { LatchkeyError } from '../errors.ts';
import { adminOf, resourceOf, rootPolicyOf, roleOf, toAccount, type Account } from '../ids.ts';
import type { Change, Store } from '../../ports/store.ts';
import type { Keyring } from '../../ports/keyring.ts';
import { newApiKey, sealApiKey } from '../authn/api-key.ts';
import { isStrongPassword } from '../authn/password.ts';
import { credentialKey, keyCheckKey } from '../records/keys.ts';
import { encodeCredential } from '../records/credentials.ts';
import { encodeRow, keyOfRow, type GraphRow } from '../records/rows.ts';
import type { Services } from '../services.ts';
import { newSigningKey } from '../tokens/signing-keys.ts';

/** The pseudo-account that holds what belongs to the whole store; no role lives in it. */
const storeAccount = toAccount('!');

const keyCheckText = 'latchkey data key check';

/**
 * Makes sure that the keyring holds the data key that the store was made with; a store without
 * accounts takes the key as its own. Writes nothing when the key is wrong.
 * @throws LatchkeyError `DATA_KEY_WRONG`
 */
export async function bindDataKey(store: Store, keyring: Keyring): Promise<void> {
  const key = keyCheckKey();
  const { records } = await store.read(storeAccount, [key]);
  const [record] = records;
  if (record !== undefined) {
    requireSameKey(keyring, record.value);
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

function requireSameKey(keyring: Keyring, sealed: Uint8Array): void {
  try {
    keyring.open(sealed, keyCheckKey());
  } catch (error) {
    throw new LatchkeyError('DATA_KEY_WRONG', { cause: error });
  }
}

/**
 * Makes an account: its administrator, its root policy and its signing key.
 * @param keepApiKey is given the administrator's API key before the account is committed, so that
 *   no account is made whose key was lost; if the result is false, that key is of no use
 * @param password for the administrator, besides the API key
 * @returns false when the account was there already
 * @throws LatchkeyError `PASSWORD_WEAK`
 */
export async function createAccount(
  services: Pick<Services, 'authority' | 'keyring' | 'clock' | 'passwords'>,
  account: Account,
  keepApiKey: (apiKey: string) => Promise<void>,
  password?: string,
): Promise<boolean> {
  if ((await services.authority.recent(account)) !== undefined) return false;
  if (password !== undefined && !isStrongPassword(password)) throw new LatchkeyError('PASSWORD_WEAK');
  const now = services.clock.now();
  const admin = adminOf(account);
  const apiKey = newApiKey();
  const credential = encodeCredential({
    sealedApiKey: sealApiKey(services.keyring, admin, apiKey),
    passwordHash: password === undefined ? undefined : await services.passwords.hash(password),
    restrictedTo: [],
    updatedAt: now,
  });
  const changes: Change[] = [
    ...firstRows(account, now).map((row) => ({ key: keyOfRow(row), value: encodeRow(row) })),
    { key: credentialKey(admin), value: credential },
    newSigningKey(account, services.keyring, now),
  ];
  await keepApiKey(apiKey);
  const result = await services.authority.commit(account, {
    changes,
    authority: true,
    expectEpoch: { lineage: '', counter: 0 },
  });
  return result.committed;
}

/** The administrator owns itself and the root policy, and so, by default, everything below. */
function firstRows(account: Account, createdAt: number): readonly GraphRow[] {
  const admin = adminOf(account);
  const root = rootPolicyOf(account);
  return [
    { table: 'role', role: admin, createdAt },
    { table: 'resource', resource: resourceOf(admin), owner: admin, createdAt },
    { table: 'membership', role: admin, member: admin, ownership: true, admin: true },
    { table: 'role', role: roleOf(root), createdAt },
    { table: 'resource', resource: root, owner: admin, createdAt },
    { table: 'membership', role: roleOf(root), member: admin, ownership: true, admin: true },
  ];
}
