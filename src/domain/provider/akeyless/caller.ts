/** Who asks for tokens: a role, how it proved itself, and its sub-claims. */
import type { AccountState } from '../../accounts/account-state.ts';
import { loginOf, resourceOf } from '../../ids.ts';
import type { RoleRow } from '../../records/rows.ts';
import { protocolClaims } from '../engine/protocol-claims.ts';
import { groupsAbove } from '../identity/entities.ts';
import { accessIdForm, groupIdOf, methodAccessId, roleAccessId } from './ids.ts';

export interface Caller {
  /** A user or host. */
  readonly role: RoleRow;
  /** The authenticator that it proved itself at, as lists name it; undefined where that is not known. */
  readonly authenticator: string | undefined;
}

/** Claims that a caller has, by their names: a text, or several. */
export type SubClaims = ReadonlyMap<string, string | readonly string[]>;

/** The authenticator at which a role presents a secret of its own; there the role's own access id is the method. */
export const ownAuthenticator = 'authn';

/**
 * The access id that a caller signed in with: that of the authenticator, or the role's own where it
 * presented its API key or password, or an access token, which does not say how it was had.
 */
function accessIdOf(state: Pick<AccountState, 'account'>, { role, authenticator }: Caller): string {
  return authenticator === undefined || authenticator === ownAuthenticator
    ? roleAccessId(role)
    : methodAccessId(state.account, authenticator);
}

/**
 * The subject in tokens: the access id, a slash, the role's own access id. The second part is never
 * another role's, not even one that has the same name later (OpenID Connect Core, section 2).
 */
export function subjectOf(state: Pick<AccountState, 'account'>, caller: Caller): string {
  return `${accessIdOf(state, caller)}/${roleAccessId(caller.role)}`;
}

/** Claims that no annotation can set: the protocols' (RFC 8693, RFC 9068 and that of the issuer among them), and those that are made here. */
const reservedClaims: ReadonlySet<string> = new Set([
  ...protocolClaims,
  ...['scp', 'ext', 'act', 'may_act'],
  ...['ClientUniqueId', 'login', 'groups'],
]);

/** An annotation's name that can be a claim and a scope; those of authenticators, which have a slash, cannot. */
const claimNameForm = /^[A-Za-z_][\w.-]{0,99}$/;

/** Scopes that are no claims. */
export const specialScopes: readonly string[] = ['openid', 'offline_access'];

/**
 * The sub-claims of a caller, as policy has them now: `ClientUniqueId` (the access id of who signed in with
 * a secret of its own, or whose login could pass for one, otherwise the login), `login`, `groups` (the names of all groups and layers that it
 * is in, sorted), and each annotation of its role whose name can be a claim.
 */
export function subClaimsOf(state: AccountState, caller: Caller): SubClaims {
  const { role } = caller.role;
  const claims = new Map<string, string | readonly string[]>();
  for (const { name, value } of state.graph.annotationsOf(resourceOf(role))) {
    if (claimNameForm.test(name) && !reservedClaims.has(name) && !specialScopes.includes(name)) {
      claims.set(name, value);
    }
  }
  const login = loginOf(role);
  const own = roleAccessId(caller.role);
  claims.set('ClientUniqueId', accessIdOf(state, caller) === own || accessIdForm.test(login) ? own : login);
  claims.set('login', login);
  claims.set(
    'groups',
    groupsAbove(state.graph, role).map(({ name }) => name),
  );
  return claims;
}

/** Whether a caller is in the group of an id. */
export function isInGroup(
  { graph }: Pick<AccountState, 'graph'>,
  { role }: Caller,
  groupId: string,
): boolean {
  return groupsAbove(graph, role.role).some((group) => groupIdOf(group) === groupId);
}

/**
 * The claims that granted scopes put into tokens: each scope that names a sub-claim copies it; one that names
 * a group which the caller is in, by name or id, puts the group's name into `groups`. The special scopes and
 * those for which the caller has nothing add nothing.
 */
export function grantedClaims(
  state: AccountState,
  caller: Caller,
  scopes: readonly string[],
): Readonly<Record<string, string | readonly string[]>> {
  const asked = scopes.filter((scope) => !specialScopes.includes(scope));
  if (asked.length === 0) return {};
  const subClaims = subClaimsOf(state, caller);
  const claims = new Map<string, string | readonly string[]>();
  const groups = groupsAbove(state.graph, caller.role.role).filter(
    (group) => asked.includes(group.name) || asked.includes(groupIdOf(group)),
  );
  if (groups.length > 0)
    claims.set(
      'groups',
      groups.map(({ name }) => name),
    );
  for (const scope of asked) {
    const value = subClaims.get(scope);
    if (value !== undefined && value.length > 0) claims.set(scope, value);
  }
  return Object.fromEntries(claims);
}
