/** Access tokens of configuration clients: opaque, kept by their hash, and never stronger than their client is now. */
import type { AccountView } from '../../accounts/authority.ts';
import { LatchkeyError } from '../../errors.ts';
import type { Account } from '../../ids.ts';
import type { Services } from '../../services.ts';
import type { ClientRecord } from '../registry/records.ts';
import { commonScopes, normalScope, parseApiScope } from './api-scopes.ts';
import { hashOf, matchingSecret, randomToken } from './client-secrets.ts';
import { apiScopesOf, holdingsOf, secretValid } from './holders.ts';

/** What is kept of a token. */
interface StoredToken {
  readonly clientId: string;
  /** When the client was made: one of the same id that comes later is another. */
  readonly clientCreatedAt: number;
  /** What the client proved itself with: the token ends with it. */
  readonly secretId: string;
  readonly scopes: readonly string[];
  /** Milliseconds since the epoch. */
  readonly issuedAt: number;
  readonly lifetimeSeconds: number;
}

/** A token was looked for; what was found is judged on a view by {@link callerOf}. */
export interface FoundToken {
  readonly stored: StoredToken | undefined;
}

/** A configuration client that calls, and what it may do at this moment. */
export interface Caller {
  readonly client: ClientRecord;
  readonly scopes: readonly string[];
}

export interface ConfigurationToken {
  readonly accessToken: string;
  readonly lifetimeSeconds: number;
  readonly scopes: readonly string[];
}

type TokenServices = Pick<Services, 'ephemeral' | 'keyring' | 'clock'>;

const maxTokenLength = 200;

/**
 * Gives a configuration client, whose secret was right, a token for some of the scopes of its token policy.
 * @param secret by which it was
 * @param scope the parameter as it was sent: scopes separated by blanks, each to be literally in the policy
 * @throws LatchkeyError `OAUTH_UNAUTHORIZED_CLIENT`: the client signs people in
 * @throws LatchkeyError `OAUTH_INVALID_SCOPE`: none is asked for, or one that the policy does not have
 * @throws LatchkeyError `OAUTH_INVALID_CLIENT`: the secret has expired meanwhile
 */
export async function issueConfigurationToken(
  services: TokenServices,
  { state }: Pick<AccountView, 'state'>,
  client: ClientRecord,
  secret: string,
  scope: string | undefined,
): Promise<ConfigurationToken> {
  const now = services.clock.now();
  if (client.type !== 'configuration') {
    throw new LatchkeyError('OAUTH_UNAUTHORIZED_CLIENT', {
      advice: 'Only configuration clients may use client_credentials',
    });
  }
  const proof = matchingSecret(client, secret, now);
  const policy = state.registry.get('oidc-token-policy', client.tokenPolicy ?? '');
  if (proof === undefined || policy === undefined) throw new LatchkeyError('OAUTH_INVALID_CLIENT');
  const scopes = requestedScopes(scope, apiScopesOf(holdingsOf(state.registry), client));
  const lifetimeSeconds = policy.accessTokenLifetimeSeconds;
  const accessToken = randomToken();
  const stored: StoredToken = {
    clientId: client.clientId,
    clientCreatedAt: client.createdAt,
    secretId: proof.id,
    scopes,
    issuedAt: now,
    lifetimeSeconds,
  };
  const key = tokenKey(accessToken);
  const value = services.keyring.seal(Buffer.from(JSON.stringify(stored)), key);
  await services.ephemeral.put(state.account, [{ key, value, ttlMs: lifetimeSeconds * 1_000 }]);
  return { accessToken, lifetimeSeconds, scopes };
}

/**
 * The scopes that a request is for.
 * @throws LatchkeyError `OAUTH_INVALID_SCOPE`
 */
export function requestedScopes(scope: string | undefined, allowed: readonly string[]): readonly string[] {
  const words = [...new Set((scope ?? '').split(' ').filter(Boolean).map(normalScope))];
  if (words.length === 0) {
    throw new LatchkeyError('OAUTH_INVALID_SCOPE', {
      advice: 'scope is missing: say which scopes the token is for',
    });
  }
  if (words.some((word) => word.startsWith(':'))) {
    throw new LatchkeyError('OAUTH_INVALID_SCOPE', {
      advice: "A scope begins with ':'. In a form, '+' stands for a blank: send it as %2B",
    });
  }
  const known = words.every((word) => allowed.includes(word) && parseApiScope(word) !== undefined);
  if (known) return words;
  throw new LatchkeyError('OAUTH_INVALID_SCOPE', {
    advice: "A scope is not among the allowedScopes of the client's token policy",
  });
}

/** Looks for a token in the store. */
export async function findToken(
  services: TokenServices,
  account: Account,
  accessToken: string,
): Promise<FoundToken> {
  if (accessToken.length > maxTokenLength) return { stored: undefined };
  const key = tokenKey(accessToken);
  const [record] = await services.ephemeral.get(account, [key]);
  if (record === undefined) return { stored: undefined };
  const text = Buffer.from(services.keyring.open(record.value, key)).toString();
  return { stored: JSON.parse(text) as StoredToken };
}

/**
 * Who a token speaks for now: its client, the secret that it was got with, and the lifetime of the client's
 * policy must still allow it, and of its scopes those are left that the policy still has.
 * @throws LatchkeyError `CONFIGURATION_TOKEN_INVALID`
 */
export function callerOf({ state }: Pick<AccountView, 'state'>, { stored }: FoundToken, now: number): Caller {
  if (stored === undefined) throw invalid('unknown or expired');
  const { registry } = state;
  const client = registry.get('oidc-client', stored.clientId);
  if (client === undefined || client.dialect !== 'akamai' || client.createdAt !== stored.clientCreatedAt) {
    throw invalid('its client is gone');
  }
  if (client.disabled || client.type !== 'configuration')
    throw invalid('its client may not have one any more');
  const proof = client.secrets.find(({ id }) => id === stored.secretId);
  if (proof === undefined || !secretValid(proof, now))
    throw invalid('the secret that it was got with is gone');
  const policy = registry.get('oidc-token-policy', client.tokenPolicy ?? '');
  const lifetimeSeconds = Math.min(stored.lifetimeSeconds, policy?.accessTokenLifetimeSeconds ?? 0);
  if (stored.issuedAt + lifetimeSeconds * 1_000 <= now) throw invalid('expired');
  return { client, scopes: commonScopes(stored.scopes, apiScopesOf(holdingsOf(registry), client)) };
}

function tokenKey(accessToken: string): string {
  return `configuration-token ${hashOf(accessToken)}`;
}

function invalid(why: string): LatchkeyError {
  return new LatchkeyError('CONFIGURATION_TOKEN_INVALID', {
    detail: `the access token is not valid: ${why}`,
  });
}
