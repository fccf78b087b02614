/** Tokens for a code. */
import { isFailure, LatchkeyError } from '../../../domain/errors.ts';
import { mayUse } from '../../../domain/provider/vault/flow/lookup.ts';
import type { Refusal } from '../../../domain/provider/vault/flow/refusal.ts';
import { claimsConflict } from '../../../domain/provider/vault/flow/scope-claims.ts';
import {
  refuseCodeRequest,
  refusedCode,
  refuseRedemption,
  type IssuedCode,
} from '../../../domain/provider/vault/flow/token-checks.ts';
import type { IssuedTokens, FoundCode } from '../../engine/types.ts';
import type { AdmittedRequest } from './admitted-request.ts';

/** Issues tokens for a code, which is used up whatever comes of it. */
export async function tokensOfCode({
  facts,
  issuer,
  client,
  about,
}: AdmittedRequest): Promise<IssuedTokens | Refusal> {
  const early = refuseCodeRequest(facts);
  if (early !== undefined) return early;
  const { view, provider, engine } = issuer;
  const { parameters } = facts;
  const found = await engine.findCode(view, parameters.code ?? '');
  const authorization = found?.authorization;
  const role = authorization?.role;
  const scopes = authorization?.scopes ?? [];
  if (role !== undefined) about({ role: role.role, scope: scopes.join(' ') });
  const refusal = refuseRedemption({
    parameters,
    client,
    code: found && issuedCode(found),
    entity: role === undefined ? 'gone' : 'there',
    assigned: role !== undefined && mayUse(view, role, client),
    conflict: claimsConflict(view, provider, scopes),
  });
  if (refusal !== undefined) {
    if (found !== undefined) await engine.useCode(found);
    return refusal;
  }
  if (found === undefined || authorization === undefined) {
    throw new LatchkeyError('INTERNAL', { detail: 'a code that no check refused authorizes nothing' });
  }
  const refreshToken = client.grants.includes('refresh_token');
  try {
    return await engine.issueTokens(view, authorization, { redeems: found, idToken: true, refreshToken });
  } catch (error) {
    if (!isFailure(error, 'OAUTH_INVALID_GRANT')) throw error;
    return refusedCode(error.message);
  }
}

function issuedCode({ clientId, redirectUri, codeChallenge, codeChallengeMethod }: FoundCode): IssuedCode {
  if (codeChallenge === undefined) return { clientId, redirectUri };
  return {
    clientId,
    redirectUri,
    challenge: { value: codeChallenge, method: codeChallengeMethod ?? 'plain' },
  };
}
