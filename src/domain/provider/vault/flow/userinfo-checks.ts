/** What Vault checks before it tells a client of a user, in its order. */
import type { ClientRecord, ProviderRecord } from '../../registry/records.ts';
import { providerAllows } from '../providers.ts';
import { firstRefusal, type Check, type Refusal } from './refusal.ts';

/** An access token that was presented. */
export interface PresentedToken {
  /**
   * `absent`: none, or one that is unknown, expired or of another issuer; `header`: it came in
   * `X-Vault-Token`; `other`: it is one of another kind, such as that of a session.
   */
  readonly token: 'absent' | 'header' | 'other' | 'issued';
  /** `gone`: the role that it was issued for was removed. */
  readonly entity: 'gone' | 'there';
}

export interface UserinfoFacts extends PresentedToken {
  readonly provider: ProviderRecord | undefined;
  /** Undefined where the client of the token was deleted. */
  readonly client: ClientRecord | undefined;
  readonly assigned: boolean;
  readonly conflict: boolean;
}

const checks: readonly Check<UserinfoFacts>[] = [
  {
    refused: 'invalid_token',
    description: 'the access token is missing or not valid',
    reason: 'no access token that is known here and has not expired',
    fails: ({ token }) => token === 'absent',
  },
  {
    refused: 'invalid_token',
    description: 'the access token is not valid',
    reason: 'the role is gone',
    fails: (facts) => facts.entity === 'gone',
  },
  {
    refused: 'invalid_request',
    description: 'the provider is unknown',
    reason: 'there is no such provider',
    fails: ({ provider }) => provider === undefined,
  },
  {
    refused: 'invalid_token',
    description: 'the access token must be sent as Authorization: Bearer',
    reason: 'the token came in X-Vault-Token',
    fails: ({ token }) => token === 'header',
  },
  {
    refused: 'invalid_token',
    description: 'the access token is not valid',
    reason: 'the token is no access token of a provider',
    fails: ({ token }) => token === 'other',
  },
  {
    refused: 'access_denied',
    description: 'the client is unknown',
    reason: 'the client of the token is gone',
    fails: (facts) => facts.client === undefined,
  },
  {
    refused: 'access_denied',
    description: 'the entity is not assigned to the client',
    reason: 'no assignment of the client names the role or a group of it',
    fails: ({ assigned }) => !assigned,
  },
  {
    refused: 'access_denied',
    description: 'the provider does not serve the client',
    reason: 'the provider does not allow the client',
    fails: ({ provider, client }) =>
      provider === undefined || !providerAllows(provider, client?.clientId ?? ''),
  },
  {
    refused: 'invalid_request',
    description: 'scopes claim the same',
    reason: 'templates of the granted scopes claim the same',
    fails: ({ conflict }) => conflict,
  },
];

export function refuseUserinfo(facts: UserinfoFacts): Refusal | undefined {
  return firstRefusal(checks, facts);
}
