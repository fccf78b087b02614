/** What the annotations of a role demand of an Azure access token. */
import type { AccountState } from '../../accounts/account-state.ts';
import type { RoleId } from '../../ids.ts';
import { permitOne, permitOnly, requireEach, requireMatch, restrictionsOf } from '../restrictions.ts';
import { isUserAssigned, readManagedIdentity, type ManagedIdentity } from './managed-identity.ts';

const required = ['subscription-id', 'resource-group'];
const identities = ['user-assigned-identity', 'system-assigned-identity'];

/** What an Azure access token says of its bearer: claims that are there, but not judged. */
export interface AzureClaims {
  readonly xmsMirid: string;
  readonly oid: string;
}

/**
 * Compares the annotations `authn-azure/<name>` and `authn-azure/<service>/<name>` with the token.
 * @throws LatchkeyError `RESTRICTIONS_REQUIRED`, `RESTRICTIONS_UNSUPPORTED`, `RESTRICTIONS_CONFLICT`
 * @throws LatchkeyError `AZURE_*`: the token's resource cannot be read; `RESTRICTION_MISMATCH`
 */
export function checkAzureRestrictions(
  state: AccountState,
  role: RoleId,
  serviceId: string,
  { xmsMirid, oid }: AzureClaims,
): void {
  const demanded = restrictionsOf(state, role, 'authn-azure', serviceId);
  requireEach(demanded, required);
  permitOnly(demanded, [...required, ...identities]);
  permitOne(demanded, identities);
  const identity = readManagedIdentity(xmsMirid);
  for (const [name, value] of demanded) requireMatch(name, value, statedOf(name, identity, oid));
}

function statedOf(name: string, identity: ManagedIdentity, oid: string): string | undefined {
  switch (name) {
    case 'subscription-id':
      return identity.subscriptionId;
    case 'resource-group':
      return identity.resourceGroup;
    case 'user-assigned-identity':
      return isUserAssigned(identity) ? identity.provider[2] : undefined;
    default:
      return isUserAssigned(identity) ? undefined : oid;
  }
}
