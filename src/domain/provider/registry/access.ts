/** Who may manage the registry. */
import type { AccountView } from '../../accounts/authority.ts';
import { LatchkeyError } from '../../errors.ts';
import { rootPolicyOf, storedResourceId, type Account, type ResourceId } from '../../ids.ts';
import { decide } from '../../rbac/check.ts';
import type { Actor } from '../../request.ts';

export type RegistryPrivilege = 'create' | 'read' | 'update' | 'delete';

/** What can be permitted apart from the rest, by the last part of its webservice's id. */
export type ManagedKind =
  | 'keys'
  | 'providers'
  | 'scopes'
  | 'clients'
  | 'assignments'
  | 'roles'
  | 'tokens'
  | 'introspection'
  | 'config'
  | 'policies'
  | 'identities';

/**
 * Whether an actor may manage something in the registry: by the privilege on the webservice
 * `conjur/oidc/{kind}/{name}`, on `conjur/oidc/{kind}` or on `conjur/oidc`, each as far as policy
 * defines it, or by `update` on the root policy, which is the administrator's.
 * @throws LatchkeyError `REGISTRY_PRIVILEGE_MISSING`
 */
export function requireRegistryPrivilege(
  { state }: Pick<AccountView, 'state'>,
  { role, account }: Actor,
  privilege: RegistryPrivilege,
  kind: ManagedKind,
  name?: string,
): void {
  const { graph } = state;
  const may = (resource: ResourceId, wanted: string): boolean =>
    decide(graph, role, wanted, resource).allowed;
  if (account === state.account) {
    if (webservices(account, kind, name).some((resource) => may(resource, privilege))) return;
    if (may(rootPolicyOf(account), 'update')) return;
  }
  throw new LatchkeyError('REGISTRY_PRIVILEGE_MISSING', {
    detail: `${role} lacks '${privilege}' on ${account}:webservice:conjur/oidc/${kind}`,
  });
}

function webservices(account: Account, kind: ManagedKind, name: string | undefined): readonly ResourceId[] {
  const ids = [
    'conjur/oidc',
    `conjur/oidc/${kind}`,
    ...(name === undefined ? [] : [`conjur/oidc/${kind}/${name}`]),
  ];
  return ids.map((id) => storedResourceId(`${account}:webservice:${id}`));
}
