/** What the protocol endpoints find in the registry. */
import type { AccountView } from '../../../accounts/authority.ts';
import { EpochMemo } from '../../../accounts/epoch-memo.ts';
import type { JWK } from 'jose';
import type { RoleRow } from '../../../records/rows.ts';
import { isAssigned } from '../../identity/assigned.ts';
import { keyNamed, publishedJwks } from '../../keys/ring.ts';
import type { ClientRecord, ProviderRecord } from '../../registry/records.ts';
import { allProviders, providerAllows } from '../providers.ts';
import { entityIn } from './scope-claims.ts';

type View = Pick<AccountView, 'state'>;

/** A client of Vault's dialect that is not disabled, whether or not any provider serves it. */
export function clientIn({ state }: View, clientId: string | undefined): ClientRecord | undefined {
  const client = clientId === undefined ? undefined : state.registry.get('oidc-client', clientId);
  return client?.dialect === 'vault' && !client.disabled ? client : undefined;
}

/** The clients that a provider serves. */
export function servedClients({ state }: View, provider: ProviderRecord): readonly ClientRecord[] {
  const clients = state.registry.clientsOf('vault');
  return clients.filter(({ clientId, disabled }) => !disabled && providerAllows(provider, clientId));
}

/** A provider by what never changes of it. */
export function providerWithId({ state }: View, id: string): ProviderRecord | undefined {
  return allProviders(state).find((provider) => provider.id === id);
}

/** Whether an assignment of the client names the user or host, or a group that it is in. */
export function mayUse(view: View, role: RoleRow, client: Pick<ClientRecord, 'assignments'>): boolean {
  return isAssigned(view.state, entityIn(view, role), client.assignments);
}

const maxRememberedProviders = 256;
/** By the names of providers. */
const keyNames = new EpochMemo<readonly string[]>(maxRememberedProviders);

/**
 * The public keys of a provider: those of the rings that sign for the clients it serves, each ring
 * once. A key that no client uses is not shown, whatever the provider allows.
 * @param now milliseconds since the epoch
 */
export function keysOf(view: View, provider: ProviderRecord, now: number): readonly JWK[] {
  const names = keyNames.of(view.state, provider.name, () =>
    [...new Set(servedClients(view, provider).map(({ key }) => key))].sort(),
  );
  return names.flatMap((name) => {
    const ring = keyNamed(view.state, name);
    return ring === undefined ? [] : publishedJwks(ring, now);
  });
}
