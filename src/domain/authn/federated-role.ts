/** The role that a token of another system, or the URL beside it, says to be. */
import { LatchkeyError } from '../errors.ts';
import { adminOf, isIdText, toRoleId, type Account, type RoleId } from '../ids.ts';

/**
 * The role of a login name, where another system vouches for it: a user or a host, never the
 * administrator, whose access must not depend on a signer elsewhere.
 *
 * @param kind the authenticator, for the message
 * @throws LatchkeyError `CLAIM_KIND_REFUSED`: neither a user nor a host
 * @throws LatchkeyError `ADMIN_REFUSED`
 * @throws LatchkeyError `AUTHENTICATION_ROLE_NOT_FOUND`: not a name that a role can have
 */
export function federatedRole(account: Account, login: string, kind: string): RoleId {
  const [roleKind, identifier] = partsOfLogin(login);
  if (!isIdText(account, roleKind, identifier)) throw new LatchkeyError('AUTHENTICATION_ROLE_NOT_FOUND');
  requireUserOrHost(login);
  const role = toRoleId(account, roleKind, identifier);
  if (role === adminOf(account)) {
    throw new LatchkeyError('ADMIN_REFUSED', {
      detail: `Admin user is not allowed to authenticate with ${kind}`,
    });
  }
  return role;
}

/**
 * Nobody comes as a group, a layer or a policy: those hold the privileges of many, and their names are
 * not chosen with a thought of who could bear them elsewhere.
 *
 * @throws LatchkeyError `CLAIM_KIND_REFUSED`
 */
export function requireUserOrHost(login: string): void {
  const [kind] = partsOfLogin(login);
  if (kind === 'user' || kind === 'host') return;
  throw new LatchkeyError('CLAIM_KIND_REFUSED', { detail: `'${login}' names neither a user nor a host` });
}

/** What a login name says, for a record that is written whether or not there can be such a role. */
export function claimedRole(account: Account, login: string): string {
  return `${account}:${partsOfLogin(login).join(':')}`;
}

function partsOfLogin(login: string): readonly [kind: string, identifier: string] {
  const slash = login.indexOf('/');
  return slash === -1 ? ['user', login] : [login.slice(0, slash), login.slice(slash + 1)];
}
