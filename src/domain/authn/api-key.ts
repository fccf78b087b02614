/** API keys: high-entropy credentials of users and hosts. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { RoleId } from '../ids.ts';
import type { Keyring } from '../../ports/keyring.ts';
import { apiKeySealName, type Credential } from '../records/credentials.ts';

const crockfordAlphabet = '0123456789abcdefghjkmnpqrstvwxyz';
const words = 8;

/**
 * A new API key: 256 random bits as eight numbers in Crockford's base 32, so that its length
 * varies around 52 characters.
 * @see Conjur: `Credentials.random_api_key`
 */
export function newApiKey(): string {
  const random = randomBytes(words * 4);
  let key = '';
  for (let index = 0; index < words; index += 1) key += base32(random.readUInt32BE(index * 4));
  return key;
}

function base32(number: number): string {
  let digits = '';
  let rest = number;
  do {
    digits = (crockfordAlphabet[rest % 32] ?? '') + digits;
    rest = Math.floor(rest / 32);
  } while (rest > 0);
  return digits;
}

export function sealApiKey(keyring: Keyring, role: RoleId, apiKey: string): Uint8Array {
  return keyring.seal(Buffer.from(apiKey), apiKeySealName(role));
}

/** @throws LatchkeyError `SEALED_VALUE_INVALID`, `DATA_KEY_UNKNOWN` */
export function openApiKey(keyring: Keyring, role: RoleId, sealed: Uint8Array): string {
  return Buffer.from(keyring.open(sealed, apiKeySealName(role))).toString();
}

/**
 * Whether `candidate` is the role's API key, in constant time. A role without one costs the
 * same and never matches.
 */
export function apiKeyMatches(
  keyring: Keyring,
  role: RoleId,
  credential: Credential | undefined,
  candidate: Uint8Array,
): boolean {
  const sealed = credential?.sealedApiKey;
  const apiKey = sealed === undefined ? '' : openApiKey(keyring, role, sealed);
  const equal = timingSafeEqual(sha256(candidate), sha256(Buffer.from(apiKey)));
  return equal && apiKey !== '';
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}
