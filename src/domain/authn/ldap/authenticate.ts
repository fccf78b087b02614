/** authn-ldap: a directory's password for an API key, and either of them for an access token. */
import { textOf } from '../../utf8.ts';
import { apiKeyMatches, openApiKey } from '../api-key.ts';
import {
  attemptAt,
  requireAuthenticate,
  requireOrigin,
  requireRole,
  sameAccount,
  tokenFor,
  type Attempt,
  type AuthenticationServices,
} from '../authenticate-at.ts';
import { readCredential } from '../credential-change.ts';
import { LatchkeyError } from '../../errors.ts';
import { adminOf, type Account, type RoleId } from '../../ids.ts';
import type { RequestContext } from '../../request.ts';
import type { Services } from '../../services.ts';
import { requireUserOrHost } from '../federated-role.ts';
import { roleOfPresented, type Presented } from '../login.ts';
import { directoryOf } from './directory-settings.ts';

export type LdapServices = AuthenticationServices & Pick<Services, 'directories'>;

const kind = 'authn-ldap';

/** Longer than any that a directory takes. */
const maxPasswordBytes = 1_024;

/**
 * Proves an identity with the password of a directory, and answers the role's API key. The directory
 * is asked only about who may use it: the role exists and holds `authenticate` on the webservice.
 *
 * @returns the API key
 * @throws LatchkeyError `ACCOUNT_NOT_FOUND`, `AUTHENTICATOR_NOT_ENABLED`, `WEBSERVICE_NOT_FOUND`,
 *   `AUTHENTICATION_ROLE_NOT_FOUND`, `ROLE_NOT_AUTHORIZED`, `CLAIM_KIND_REFUSED`, `ADMIN_REFUSED`, `CREDENTIALS_INVALID`,
 *   `ATTEMPTS_EXCEEDED`, and the `DIRECTORY_*` errors
 * @see Conjur: GET /authn-ldap/{service}/{account}/login
 */
export async function loginByLdap(
  services: LdapServices,
  request: RequestContext,
  account: Account,
  serviceId: string | undefined,
  presented: Presented,
): Promise<string> {
  return services.attempts.byPassword({ request, account, name: presented.login }, (gate) =>
    attemptAt(services, request, account, { kind, serviceId }, 'login', async (attempt) => {
      const role = admit(attempt, presented.login);
      await gate.admit();
      await gate.tryPassword(() => requirePassword(services, attempt, presented));
      const { state, credential } = await readCredential(services, role);
      sameAccount(attempt, state);
      requireRole(state, role);
      requireAuthenticate(state, role, attempt.webservice);
      if (credential?.sealedApiKey === undefined) throw new LatchkeyError('CREDENTIALS_INVALID');
      return openApiKey(services.keyring, role, credential.sealedApiKey);
    }),
  );
}

/**
 * Trades a role's API key, or the password of a directory, for an access token.
 *
 * @returns the access token's JSON text
 * @throws LatchkeyError as {@link loginByLdap}, and `ORIGIN_REFUSED`
 * @see Conjur: POST /authn-ldap/{service}/{account}/{login}/authenticate
 */
export async function authenticateByLdap(
  services: LdapServices,
  request: RequestContext,
  account: Account,
  serviceId: string | undefined,
  presented: Presented,
): Promise<string> {
  return services.attempts.byPassword({ request, account, name: presented.login }, (gate) =>
    tokenFor(services, request, account, { kind, serviceId }, async (attempt) => {
      const role = admit(attempt, presented.login);
      await gate.admit();
      requireOrigin(attempt.state, request, role);
      const { credential } = await readCredential(services, role);
      if (!apiKeyMatches(services.keyring, role, credential, presented.secret))
        await gate.tryPassword(() => requirePassword(services, attempt, presented));
      return { role };
    }),
  );
}

/** The role that a login stands for, where it may use this authenticator at all. */
function admit(attempt: Attempt, login: string): RoleId {
  const { account, state, webservice } = attempt;
  const role = roleOfPresented(account, login);
  attempt.identify(role);
  requireUserOrHost(login);
  requireRole(state, role);
  requireAuthenticate(state, role, webservice);
  if (role === adminOf(account)) throw new LatchkeyError('ADMIN_REFUSED');
  return role;
}

async function requirePassword(
  services: LdapServices,
  { request, state, webservice }: Attempt,
  { login, secret }: Presented,
): Promise<void> {
  const password = textOf(secret);
  // A directory takes a bind without a password for an anonymous one, and calls that a success.
  if (password.trim() === '' || secret.byteLength > maxPasswordBytes)
    throw new LatchkeyError('CREDENTIALS_INVALID');
  const directory = await directoryOf(services, request, state, webservice);
  if (!(await services.directories.proves(directory, login, password)))
    throw new LatchkeyError('CREDENTIALS_INVALID');
}
