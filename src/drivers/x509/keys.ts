/** Which keys may have certificates, and may sign them. */
import type { KeyObject } from 'node:crypto';

const minModulusBits = 2_048;
/** Beyond, a single signature costs too much work. */
const maxModulusBits = 8_192;
const minExponent = 65_537n;

/** The curves, by the names that node:crypto has for them. */
const curves: ReadonlyMap<string, { readonly name: string; readonly hash: string }> = new Map([
  ['prime256v1', { name: 'P-256', hash: 'SHA-256' }],
  ['secp384r1', { name: 'P-384', hash: 'SHA-384' }],
  ['secp521r1', { name: 'P-521', hash: 'SHA-512' }],
]);

/** How a key signs, in the words of the Web Cryptography API. */
export type KeyAlgorithm =
  | { readonly name: 'RSASSA-PKCS1-v1_5'; readonly hash: string }
  | { readonly name: 'ECDSA'; readonly namedCurve: string; readonly hash: string };

/** The algorithm of a key; undefined where its kind, size or curve is not accepted. */
export function algorithmOf(key: KeyObject): KeyAlgorithm | undefined {
  const details = key.asymmetricKeyDetails;
  if (key.asymmetricKeyType === 'rsa') {
    const { modulusLength = 0, publicExponent = 0n } = details ?? {};
    const sound =
      modulusLength >= minModulusBits && modulusLength <= maxModulusBits && publicExponent >= minExponent;
    return sound ? { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' } : undefined;
  }
  const curve = key.asymmetricKeyType === 'ec' ? curves.get(details?.namedCurve ?? '') : undefined;
  return curve === undefined ? undefined : { name: 'ECDSA', namedCurve: curve.name, hash: curve.hash };
}
