import { LatchkeyError } from '../../domain/errors.ts';
import type { Claims } from '../../ports/id-token-verifier.ts';

/**
 * Checks the times that a token states about itself.
 *
 * @param nowMs milliseconds since the epoch; claims count whole seconds
 * @param leewaySeconds by how much the issuer's clock may differ
 * @throws LatchkeyError `ID_TOKEN_CLAIM_INVALID`: no `exp`, or `exp`, `nbf` or `iat` is not a number
 * @throws LatchkeyError `ID_TOKEN_EXPIRED`, `ID_TOKEN_NOT_YET_VALID` (`nbf` or `iat` in the future)
 * @see RFC 7519 sections 4.1.4 to 4.1.6
 */
export function checkTimes(claims: Claims, nowMs: number, leewaySeconds: number): void {
  const now = Math.floor(nowMs / 1_000);
  const expiresAt = timeOf(claims, 'exp');
  if (expiresAt === undefined) throw invalid('exp', 'is missing');
  if (expiresAt <= now - leewaySeconds) throw new LatchkeyError('ID_TOKEN_EXPIRED');
  for (const name of ['nbf', 'iat']) {
    const from = timeOf(claims, name);
    if (from !== undefined && from > now + leewaySeconds) {
      throw new LatchkeyError('ID_TOKEN_NOT_YET_VALID', {
        detail: `The claim ${name} of the ID token is in the future`,
      });
    }
  }
}

/**
 * Checks that a token has not expired; one that states no end is left to others.
 * @throws LatchkeyError `ID_TOKEN_EXPIRED`; `ID_TOKEN_CLAIM_INVALID`: `exp` is not a number
 */
export function checkExpiry(claims: Claims, nowMs: number, leewaySeconds: number): void {
  const expiresAt = timeOf(claims, 'exp');
  if (expiresAt !== undefined && expiresAt <= Math.floor(nowMs / 1_000) - leewaySeconds)
    throw new LatchkeyError('ID_TOKEN_EXPIRED');
}

/**
 * Checks the claims that every JWT of a service must have, in Conjur's order: there are any, none of
 * the mandatory ones is missing, times, issuer, audience.
 *
 * @param issuer what `iss` must be
 * @param audience what `aud` must be or contain; where undefined, `aud` is not looked at
 * @throws LatchkeyError `JWT_EMPTY`, `JWT_CLAIM_REQUIRED`, `ID_TOKEN_EXPIRED`, `ID_TOKEN_NOT_YET_VALID`,
 *   `ID_TOKEN_ISSUER_MISMATCH`, `ID_TOKEN_AUDIENCE_MISMATCH`, `ID_TOKEN_CLAIM_INVALID`
 */
export function checkJwtClaims(
  claims: Claims,
  expected: { readonly issuer: string; readonly audience?: string },
  nowMs: number,
  leewaySeconds: number,
): void {
  if (Object.keys(claims).length === 0) throw new LatchkeyError('JWT_EMPTY');
  for (const name of expected.audience === undefined ? ['exp', 'iss'] : ['exp', 'iss', 'aud'])
    requireClaim(claims, name);
  checkTimes(claims, nowMs, leewaySeconds);
  if (claims['iss'] !== expected.issuer) throw new LatchkeyError('ID_TOKEN_ISSUER_MISMATCH');
  if (expected.audience !== undefined && audienceOf(claims)?.includes(expected.audience) !== true)
    throw new LatchkeyError('ID_TOKEN_AUDIENCE_MISMATCH');
}

function requireClaim(claims: Claims, name: string): void {
  if (Object.hasOwn(claims, name) && claims[name] !== null) return;
  throw new LatchkeyError('JWT_CLAIM_REQUIRED', {
    detail: `Failed to validate token: mandatory claim '${name}' is missing.`,
  });
}

/**
 * Checks who issued a token and for whom.
 *
 * @param issuers the accepted values of `iss`, compared exactly
 * @param audiences the accepted values of `aud`; any when undefined
 * @throws LatchkeyError `ID_TOKEN_CLAIM_INVALID`: `iss`, `aud` or `azp` is missing where needed or not text
 * @throws LatchkeyError `ID_TOKEN_ISSUER_MISMATCH`, `ID_TOKEN_AUDIENCE_MISMATCH`
 * @see OpenID Connect Core 1.0 section 3.1.3.7
 */
export function checkParties(
  claims: Claims,
  issuers: readonly string[],
  audiences: readonly string[] | undefined,
): void {
  const { iss, azp } = claims;
  if (typeof iss !== 'string') throw invalid('iss', 'is missing or not a text');
  if (!issuers.includes(iss)) throw new LatchkeyError('ID_TOKEN_ISSUER_MISMATCH');
  const audience = audienceOf(claims);
  if (azp !== undefined && (typeof azp !== 'string' || azp === '')) throw invalid('azp', 'is not a text');
  if (audiences === undefined) return;
  if (audience === undefined) throw invalid('aud', 'is missing');
  if (!audience.some((name) => audiences.includes(name)))
    throw new LatchkeyError('ID_TOKEN_AUDIENCE_MISMATCH');
  if (azp !== undefined && audience.length > 1 && !audience.includes(azp) && !audiences.includes(azp)) {
    throw new LatchkeyError('ID_TOKEN_AUDIENCE_MISMATCH', {
      detail: 'The ID token has several audiences and was made for a client that is none of them',
    });
  }
}

function timeOf(claims: Claims, name: string): number | undefined {
  const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !Number.isFinite(value)) throw invalid(name, 'is not a number');
  return value;
}

function audienceOf({ aud }: Claims): readonly string[] | undefined {
  if (aud === undefined) return undefined;
  const values: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
  if (!values.every((value) => typeof value === 'string'))
    throw invalid('aud', 'is neither a text nor a list of texts');
  return values;
}

function invalid(claim: string, fault: string): LatchkeyError {
  return new LatchkeyError('ID_TOKEN_CLAIM_INVALID', {
    detail: `The claim ${claim} of the ID token ${fault}`,
  });
}
