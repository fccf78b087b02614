/** Tokens for a code. */
import { LatchkeyError } from '../../../domain/errors.ts';
import { mayUse } from '../../../domain/provider/vault/flow/lookup.ts';
import type { Refusal } from '../../../domain/provider/vault/flow/refusal.ts';
import { claimsConflict } from '../../../domain/provider/vault/flow/scope-claims.ts';
import {
  refuseCodeRequest,
  refuseRedemption,
  type IssuedCode,
} from '../../../domain/provider/vault/flow/token-checks.ts';
import type { IssuedTokens, TakenCode } from '../../engine/types.ts';
import type { AdmittedRequest } from './admitted-request.ts';

/** Takes the code, which is used up whatever comes of it, and issues tokens for it. */
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
  const taken = await engine.takeCode(view, parameters.code ?? '');
  const authorization = taken?.authorization;
  const role = authorization?.role;
  const scopes = authorization?.scopes ?? [];
  if (role !== undefined) about({ role: role.role, scope: scopes.join(' ') });
  const refusal = refuseRedemption({
    parameters,
    client,
    code: taken && issuedCode(taken),
    entity: role === undefined ? 'gone' : 'there',
    assigned: role !== undefined && mayUse(view, role, client),
    conflict: claimsConflict(view, provider, scopes),
  });
  if (refusal !== undefined) return refusal;
  if (taken === undefined || authorization === undefined) {
    throw new LatchkeyError('INTERNAL', { detail: 'a code that no check refused authorizes nothing' });
  }
  const refreshToken = client.grants.includes('refresh_token');
  return engine.issueTokens(view, authorization, { redeems: taken, idToken: true, refreshToken });
}

function issuedCode({ clientId, redirectUri, codeChallenge, codeChallengeMethod }: TakenCode): IssuedCode {
  if (codeChallenge === undefined) return { clientId, redirectUri };
  return {
    clientId,
    redirectUri,
    challenge: { value: codeChallenge, method: codeChallengeMethod ?? 'plain' },
  };
}
