/** Signed tokens of the provider: JWS in compact form, by the named key of a client. */
import { hash, sign as signNow, type SignKeyObjectInput } from 'node:crypto';
import { promisify } from 'node:util';
import { jwtVerify, createLocalJWKSet, type JWK, type JWTPayload } from 'jose';
import { isFailure, LatchkeyError } from '../../errors.ts';
import type { AccountView } from '../../accounts/authority.ts';
import { openPair, type SigningPair } from '../keys/pairs.ts';
import { currentPair, keyNamed, missingPairs } from '../keys/ring.ts';
import { signingPair, type KeyServices } from '../keys/signing.ts';
import { signingAlgorithms, type SigningAlgorithm } from '../registry/records.ts';

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

const hashes: Readonly<Record<SigningAlgorithm, string | null>> = {
  RS256: 'sha256',
  RS384: 'sha384',
  RS512: 'sha512',
  ES256: 'sha256',
  ES384: 'sha384',
  ES512: 'sha512',
  EdDSA: null,
};

/** Those that take less than handing them to another thread does. */
const quick: ReadonlySet<SigningAlgorithm> = new Set(['ES256', 'EdDSA']);

const signElsewhere: (hash: string | null, data: Buffer, key: SignKeyObjectInput) => Promise<Buffer> =
  promisify(signNow);

/** A JWS in compact form (RFC 7515 section 7.1); slow signatures are made off the event loop. */
export async function sign(
  { algorithm, kid, privateKey }: SigningPair,
  { header, claims }: TokenParts,
): Promise<string> {
  const input = `${part(Object.assign({ alg: '', kid }, header, { alg: algorithm }))}.${part(claims)}`;
  const data = Buffer.from(input);
  // As JWS has it (RFC 7518 section 3.4): the two numbers one after the other.
  const key = { key: privateKey, dsaEncoding: 'ieee-p1363' } as const;
  const signature = quick.has(algorithm)
    ? signNow(hashes[algorithm], data, key)
    : await signElsewhere(hashes[algorithm], data, key);
  return `${input}.${signature.toString('base64url')}`;
}

function part(members: Readonly<Record<string, unknown>>): string {
  return Buffer.from(JSON.stringify(members)).toString('base64url');
}

/**
 * The left half of the hash of a code or access token, which binds it to an ID token.
 * @see OpenID Connect Core section 3.1.3.6; SHA-512 for EdDSA with Ed25519
 */
export function halfHash(algorithm: SigningPair['algorithm'], value: string): string {
  const bits = algorithm === 'EdDSA' ? '512' : algorithm.slice(2);
  const whole = hash(`sha${bits}`, value, 'buffer');
  return whole.subarray(0, whole.length / 2).toString('base64url');
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
