import { audited } from '../audited.ts';
import { LatchkeyError } from '../errors.ts';
import { partsOf, type Account } from '../ids.ts';
import { occurrence } from '../occurrence.ts';
import type { RequestContext } from '../request.ts';
import type { Services } from '../services.ts';
import { changeCredential } from './credential-change.ts';
import {
  foreign,
  knownCaller,
  requireStillProven,
  subjectOf,
  type Caller,
  type CallerServices,
  type KnownCaller,
} from './credential-subject.ts';
import { isStrongPassword } from './password.ts';

/**
 * Replaces a user's password; the API key stays. The caller proves itself anew, with the
 * password or the API key: an access token does not suffice. Nobody changes another's.
 * @param named the role as named in the request, where it was: only the caller itself is allowed
 * @param password the new one; undefined when what was sent is no text
 * @throws LatchkeyError `CREDENTIALS_INVALID`, `CREDENTIAL_STRENGTH`, `KEY_ROTATION_TARGET_NOT_FOUND`,
 *   and what else the checks of the caller throw
 * @throws LatchkeyError `PRIVILEGE_MISSING`: the role is not a user
 * @throws LatchkeyError `PASSWORD_WEAK`
 * @see Conjur: PUT /authn/{account}/password
 */
export async function changePassword(
  services: CallerServices,
  request: RequestContext,
  account: Account,
  caller: Caller,
  named: string | undefined,
  password: string | undefined,
): Promise<void> {
  const known = await knownCaller(services, request, account, caller);
  const { role } = known;
  await audited(
    services.audit,
    (failure) => ({ type: 'password', ...occurrence(services, request, failure), role }),
    async () => {
      if (subjectOf(account, known, named) !== role) throw foreign();
      await setPassword(services, known, password);
    },
  );
}

/** Sets the caller's password, provided that it still is who it proved to be. Unaudited: part of a larger act. */
async function setPassword(
  services: Pick<Services, 'authority' | 'keyring' | 'passwords' | 'clock'>,
  caller: KnownCaller,
  password: string | undefined,
): Promise<void> {
  const { role } = caller;
  if (partsOf(role).kind !== 'user') throw new LatchkeyError('PRIVILEGE_MISSING');
  if (password === undefined || !isStrongPassword(password)) throw new LatchkeyError('PASSWORD_WEAK');
  const passwordHash = await services.passwords.hash(password);
  await changeCredential(services, role, 'credential', (credential) => {
    if (credential === undefined) throw new LatchkeyError('CREDENTIALS_INVALID');
    requireStillProven(services, caller, credential);
    return { ...credential, passwordHash };
  });
}
