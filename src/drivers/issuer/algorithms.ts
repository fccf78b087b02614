import { constants, verify, type KeyObject } from 'node:crypto';

/** What a JWS algorithm asks of a key. */
interface AlgorithmTraits {
  readonly keyType: 'RSA' | 'EC' | 'OKP';
  readonly curve?: string;
  readonly hash: 'sha256' | 'sha384' | 'sha512' | undefined;
  readonly pss?: boolean;
}

const traits = {
  RS256: { keyType: 'RSA', hash: 'sha256' },
  RS384: { keyType: 'RSA', hash: 'sha384' },
  RS512: { keyType: 'RSA', hash: 'sha512' },
  PS256: { keyType: 'RSA', hash: 'sha256', pss: true },
  PS384: { keyType: 'RSA', hash: 'sha384', pss: true },
  PS512: { keyType: 'RSA', hash: 'sha512', pss: true },
  ES256: { keyType: 'EC', curve: 'P-256', hash: 'sha256' },
  ES384: { keyType: 'EC', curve: 'P-384', hash: 'sha384' },
  ES512: { keyType: 'EC', curve: 'P-521', hash: 'sha512' },
  EdDSA: { keyType: 'OKP', curve: 'Ed25519', hash: undefined },
} as const satisfies Record<string, AlgorithmTraits>;

/** The algorithms that are ever considered: asymmetric ones only. */
export type Algorithm = keyof typeof traits;

const byName = new Map<string, AlgorithmTraits>(Object.entries(traits));

export function isAlgorithm(name: string): name is Algorithm {
  return byName.has(name);
}

/** The algorithms that a key of this type and curve can be used with. */
export function algorithmsFor(keyType: string, curve: string | undefined): readonly Algorithm[] {
  const fitting: Algorithm[] = [];
  for (const [name, { keyType: type, curve: crv }] of byName) {
    if (type === keyType && (type === 'RSA' || crv === curve) && isAlgorithm(name)) fitting.push(name);
  }
  return fitting;
}

/**
 * Whether the signature is the key's; one of another length or form never is. The key must be
 * one that fits the algorithm.
 * @see RFC 7518 section 3, RFC 8037 section 3.1
 */
export function signatureIsValid(
  algorithm: Algorithm,
  key: KeyObject,
  signingInput: Uint8Array,
  signature: Uint8Array,
): boolean {
  const { hash, pss }: AlgorithmTraits = traits[algorithm];
  if (pss === true) {
    const padding = constants.RSA_PKCS1_PSS_PADDING;
    return verify(
      hash,
      signingInput,
      { key, padding, saltLength: constants.RSA_PSS_SALTLEN_DIGEST },
      signature,
    );
  }
  return verify(hash, signingInput, { key, dsaEncoding: 'ieee-p1363' }, signature);
}
