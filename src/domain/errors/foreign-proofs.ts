/** Proofs that are judged elsewhere: authorization codes, directories, AWS. */
import { conjur, type CatalogueEntry } from './entry.ts';

const at = (code: string, name: string): { readonly code: string; readonly class: string } =>
  conjur(code, `Authentication::${name}`);

export const foreignProofErrors = {
  // authn-oidc by authorization code
  CODE_EXCHANGE_FAILED: {
    kind: 'unauthenticated',
    text: 'The authorization code could not be traded for an ID token',
    conjur: at('CONJ00133E', 'AuthnOidc::TokenRetrievalFailed'),
  },
  NONCE_MISMATCH: {
    kind: 'unauthenticated',
    text: 'The ID token carries another nonce than the request',
    conjur: at('CONJ00153E', 'AuthnOidc::NonceVerificationFailed'),
  },
  TOKEN_TTL_INVALID: {
    kind: 'unauthenticated',
    text: 'The variable token-ttl is not a duration of ISO 8601',
    conjur: at('CONJ00134E', 'DataObjects::InvalidTokenTTL'),
  },

  // authn-ldap
  DIRECTORY_SETTINGS_INVALID: {
    kind: 'unauthenticated',
    text: 'The settings of the directory cannot be used',
  },
  DIRECTORY_NOT_ALLOWED: {
    kind: 'unauthenticated',
    text: 'The address of the directory is not one that may be called',
  },
  DIRECTORY_UNREACHABLE: { kind: 'unauthenticated', text: 'The directory could not be asked' },
  DIRECTORY_TIMEOUT: { kind: 'unauthenticated', text: 'The directory did not answer in time' },

  // authn-iam
  AWS_HEADERS_INVALID: {
    kind: 'unauthenticated',
    text: 'Invalid or expired AWS headers',
    conjur: at('CONJ00018E', 'AuthnIam::InvalidAWSHeaders'),
  },
  AWS_UNREACHABLE: {
    kind: 'unauthenticated',
    text: 'The identity could not be verified with AWS',
    conjur: at('CONJ00063E', 'AuthnIam::VerificationError'),
  },
} as const satisfies Record<string, CatalogueEntry>;
