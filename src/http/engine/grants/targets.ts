/** What a client may ask for: scopes and audiences. */
import type { AccountView } from '../../../domain/accounts/authority.ts';
import { isFailure, LatchkeyError } from '../../../domain/errors.ts';
import type { ClientRecord } from '../../../domain/provider/registry/records.ts';
import type { Issuer } from '../exchange.ts';
import type { Authorization } from '../types.ts';

/**
 * The scopes that a client gets of those it asks for, where nobody is there to be told what is left out: an
 * unknown one is refused.
 * @throws LatchkeyError `OAUTH_INVALID_SCOPE`
 */
export function allowedScopes(
  { spec }: Issuer,
  view: AccountView,
  client: ClientRecord,
  requested: readonly string[],
): readonly string[] {
  if (spec.scopesAllowed !== undefined) return spec.scopesAllowed(view, client, requested);
  const known = ['openid', 'offline_access', ...(spec.scopesSupported ?? []), ...client.scopes];
  if (requested.every((scope) => known.includes(scope))) return requested;
  throw new LatchkeyError('OAUTH_INVALID_SCOPE', { detail: 'a scope that the issuer does not know' });
}

/**
 * The audiences of an access token: those that are asked for, each registered for the client.
 * @throws LatchkeyError `OAUTH_INVALID_TARGET`
 */
export function allowedAudiences(client: ClientRecord, requested: readonly string[]): readonly string[] {
  if (requested.every((audience) => client.audiences.includes(audience))) return requested;
  throw new LatchkeyError('OAUTH_INVALID_TARGET', {
    detail: 'an audience that is not registered for the client',
  });
}

/** What of an authorization its client may still have: scopes and audiences can be taken from it later. */
export function stillAllowed(issuer: Issuer, view: AccountView, authorization: Authorization): Authorization {
  const { client, scopes, audiences } = authorization;
  return {
    ...authorization,
    scopes: scopes.filter((scope) => isAllowed(issuer, view, client, scope)),
    audiences: audiences.filter((audience) => client.audiences.includes(audience)),
  };
}

/** As at the authorization, where `openid` is the protocol's own unless the dialect refuses it outright. */
function isAllowed(issuer: Issuer, view: AccountView, client: ClientRecord, scope: string): boolean {
  try {
    return allowedScopes(issuer, view, client, [scope]).includes(scope) || scope === 'openid';
  } catch (error) {
    if (isFailure(error, 'OAUTH_INVALID_SCOPE')) return false;
    throw error;
  }
}
