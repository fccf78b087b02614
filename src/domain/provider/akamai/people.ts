/** What clients that sign people in may learn of them, and for how long. */
import type { AccountState } from '../../accounts/account-state.ts';
import type { AccountView } from '../../accounts/authority.ts';
import { loginOf, resourceOf, type RoleId } from '../../ids.ts';
import type { ClientRecord, TokenPolicyRecord } from '../registry/records.ts';

type View = Pick<AccountView, 'state'>;

/** Claims of a role that are annotations of the same name, by the scope that asks for them (OpenID Connect Core 5.4). */
const claimsOfScope: Readonly<Record<string, readonly string[]>> = {
  profile: ['name', 'given_name', 'family_name', 'nickname', 'picture', 'website', 'locale', 'zoneinfo'],
  email: ['email'],
  phone: ['phone_number'],
};

/** A client that signs people in, with the token format of its policy; undefined: there is none of this id. */
export function signInClient({ state }: View, clientId: string): ClientRecord | undefined {
  const client = state.registry.get('oidc-client', clientId);
  if (client?.dialect !== 'akamai' || client.disabled || client.type === 'configuration') return undefined;
  const policy = tokenPolicyOf({ state }, client);
  return policy === undefined
    ? undefined
    : { ...client, accessTokenFormat: policy.accessTokenFormat ?? 'opaque' };
}

export function tokenPolicyOf({ state }: View, client: ClientRecord): TokenPolicyRecord | undefined {
  return state.registry.get('oidc-token-policy', client.tokenPolicy ?? '');
}

/** Those of the scopes that the client's token policy allows: a policy answers fewer, not an error. */
export function allowedSignInScopes(
  view: View,
  client: ClientRecord,
  scopes: readonly string[],
): readonly string[] {
  const allowed = tokenPolicyOf(view, client)?.allowedScopes ?? [];
  return scopes.filter((scope) => allowed.includes(scope));
}

/** The claims of a role for the scopes that were granted. */
export function claimsOf(
  { state }: View,
  role: RoleId,
  scopes: readonly string[],
): Readonly<Record<string, unknown>> {
  const names = scopes.flatMap((scope) => claimsOfScope[scope] ?? []);
  const annotated = names.flatMap((name) => {
    const value = annotation(state, role, name);
    return value === undefined ? [] : [[name, value] as const];
  });
  const address = scopes.includes('address') ? annotation(state, role, 'address') : undefined;
  return {
    ...(scopes.includes('profile') ? { preferred_username: loginOf(role) } : {}),
    ...Object.fromEntries(annotated),
    ...(address === undefined ? {} : { address: { formatted: address } }),
  };
}

function annotation({ graph }: AccountState, role: RoleId, name: string): string | undefined {
  return graph.annotation(resourceOf(role), name)?.value;
}
