import { randomUUID } from 'node:crypto';
import type { AccountState } from '../../accounts/account-state.ts';
import type { ActorRequest } from '../../request.ts';
import type { ProviderRecord } from '../registry/records.ts';
import { putRecord, removeRecord } from '../registry/registry.ts';
import { conflictingClaims } from '../templates/claims.ts';
import { fieldInvalid, keptList } from './fields.ts';
import { readIssuerOrigin } from './issuer-origin.ts';
import { listObjects, requireRoom, writeObject, type ObjectKind, type ObjectServices } from './objects.ts';
import { allProviders, defaultProviderName, providerAllows, providerNamed } from './providers.ts';

/**
 * Providers, which are removed unless they are `default` (`REGISTRY_FIELD_INVALID`). What one that was
 * removed had issued is of no use from then on.
 */
export const providers: ObjectKind<ProviderRecord> = {
  kind: 'providers',
  find: providerNamed,
  all: allProviders,
  removal: (_state, { name }) => {
    if (name === defaultProviderName) throw fieldInvalid('the provider "default" cannot be deleted');
    return removeRecord('oidc-provider', name);
  },
};

/** What is to be of a provider; what is left out stays, or is empty of a new one. */
export interface ProviderChange {
  readonly issuer?: string | undefined;
  readonly allowedClientIds?: readonly string[] | undefined;
  readonly scopesSupported?: readonly string[] | undefined;
}

/**
 * Makes or changes a provider. Whether the client ids are anybody's is not looked at.
 * @returns warnings: of an issuer of its own, and of each claim that several of its scopes make
 * @throws LatchkeyError `REGISTRY_FIELD_INVALID`: an issuer that is more than an origin, a scope that
 *   there is not, a list beyond its limits
 * @throws LatchkeyError `REGISTRY_PRIVILEGE_MISSING`, `STORE_BUSY`
 * @see Vault: POST identity/oidc/provider/:name
 */
export async function writeProvider(
  services: ObjectServices,
  request: ActorRequest,
  name: string,
  change: ProviderChange,
): Promise<readonly string[]> {
  return writeObject(services, request, providers, name, (state, present) => {
    if (present === undefined) requireRoom(state, 'oidc-provider');
    const { issuer, allowedClientIds, scopesSupported } = change;
    const record: ProviderRecord = {
      name,
      id: present?.id ?? randomUUID(),
      issuerOrigin: issuer === undefined ? (present?.issuerOrigin ?? '') : readIssuerOrigin(issuer),
      allowedClientIds:
        allowedClientIds === undefined
          ? (present?.allowedClientIds ?? [])
          : keptList('allowed_client_ids', allowedClientIds),
      scopesSupported:
        scopesSupported === undefined
          ? (present?.scopesSupported ?? [])
          : keptList('scopes_supported', scopesSupported),
    };
    const warnings = warningsOf(state, record);
    return { changes: [putRecord('oidc-provider', record)], result: warnings };
  });
}

/** @throws LatchkeyError `REGISTRY_FIELD_INVALID`: a scope that there is not */
function warningsOf({ registry }: AccountState, record: ProviderRecord): readonly string[] {
  const scopes = record.scopesSupported.map((name) => {
    const scope = registry.get('oidc-scope', name);
    if (scope === undefined) throw fieldInvalid(`scope "${name}" does not exist`);
    return scope;
  });
  const ofIssuer =
    record.issuerOrigin === ''
      ? []
      : ['Tokens of this provider name the issuer set here; whoever validates them must reach it there'];
  const ofClaims = conflictingClaims(scopes).map(({ claim, scopes: makers }) => {
    const names = makers.map((maker) => `"${maker}"`).join(', ');
    return `The claim "${claim}" is made by several scopes: ${names}. They cannot be requested together`;
  });
  return [...ofIssuer, ...ofClaims];
}

/**
 * @param allowedClientId only the providers that serve this client
 * @see Vault: LIST identity/oidc/provider; `listObjects` states what is thrown
 */
export async function listProviders(
  services: ObjectServices,
  request: ActorRequest,
  allowedClientId?: string,
): Promise<readonly ProviderRecord[]> {
  const all = await listObjects(services, request, providers);
  return allowedClientId === undefined
    ? all
    : all.filter((provider) => providerAllows(provider, allowedClientId));
}
