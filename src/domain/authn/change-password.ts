import { audited } from '../audited.ts';
import { LatchkeyError } from '../errors.ts';
import { partsOf, type Account, type RoleId } from '../ids.ts';
import { occurrence } from '../occurrence.ts';
import type { RequestContext } from '../request.ts';
import type { Services } from '../services.ts';
import { changeCredential } from './credential-change.ts';
import { proveByCredential, type Presented } from './login.ts';
import { isStrongPassword } from './password.ts';

/**
 * Replaces a user's password; the API key stays. The caller proves itself anew, with the
 * password or the API key: an access token does not suffice.
 * @param password the new one, as UTF-8
 * @throws LatchkeyError `CREDENTIALS_INVALID`
 * @throws LatchkeyError `PRIVILEGE_MISSING`: the role is not a user
 * @throws LatchkeyError `PASSWORD_WEAK`
 * @see Conjur: PUT /authn/{account}/password
 */
export async function changePassword(
  services: Pick<Services, 'authority' | 'keyring' | 'passwords' | 'clock' | 'audit'>,
  request: RequestContext,
  account: Account,
  presented: Presented,
  password: string,
): Promise<void> {
  const { role } = await proveByCredential(services, account, presented);
  await audited(
    services.audit,
    (failure) => ({ type: 'password', ...occurrence(services, request, failure), role }),
    async () => {
      await setPassword(services, role, password);
    },
  );
}

/** Sets a user's password. Unaudited: part of a larger act. */
export async function setPassword(
  services: Pick<Services, 'authority' | 'passwords' | 'clock'>,
  role: RoleId,
  password: string,
): Promise<void> {
  if (partsOf(role).kind !== 'user') throw new LatchkeyError('PRIVILEGE_MISSING');
  if (!isStrongPassword(password)) throw new LatchkeyError('PASSWORD_WEAK');
  const passwordHash = await services.passwords.hash(password);
  await changeCredential(services, role, (credential) => {
    if (credential === undefined) throw new LatchkeyError('CREDENTIALS_INVALID');
    return { ...credential, passwordHash };
  });
}
