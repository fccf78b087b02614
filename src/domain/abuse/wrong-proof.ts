import { isFailure, type ErrorCode } from '../errors.ts';

/**
 * What is wrong with a proof itself, or with who brings it. What the service, its settings or an issuer lack
 * is no fault of whoever tries.
 */
const wrongProofs: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'CREDENTIALS_INVALID',
  'AUTHENTICATION_ROLE_NOT_FOUND',
  'ACCOUNT_NOT_FOUND',
  'ORIGIN_REFUSED',
  'ADMIN_REFUSED',
  'CLAIM_KIND_REFUSED',
  'ROLE_NOT_AUTHORIZED',
  'CODE_EXCHANGE_FAILED',
  'NONCE_MISMATCH',
  'AWS_HEADERS_INVALID',
  'ID_TOKEN_MALFORMED',
  'ID_TOKEN_ALGORITHM_REFUSED',
  'ID_TOKEN_KEY_UNKNOWN',
  'ID_TOKEN_SIGNATURE_INVALID',
  'ID_TOKEN_EXPIRED',
  'ID_TOKEN_NOT_YET_VALID',
  'ID_TOKEN_ISSUER_MISMATCH',
  'ID_TOKEN_AUDIENCE_MISMATCH',
  'ID_TOKEN_CLAIM_INVALID',
  'ID_TOKEN_CLAIM_MISSING',
  'RESTRICTION_CLAIM_MISSING',
  'RESTRICTION_MISMATCH',
  'GCP_AUDIENCE_INVALID',
  'GCP_CLAIM_MISSING',
  'GCP_ACCOUNT_MISMATCH',
  'HOST_FACTORY_TOKEN_INVALID',
  'OAUTH_INVALID_CLIENT',
]);

/** Why a code could not be exchanged, where that says nothing about the code. */
const issuerFaults = [
  'ISSUER_NOT_ALLOWED',
  'ISSUER_UNREACHABLE',
  'ISSUER_TIMEOUT',
  'ISSUER_INVALID',
] as const;

/** Whether a failure counts against who tried. */
export function isWrongProof(error: unknown): boolean {
  return isFailure(error) && wrongProofs.has(error.code) && !isFailure(error.cause, ...issuerFaults);
}
