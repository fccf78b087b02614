import type { Claims } from '../../../ports/id-token-verifier.ts';
import { LatchkeyError } from '../../errors.ts';
import { adminOf, hasControlCharacter, isIdText, toRoleId, type Account, type RoleId } from '../../ids.ts';

const loneSurrogate = /\p{Cs}/u;

/**
 * The role that an ID token stands for: the value of one claim, read as a login name, names a
 * user, or a host where it begins with `host/`.
 *
 * Conjur takes any `kind/` prefix, so that a claim of the user's own choosing, `user/admin` or
 * `policy/…`, reaches the administrator or a policy; here every kind but these two is refused.
 *
 * @param property the name of a claim at the top level of the payload, exactly as written there
 *   (variable `id-token-user-property`)
 * @throws LatchkeyError `ID_TOKEN_CLAIM_MISSING`: no such claim, or an empty one
 * @throws LatchkeyError `ID_TOKEN_CLAIM_INVALID`: not a text, or one that no role's name can be (control
 *   characters, blanks at an end, over-long, not Unicode)
 * @throws LatchkeyError `ADMIN_REFUSED`: the administrator, however spelled
 * @throws LatchkeyError `CLAIM_KIND_REFUSED`: neither a user nor a host
 * @see Conjur: authn-oidc, `id-token-user-property`
 */
export function mapClaim(account: Account, claims: Claims, property: string): RoleId {
  const value = nameIn(claims, property, 'id-token-user-property');
  const slash = value.indexOf('/');
  const kind = slash === -1 ? 'user' : value.slice(0, slash);
  const identifier = value.slice(slash + 1);
  if (kind === 'user' && spelledLikeAdmin(identifier)) throw new LatchkeyError('ADMIN_REFUSED');
  if (slash !== -1 && kind !== 'host') throw new LatchkeyError('CLAIM_KIND_REFUSED');
  if (!isIdText(account, kind, identifier)) throw invalid(property, 'is not a name that a role can have');
  const role = toRoleId(account, kind, identifier);
  // INVARIANT: whatever is read above, the administrator never leaves here.
  if (role === adminOf(account)) throw new LatchkeyError('ADMIN_REFUSED');
  return role;
}

/**
 * The user that an ID token stands for where it came for an authorization code: the value of one
 * claim is the user's id as it is, slashes included.
 *
 * @param property the name of a claim at the top level of the payload (variable `claim-mapping`)
 * @throws LatchkeyError as {@link mapClaim}, but for the kind
 * @see Conjur: authn-oidc, `claim-mapping`
 */
export function mapUserClaim(account: Account, claims: Claims, property: string): RoleId {
  const value = nameIn(claims, property, 'claim-mapping');
  // A login name may spell the kind, `user/admin`, and whoever reads it is not to be misled either.
  if (spelledLikeAdmin(value.replace(/^user\//, ''))) throw new LatchkeyError('ADMIN_REFUSED');
  if (!isIdText(account, 'user', value)) throw invalid(property, 'is not a name that a role can have');
  return toRoleId(account, 'user', value);
}

function nameIn(claims: Claims, property: string, variable: string): string {
  const value = Object.hasOwn(claims, property) ? claims[property] : undefined;
  if (value === undefined || value === '') throw missing(property, variable);
  if (typeof value !== 'string') throw invalid(property, 'is not a text');
  if (hasControlCharacter(value)) throw invalid(property, 'has a control character');
  if (loneSurrogate.test(value)) throw invalid(property, 'is not well-formed Unicode');
  if (value.trim() !== value) throw invalid(property, 'begins or ends with a blank');
  return value;
}

/** Names that people read as the administrator's are refused with it: other case, other width. */
function spelledLikeAdmin(identifier: string): boolean {
  return identifier.normalize('NFKC').toLowerCase() === 'admin';
}

function missing(property: string, variable: string): LatchkeyError {
  return new LatchkeyError('ID_TOKEN_CLAIM_MISSING', {
    detail: `Claim '${property}' not found or empty in ID token. This claim is defined in the ${variable} variable.`,
  });
}

function invalid(property: string, fault: string): LatchkeyError {
  return new LatchkeyError('ID_TOKEN_CLAIM_INVALID', {
    detail: `The claim ${property} of the ID token ${fault}`,
  });
}
