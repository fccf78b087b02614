/** Issuers, and the tokens that they sign. */
import { conjur, type CatalogueEntry } from './entry.ts';

export const idTokenErrors = {
  ISSUER_NOT_ALLOWED: {
    kind: 'unauthenticated',
    text: 'The issuer address is not one that may be called',
    conjur: conjur('CONJ00011E', 'Authentication::OAuth::ProviderDiscoveryFailed'),
  },
  ISSUER_UNREACHABLE: {
    kind: 'unauthenticated',
    text: 'The issuer could not be discovered',
    conjur: conjur('CONJ00011E', 'Authentication::OAuth::ProviderDiscoveryFailed'),
  },
  ISSUER_TIMEOUT: {
    kind: 'unauthenticated',
    text: 'The issuer did not answer in time',
    conjur: conjur('CONJ00010E', 'Authentication::OAuth::ProviderDiscoveryTimeout'),
  },
  ISSUER_INVALID: {
    kind: 'unauthenticated',
    text: 'The issuer answered with metadata that cannot be used',
    conjur: conjur('CONJ00011E', 'Authentication::OAuth::ProviderDiscoveryFailed'),
  },
  ISSUER_KEYS_UNAVAILABLE: {
    kind: 'unauthenticated',
    text: 'The keys of the issuer could not be fetched',
    conjur: conjur('CONJ00011E', 'Authentication::OAuth::ProviderDiscoveryFailed'),
  },
  ID_TOKEN_MALFORMED: {
    kind: 'unauthenticated',
    text: 'The ID token is not a well-formed JWS in compact form',
    conjur: conjur('CONJ00035E', 'Authentication::Jwt::TokenDecodeFailed'),
  },
  ID_TOKEN_ALGORITHM_REFUSED: {
    kind: 'unauthenticated',
    text: 'The ID token is signed with an algorithm that is not accepted for its key',
    conjur: conjur('CONJ00035E', 'Authentication::Jwt::TokenDecodeFailed'),
  },
  ID_TOKEN_KEY_UNKNOWN: {
    kind: 'unauthenticated',
    text: 'The ID token names a key that the issuer does not publish',
    conjur: conjur('CONJ00035E', 'Authentication::Jwt::TokenDecodeFailed'),
  },
  ID_TOKEN_SIGNATURE_INVALID: {
    kind: 'unauthenticated',
    text: 'The signature of the ID token is not valid',
    conjur: conjur('CONJ00035E', 'Authentication::Jwt::TokenDecodeFailed'),
  },
  ID_TOKEN_EXPIRED: {
    kind: 'unauthenticated',
    text: 'Token expired',
    conjur: conjur('CONJ00016E', 'Authentication::Jwt::TokenExpired'),
  },
  ID_TOKEN_NOT_YET_VALID: {
    kind: 'unauthenticated',
    text: 'The ID token is not valid yet',
    conjur: conjur('CONJ00035E', 'Authentication::Jwt::TokenDecodeFailed'),
  },
  ID_TOKEN_ISSUER_MISMATCH: {
    kind: 'unauthenticated',
    text: 'The ID token was issued by another issuer',
    conjur: conjur('CONJ00035E', 'Authentication::Jwt::TokenDecodeFailed'),
  },
  ID_TOKEN_AUDIENCE_MISMATCH: {
    kind: 'unauthenticated',
    text: 'The ID token is meant for another audience',
    conjur: conjur('CONJ00035E', 'Authentication::Jwt::TokenDecodeFailed'),
  },
  ID_TOKEN_CLAIM_INVALID: {
    kind: 'unauthenticated',
    text: 'A claim of the ID token is missing or has the wrong type',
    conjur: conjur('CONJ00035E', 'Authentication::Jwt::TokenDecodeFailed'),
  },
  ID_TOKEN_CLAIM_MISSING: {
    kind: 'unauthenticated',
    text: 'The claim that names the role is missing or empty',
    conjur: conjur('CONJ00013E', 'Authentication::AuthnOidc::IdTokenClaimNotFoundOrEmpty'),
  },
  ADMIN_REFUSED: {
    kind: 'unauthenticated',
    text: 'admin user is not allowed to authenticate with this authenticator',
    conjur: conjur('CONJ00017E', 'Authentication::AdminAuthenticationDenied'),
  },
  CLAIM_KIND_REFUSED: {
    kind: 'unauthenticated',
    text: 'The claim names a role that is neither a user nor a host',
    conjur: conjur('CONJ00007E', 'Authentication::Security::RoleNotFound'),
  },
} as const satisfies Record<string, CatalogueEntry>;
