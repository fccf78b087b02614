/** The grant of OpenID Connect's code flow (RFC 6749 section 4.1.3, OpenID Connect Core section 3.1.3). */
import { LatchkeyError } from '../../../domain/errors.ts';
import type { Artifact } from '../../../domain/provider/engine/artifacts.ts';
import { describeCode, verifierMatches } from '../codes.ts';
import type { Issuer } from '../exchange.ts';
import { allStands } from '../find-tokens.ts';
import { issueTokens } from '../tokens.ts';
import type { GrantHandler, FoundCode, TokenRequest } from '../types.ts';
import { requireUse, required, tokenAnswer } from './requests.ts';

/**
 * Redeems a code once. A wrong redirect URI or verifier leaves it usable, since whoever sends those need not be
 * who it was for; a second redemption ends what the first gave.
 */
export function authorizationCode(issuer: Issuer): GrantHandler {
  return {
    parameters: ['code', 'code_verifier', 'redirect_uri'],
    handle: async (request) => {
      const value = required(request, 'code');
      const redirectUri = required(request, 'redirect_uri');
      const [artifact] = await issuer.artifacts.find(['AuthorizationCode', value]);
      const stored = await requireRedeemable(issuer, request, artifact);
      const code = describeCode(issuer, request.view, value, stored);
      requirePossession(request, code, redirectUri);
      const { authorization } = code;
      if (authorization?.role === undefined) throw invalid('the role of the code is gone');
      requireUse(issuer, request, authorization);
      const options = { refreshToken: true, redeems: code };
      const tokens = await issueTokens(issuer, request.view, authorization, options);
      return tokenAnswer(tokens);
    },
  };
}

async function requireRedeemable(
  issuer: Issuer,
  { client, view }: TokenRequest,
  code: Artifact | undefined,
): Promise<Artifact> {
  if (code === undefined) throw invalid('no such code, or it has expired');
  if (code.clientId !== client.clientId) throw invalid('the code was issued to another client');
  if (code.consumed === true) await refuseReplay(issuer, code);
  if (!(await allStands(issuer, view, code)))
    throw invalid('what the code came of was revoked, or the credential of its role changed');
  return code;
}

function requirePossession(
  { client, parameters }: TokenRequest,
  { redirectUri, codeChallenge, codeChallengeMethod }: FoundCode,
  sentRedirectUri: string,
): void {
  const verifier = parameters['code_verifier'];
  if (redirectUri !== sentRedirectUri) throw invalid('the redirect URI is not the one of the authorization');
  if (codeChallenge === undefined) {
    if (client.type === 'public') throw invalid('a public client had no code challenge');
    if (verifier !== undefined) throw invalid('a code verifier without a code challenge');
    return;
  }
  if (verifier === undefined) throw invalid('the code verifier is missing');
  if (!verifierMatches(codeChallenge, codeChallengeMethod, verifier))
    throw invalid('the code verifier does not fit');
}

/** @see RFC 6749 section 4.1.2: tokens issued on a code that comes again should be revoked */
async function refuseReplay({ artifacts }: Issuer, { grantId, familyId }: Artifact): Promise<never> {
  const family = grantId ?? familyId;
  if (family !== undefined) await artifacts.revoke(family);
  throw invalid('the code was used already');
}

function invalid(detail: string): LatchkeyError {
  return new LatchkeyError('OAUTH_INVALID_GRANT', { detail });
}
