/** Signed tokens of the provider: JWS in compact form, by the named key of a client. */
import { createHash } from 'node:crypto';
import { jwtVerify, createLocalJWKSet, SignJWT, type JWK, type JWTPayload } from 'jose';
import { isFailure, LatchkeyError } from '../../errors.ts';
import type { AccountView } from '../../accounts/authority.ts';
import { openPair, type SigningPair } from '../keys/pairs.ts';
import { currentPair, keyNamed, missingPairs } from '../keys/ring.ts';
import { signingPair, type KeyServices } from '../keys/signing.ts';
import { signingAlgorithms } from '../registry/records.ts';

/** The header of a token beyond `alg`, which is the key's, as is `kid` unless another is shown; and its claims. */
export interface TokenParts {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
}

/**
 * What a named key signs with now. The view's own ring serves where it is not due to turn.
 * @throws LatchkeyError `OAUTH_SERVER_ERROR`: there is no such key
 * @throws LatchkeyError `STORE_BUSY`, `STORE_UNAVAILABLE`, `SEALED_VALUE_INVALID`, `DATA_KEY_UNKNOWN`
 */
export async function signingPairIn(
  services: KeyServices,
  view: AccountView,
  keyName: string,
): Promise<SigningPair> {
  const now = services.clock.now();
  const ring = keyNamed(view.state, keyName);
  const pair = ring === undefined ? undefined : currentPair(ring);
  if (ring !== undefined && pair !== undefined && missingPairs(ring, now) === 0) {
    return openPair(services.keyring, pair);
  }
  try {
    return await signingPair(services, view.state.account, keyName, now);
  } catch (error) {
    if (!isFailure(error, 'SIGNING_KEY_NOT_FOUND')) throw error;
    throw new LatchkeyError('OAUTH_SERVER_ERROR', {
      detail: `no named key ${JSON.stringify(keyName)}`,
      cause: error,
    });
  }
}

export async function sign(pair: SigningPair, { header, claims }: TokenParts): Promise<string> {
  const { algorithm: alg, kid, privateKey } = pair;
  return new SignJWT(claims)
    .setProtectedHeader(Object.assign({ alg, kid }, header, { alg }))
    .sign(privateKey);
}

/**
 * The left half of the hash of a code or access token, which binds it to an ID token.
 * @see OpenID Connect Core section 3.1.3.6; SHA-512 for EdDSA with Ed25519
 */
export function halfHash(algorithm: SigningPair['algorithm'], value: string): string {
  const bits = algorithm === 'EdDSA' ? '512' : algorithm.slice(2);
  const hash = createHash(`sha${bits}`).update(value, 'ascii').digest();
  return hash.subarray(0, hash.length / 2).toString('base64url');
}

/**
 * The claims of a token that one of the keys signed for this issuer, expired or not; undefined of any
 * other text.
 */
export async function verifiedClaims(
  keys: readonly JWK[],
  token: string,
  expected: { readonly issuer: string; readonly audience?: string; readonly ignoreExpiration?: boolean },
): Promise<{ readonly header: { readonly typ?: string }; readonly claims: JWTPayload } | undefined> {
  try {
    const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet({ keys: [...keys] }), {
      issuer: expected.issuer,
      algorithms: [...signingAlgorithms],
      requiredClaims: ['exp', 'iat', 'sub'],
      ...(expected.audience === undefined ? {} : { audience: expected.audience }),
      ...(expected.ignoreExpiration === true ? { currentDate: new Date(0), clockTolerance: '100y' } : {}),
    });
    const { typ } = protectedHeader;
    return { header: typ === undefined ? {} : { typ }, claims: payload };
  } catch {
    return undefined;
  }
}
