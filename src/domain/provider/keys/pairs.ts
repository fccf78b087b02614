/** Pairs of signing keys: how they are made, kept and opened. */
import { createPrivateKey, generateKeyPair, randomUUID, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import type { JWK } from 'jose';
import { LRUCache } from 'lru-cache';
import type { Keyring } from '../../../ports/keyring.ts';
import { textOf } from '../../utf8.ts';
import { pairSealName, type KeyPair, type SigningAlgorithm } from '../registry/records.ts';

/** What signs: the private half of a pair, opened. */
export interface SigningPair {
  readonly kid: string;
  readonly algorithm: SigningAlgorithm;
  readonly privateKey: KeyObject;
}

/** A pair that no ring has yet. */
export type UnplacedPair = Omit<KeyPair, 'state' | 'expiresAt'>;

const rsaModulusBits = 2048;
const maxOpenedPairs = 256;

const curves = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' } as const;

const generate = promisify(generateKeyPair);

/**
 * Makes a pair, off the event loop: RSA of 2,048 bits for RS*, the curve that belongs to ES*
 * (RFC 7518, section 3.4), Ed25519 for EdDSA (RFC 8037). Its `kid` is a random UUID.
 */
export async function makePair(
  keyring: Keyring,
  algorithm: SigningAlgorithm,
  now: number,
): Promise<UnplacedPair> {
  const kid = randomUUID();
  const { privateKey, publicKey } = await generateFor(algorithm);
  const privateJwk = Buffer.from(JSON.stringify(privateKey.export({ format: 'jwk' })));
  const sealed = keyring.seal(privateJwk, pairSealName(kid));
  return {
    kid,
    algorithm,
    publicJwk: publicJwkOf(kid, algorithm, publicKey.export({ format: 'jwk' })),
    sealedPrivateJwk: Buffer.from(sealed).toString('base64'),
    createdAt: now,
  };
}

interface Generated {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

async function generateFor(algorithm: SigningAlgorithm): Promise<Generated> {
  switch (algorithm) {
    case 'RS256':
    case 'RS384':
    case 'RS512':
      return generate('rsa', { modulusLength: rsaModulusBits });
    case 'ES256':
    case 'ES384':
    case 'ES512':
      return generate('ec', { namedCurve: curves[algorithm] });
    case 'EdDSA':
      return generate('ed25519');
  }
}

/** Names each public member, so that no private one can come along. */
function publicJwkOf(kid: string, alg: SigningAlgorithm, { kty = '', n, e, crv, x, y }: JsonWebKey): JWK {
  const members = Object.entries({ n, e, crv, x, y }).filter(([, value]) => value !== undefined);
  return { use: 'sig', kty, kid, alg, ...Object.fromEntries(members) };
}

/** The members of node's JWK export that are public. */
interface JsonWebKey {
  readonly kty?: string | undefined;
  readonly n?: string | undefined;
  readonly e?: string | undefined;
  readonly crv?: string | undefined;
  readonly x?: string | undefined;
  readonly y?: string | undefined;
}

/** By `kid`, which is never used again: whether a pair still signs is the record's to say, not this cache's. */
const opened = new LRUCache<string, KeyObject>({ max: maxOpenedPairs });

/**
 * Opens the private half of a pair, or finds it opened.
 * @throws LatchkeyError `SEALED_VALUE_INVALID`, `DATA_KEY_UNKNOWN`
 */
export function openPair(keyring: Keyring, { kid, algorithm, sealedPrivateJwk }: KeyPair): SigningPair {
  const known = opened.get(kid);
  if (known !== undefined) return { kid, algorithm, privateKey: known };
  const sealed = Buffer.from(sealedPrivateJwk, 'base64');
  const jwk = JSON.parse(textOf(keyring.open(sealed, pairSealName(kid)))) as Record<string, string>;
  const privateKey = createPrivateKey({ key: jwk, format: 'jwk' });
  opened.set(kid, privateKey);
  return { kid, algorithm, privateKey };
}
