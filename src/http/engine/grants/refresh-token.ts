/** Refreshing (RFC 6749 section 6), with rotation: each refresh token is good for once (RFC 9700 section 4.14.2). */
import { LatchkeyError } from '../../../domain/errors.ts';
import type { Artifact } from '../../../domain/provider/engine/artifacts.ts';
import { authorizationOf, sessionIdOf } from '../authorization.ts';
import type { Issuer } from '../exchange.ts';
import { allStands } from '../find-tokens.ts';
import { issueTokens } from '../tokens.ts';
import type { Authorization, GrantHandler, TokenRequest } from '../types.ts';
import { requireUse, required, tokenAnswer, wordsOf } from './requests.ts';
import { stillAllowed } from './targets.ts';

/**
 * Trades a refresh token for new tokens. Whether the role may use the client is asked each time; the scopes may
 * shrink, not grow, and what the client may not ask for any more is left out. The new refresh token ends when the old one would have. One that comes again ends
 * everything that was issued since the sign-in.
 */
export function refreshToken(issuer: Issuer): GrantHandler {
  return {
    parameters: ['refresh_token', 'scope'],
    handle: async (request) => {
      const value = required(request, 'refresh_token');
      const [artifact] = await issuer.artifacts.find(['RefreshToken', value]);
      const token = await requireUsable(issuer, request, artifact);
      const granted = authorizationOf(issuer, request.view, token);
      if (granted === undefined) throw invalid('the role of the refresh token is gone');
      const wanted = narrowed(granted, request.parameters['scope']);
      const authorization = stillAllowed(issuer, request.view, wanted);
      if (granted.role !== undefined) requireUse(issuer, request, authorization);
      const sid = sessionIdOf(token);
      const tokens = await issueTokens(issuer, request.view, authorization, {
        refreshToken: true,
        accessTokenHash: true,
        usesUp: ['RefreshToken', value],
        ...(token.grantId === undefined ? {} : { grantId: token.grantId }),
        ...(token.exp === undefined ? {} : { refreshTokenExpiresAtSeconds: token.exp }),
        ...(sid === undefined ? {} : { sid }),
      });
      return tokenAnswer(tokens);
    },
  };
}

async function requireUsable(
  issuer: Issuer,
  { client, view }: TokenRequest,
  token: Artifact | undefined,
): Promise<Artifact> {
  if (token === undefined) throw invalid('no such refresh token, or it has expired');
  if (token.clientId !== client.clientId) throw invalid('the refresh token was issued to another client');
  if ((token.exp ?? 0) * 1_000 <= issuer.services.clock.now()) throw invalid('the refresh token has expired');
  if (token.consumed === true) await endFamily(issuer, token);
  if (!(await allStands(issuer, view, token)))
    throw invalid('what the refresh token came of was revoked, or the credential of its role changed');
  return token;
}

/**
 * The narrowed scopes are those of the new tokens, refresh token included. The nonce was for the first ID token
 * (OpenID Connect Core section 12.2).
 */
function narrowed(authorization: Authorization, scope: string | undefined): Authorization {
  const {
    role,
    client,
    scopes: had,
    audiences,
    authTimeSeconds,
    credentialRevision,
    attributes,
  } = authorization;
  const granted = {
    client,
    scopes: had,
    audiences,
    attributes,
    ...(role === undefined ? {} : { role }),
    ...(authTimeSeconds === undefined ? {} : { authTimeSeconds }),
    ...(credentialRevision === undefined ? {} : { credentialRevision }),
  };
  if (scope === undefined) return granted;
  const scopes = wordsOf(scope);
  const foreign = scopes.filter((word) => !had.includes(word));
  if (foreign.length === 0) return { ...granted, scopes };
  throw new LatchkeyError('OAUTH_INVALID_SCOPE', {
    detail: 'a refresh asks for more scopes than were granted',
  });
}

async function endFamily({ artifacts }: Issuer, { grantId }: Artifact): Promise<never> {
  if (grantId !== undefined) await artifacts.revoke(grantId);
  throw invalid('the refresh token was used already; all that was issued with it is revoked');
}

function invalid(detail: string): LatchkeyError {
  return new LatchkeyError('OAUTH_INVALID_GRANT', { detail });
}
