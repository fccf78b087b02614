import { LatchkeyError } from '../../domain/errors.ts';
import { signatureIsValid } from './algorithms.ts';
import type { UnverifiedToken } from './compact.ts';
import type { VerificationKey } from './key-set.ts';

/** The keys that are tried for one token: an issuer may publish many under one id, and each takes milliseconds. */
const maxTried = 4;

/**
 * Whether one of the keys signed the token: the one it names, or, where it names none, the only one that
 * fits its algorithm. A few may go by one name.
 * @returns the fault that newer keys might mend, undefined where there is none
 */
export function signatureFault(
  { algorithm, kid, signingInput, signature }: UnverifiedToken,
  keys: readonly VerificationKey[],
): LatchkeyError | undefined {
  const candidates = keys.filter((key) => kid === undefined || key.kid === kid);
  const fitting = candidates.filter((key) => key.algorithms.includes(algorithm));
  if (fitting.length === 0 || fitting.length > (kid === undefined ? 1 : maxTried))
    return keyFault(kid, candidates, fitting);
  const valid = fitting.some(({ key }) => signatureIsValid(algorithm, key, signingInput, signature));
  return valid ? undefined : new LatchkeyError('ID_TOKEN_SIGNATURE_INVALID');
}

function keyFault(
  kid: string | undefined,
  candidates: readonly VerificationKey[],
  fitting: readonly VerificationKey[],
): LatchkeyError {
  if (kid === undefined) {
    const detail = `The ID token names no key, and ${fitting.length} keys of the issuer fit its algorithm`;
    return new LatchkeyError('ID_TOKEN_KEY_UNKNOWN', { detail });
  }
  if (fitting.length > maxTried) {
    const detail = `The ID token names ${fitting.length} keys of the issuer at once`;
    return new LatchkeyError('ID_TOKEN_KEY_UNKNOWN', { detail });
  }
  return new LatchkeyError(candidates.length === 0 ? 'ID_TOKEN_KEY_UNKNOWN' : 'ID_TOKEN_ALGORITHM_REFUSED');
}
