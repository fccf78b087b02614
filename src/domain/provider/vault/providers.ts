/** The providers of Vault's dialect: named issuers, each with its own clients and scopes. */
import type { AccountState } from '../../accounts/account-state.ts';
import type { Services } from '../../services.ts';
import type { ProviderRecord } from '../registry/records.ts';

export const defaultProviderName = 'default';

/** There from the start, though nothing of it is stored until it is modified. */
const builtInDefault: ProviderRecord = {
  name: defaultProviderName,
  id: defaultProviderName,
  issuerOrigin: '',
  allowedClientIds: ['*'],
  scopesSupported: [],
};

/** A provider, the built-in `default` included; undefined where there is none of that name. */
export function providerNamed(
  { registry }: Pick<AccountState, 'registry'>,
  name: string,
): ProviderRecord | undefined {
  return registry.get('oidc-provider', name) ?? (name === defaultProviderName ? builtInDefault : undefined);
}

/** All providers, the built-in one included, in ascending order of their names. */
export function allProviders({ registry }: Pick<AccountState, 'registry'>): readonly ProviderRecord[] {
  const stored = registry.all('oidc-provider');
  if (stored.some(({ name }) => name === defaultProviderName)) return stored;
  return [...stored, builtInDefault].sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** Whether a provider serves a client: none unless named, all with `*`. */
export function providerAllows(
  { allowedClientIds }: Pick<ProviderRecord, 'allowedClientIds'>,
  clientId: string,
): boolean {
  return allowedClientIds.includes('*') || allowedClientIds.includes(clientId);
}

/** A provider's issuer in full: what tokens claim, what discovery shows and what relying parties are set up with. */
export function issuerOf(
  { publicOrigin }: Pick<Services, 'publicOrigin'>,
  { issuerOrigin, name }: Pick<ProviderRecord, 'issuerOrigin' | 'name'>,
): string {
  return `${issuerOrigin === '' ? publicOrigin() : issuerOrigin}/v1/identity/oidc/provider/${name}`;
}
