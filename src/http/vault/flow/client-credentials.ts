/** Tokens for a client by itself (RFC 6749 section 4.4). */
import type { Refusal } from '../../../domain/provider/vault/flow/refusal.ts';
import { claimsConflict } from '../../../domain/provider/vault/flow/scope-claims.ts';
import { scopesOf, supportedScopes } from '../../../domain/provider/vault/flow/scopes.ts';
import { refuseClientCredentials, refuseConflict } from '../../../domain/provider/vault/flow/token-checks.ts';
import type { Services } from '../../../domain/services.ts';
import type { IssuedTokens } from '../../engine/types.ts';
import type { AdmittedRequest } from './admitted-request.ts';

/**
 * A signed access token, of which the client is the subject and the audience. As Vault has it: no ID
 * token, and it lives as long as an ID token would.
 */
export async function tokensOfClient(
  { settings }: Pick<Services, 'settings'>,
  { facts, issuer, client, about }: AdmittedRequest,
): Promise<IssuedTokens | Refusal> {
  const { view, provider, engine } = issuer;
  const scopes = supportedScopes(scopesOf(facts.parameters.scope), provider);
  about({ role: `${settings.account}:client:${client.clientId}`, scope: ['openid', ...scopes].join(' ') });
  const refusal = refuseClientCredentials(facts) ?? refuseConflict(claimsConflict(view, provider, scopes));
  if (refusal !== undefined) return refusal;
  return engine.issueTokens(
    view,
    {
      client: { ...client, accessTokenTtlSeconds: client.idTokenTtlSeconds },
      scopes: ['openid', ...scopes],
      audiences: [],
      attributes: {},
    },
    { idToken: false, accessTokenFormat: 'jwt' },
  );
}
