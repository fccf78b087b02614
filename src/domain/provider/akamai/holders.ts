/** What configuration clients hold: decided on the registry as it is, or as it would be. */
import type { ClientRecord, ClientSecret, TokenPolicyRecord } from '../registry/records.ts';
import type { Registry } from '../registry/registry.ts';
import { ownerScope, parseApiScope } from './api-scopes.ts';

/** A change of one record that bears on what clients hold. */
export type Mutation =
  | { readonly kind: 'oidc-client'; readonly id: string; readonly record: ClientRecord | undefined }
  | {
      readonly kind: 'oidc-token-policy';
      readonly id: string;
      readonly record: TokenPolicyRecord | undefined;
    };

/** Clients and token policies, by their ids. */
export interface Holdings {
  readonly clients: ReadonlyMap<string, ClientRecord>;
  readonly policies: ReadonlyMap<string, TokenPolicyRecord>;
}

export function holdingsOf(registry: Registry): Holdings {
  return {
    clients: new Map(registry.clientsOf('akamai').map((client) => [client.clientId, client])),
    policies: new Map(registry.all('oidc-token-policy').map((policy) => [policy.id, policy])),
  };
}

/** As they would be after a change. */
export function holdingsAfter({ clients, policies }: Holdings, { kind, id, record }: Mutation): Holdings {
  if (kind === 'oidc-client') return { clients: replaced(clients, id, record), policies };
  return { clients, policies: replaced(policies, id, record) };
}

function replaced<Value>(
  map: ReadonlyMap<string, Value>,
  id: string,
  record: Value | undefined,
): ReadonlyMap<string, Value> {
  const after = new Map(map);
  if (record === undefined) after.delete(id);
  else after.set(id, record);
  return after;
}

/** Whether a secret is good at a time. */
export function secretValid({ expiresAt }: ClientSecret, now: number): boolean {
  return expiresAt === undefined || expiresAt > now;
}

/** The API scopes of a client's token policy; none of a client that is disabled or signs people in. */
export function apiScopesOf(
  { policies }: Pick<Holdings, 'policies'>,
  client: ClientRecord,
): readonly string[] {
  if (client.disabled || client.type !== 'configuration') return [];
  const policy = policies.get(client.tokenPolicy ?? '');
  return (policy?.allowedScopes ?? []).filter((scope) => parseApiScope(scope) !== undefined);
}

/** Whether a client has a secret that does not expire. */
export function hasLastingSecret({ clients }: Pick<Holdings, 'clients'>, clientId: string): boolean {
  return clients.get(clientId)?.secrets.some(({ expiresAt }) => expiresAt === undefined) === true;
}

/**
 * The API scopes that a client can ask for.
 * @param lasting whether one counts that has only secrets which expire
 */
export function scopesHeld(holdings: Holdings, clientId: string, lasting: boolean): readonly string[] {
  const client = holdings.clients.get(clientId);
  if (client === undefined || client.secrets.length === 0) return [];
  return lasting && !hasLastingSecret(holdings, clientId) ? [] : apiScopesOf(holdings, client);
}

/** Whether some client owns the configuration for good. */
export function hasLastingOwner(holdings: Holdings): boolean {
  return [...holdings.clients.keys()].some((id) => scopesHeld(holdings, id, true).includes(ownerScope));
}

/** Whether some client can own the configuration now. */
export function hasOwner(holdings: Holdings, now: number): boolean {
  return [...holdings.clients.values()].some(
    (client) =>
      client.secrets.some((secret) => secretValid(secret, now)) &&
      apiScopesOf(holdings, client).includes(ownerScope),
  );
}
