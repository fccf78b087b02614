import { createPublicKey, type KeyObject } from 'node:crypto';
import { algorithmsFor, isAlgorithm, type Algorithm } from './algorithms.ts';
import { isBase64url } from './base64url.ts';
import { faultOfEd25519Key } from './ed25519-key.ts';
import { faultOfRsaKey } from './rsa-key.ts';

/** A public key that an issuer publishes, fit for verifying. */
export interface VerificationKey {
  readonly kid: string | undefined;
  readonly algorithms: readonly Algorithm[];
  readonly key: KeyObject;
}

/** The usable keys of a set, and why the others are not usable. */
export interface KeySet {
  readonly keys: readonly VerificationKey[];
  readonly skipped: readonly string[];
}

/** What is known of who signs: at least the keys. */
export interface PublishedKeys {
  readonly keys: readonly VerificationKey[];
}

type Jwk = Readonly<Record<string, unknown>>;

/** The longest key set that is read. */
export const maxKeys = 100;

const coordinateBytes: ReadonlyMap<unknown, number> = new Map([
  ['P-256', 32],
  ['P-384', 48],
  ['P-521', 66],
]);

/**
 * Reads a JWK set. A key that cannot be used, for whatever reason, is skipped: issuers publish
 * encryption keys and new kinds of keys beside those that sign.
 *
 * @returns undefined where the value is no key set, or one of more than {@link maxKeys} keys
 * @see RFC 7517 section 5, RFC 7518 section 6, RFC 8037 section 2
 */
export function readKeySet(value: unknown): KeySet | undefined {
  if (typeof value !== 'object' || value === null || !('keys' in value) || !Array.isArray(value.keys))
    return undefined;
  const members: readonly unknown[] = value.keys;
  if (members.length > maxKeys) return undefined;
  const keys: VerificationKey[] = [];
  const skipped: string[] = [];
  for (const member of members) {
    const key = isJwk(member) ? readKey(member) : 'is not an object';
    if (typeof key === 'string') skipped.push(key);
    else keys.push(key);
  }
  return { keys, skipped };
}

/** Why none of a set's keys can be used, each reason once. */
export function reasonsOf({ skipped }: KeySet): string {
  return [...new Set(skipped)].map((reason) => `one ${reason}`).join(', ');
}

function isJwk(value: unknown): value is Jwk {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The key, or the reason why it cannot be used. */
function readKey(jwk: Jwk): VerificationKey | string {
  const { kid, kty, crv } = jwk;
  if (kid !== undefined && typeof kid !== 'string') return 'has a kid that is not a text';
  if (typeof kty !== 'string') return 'has no type';
  if ('d' in jwk || 'k' in jwk || 'priv' in jwk) return 'is private or symmetric';
  const fault = faultOfPurpose(jwk);
  if (fault !== undefined) return fault;
  const algorithms = algorithmsOf(jwk, algorithmsFor(kty, typeof crv === 'string' ? crv : undefined));
  if (algorithms.length === 0) return 'is for no algorithm that is accepted';
  const key = importKey(kty, jwk);
  return typeof key === 'string' ? key : { kid, algorithms, key };
}

function faultOfPurpose({ use, key_ops: operations }: Jwk): string | undefined {
  if (use !== undefined && use !== 'sig') return 'is not for signatures';
  if (operations === undefined) return undefined;
  if (!Array.isArray(operations)) return 'has operations that are not a list';
  return operations.includes('verify') ? undefined : 'is not for verifying';
}

function algorithmsOf({ alg }: Jwk, fitting: readonly Algorithm[]): readonly Algorithm[] {
  if (alg === undefined) return fitting;
  return typeof alg === 'string' && isAlgorithm(alg) && fitting.includes(alg) ? [alg] : [];
}

function importKey(kty: string, { crv, n, e, x, y }: Jwk): KeyObject | string {
  switch (kty) {
    case 'RSA': {
      if (!isEncoded(n) || !isEncoded(e)) return 'is not encoded as it must be';
      return faultOfRsaKey(Buffer.from(n, 'base64url'), Buffer.from(e, 'base64url')) ?? toKey({ kty, n, e });
    }
    case 'EC': {
      const bytes = coordinateBytes.get(crv);
      if (typeof crv !== 'string' || !isEncoded(x, bytes) || !isEncoded(y, bytes))
        return 'is not encoded as it must be';
      return toKey({ kty, crv, x, y });
    }
    default: {
      if (typeof crv !== 'string' || !isEncoded(x, 32)) return 'is not encoded as it must be';
      return faultOfEd25519Key(Buffer.from(x, 'base64url')) ?? toKey({ kty, crv, x });
    }
  }
}

function isEncoded(value: unknown, bytes?: number): value is string {
  if (typeof value !== 'string' || !isBase64url(value)) return false;
  return bytes === undefined || Math.floor((value.length * 3) / 4) === bytes;
}

function toKey(jwk: Record<string, string>): KeyObject | string {
  try {
    return createPublicKey({ key: jwk, format: 'jwk' });
  } catch {
    // The numbers do not make a key, for instance a point that is not on its curve.
    return 'is not a valid key';
  }
}
