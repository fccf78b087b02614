/**
 * The error catalogue: every failure that the service knows, each with a stable code.
 *
 * `kind` decides the HTTP status in each face. `text` is what a caller may be told;
 * `detail` (given where the error is thrown) is for operators and audit and may name ids,
 * never a secret, a token, a key or a claim's value. `conjur` is the code and class that
 * Conjur uses for the same failure, which its logs, audit records and status answers carry.
 */
export type ErrorKind =
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'too_large'
  | 'unavailable'
  | 'internal';

interface CatalogueEntry {
  readonly kind: ErrorKind;
  readonly text: string;
  readonly conjur?: { readonly code: string; readonly class: string };
}

function conjur(code: string, className: string): { readonly code: string; readonly class: string } {
  return { code, class: `Errors::${className}` };
}

const entries = {
  // Identifiers and parameters
  ACCOUNT_NAME_INVALID: { kind: 'invalid', text: 'The account name is not valid' },
  ID_INVALID: { kind: 'invalid', text: 'The id is not valid' },
  SECRET_VERSION_INVALID: { kind: 'invalid', text: "invalid type for parameter 'version'" },
  PARAMETER_MISSING: { kind: 'invalid', text: 'A required parameter is missing' },
  PARAMETER_INVALID: { kind: 'invalid', text: 'A parameter is not valid' },
  BODY_INVALID: { kind: 'invalid', text: 'The request body could not be read' },
  BODY_TOO_LARGE: { kind: 'too_large', text: 'The request body is too large' },
  NOT_SERVED: { kind: 'invalid', text: 'This part of the API is not served; nothing was changed' },
  ROUTE_NOT_FOUND: { kind: 'not_found', text: 'There is nothing at this address' },

  // Access tokens
  ACCESS_TOKEN_MISSING: { kind: 'unauthenticated', text: 'Authorization missing' },
  ACCESS_TOKEN_MALFORMED: { kind: 'unauthenticated', text: 'Malformed authorization token' },
  ACCESS_TOKEN_INVALID: { kind: 'unauthenticated', text: 'Unauthorized: Invalid token' },
  ACCESS_TOKEN_EXPIRED: { kind: 'unauthenticated', text: 'Unauthorized: Invalid token' },
  ACCESS_TOKEN_CLAIM_UNKNOWN: { kind: 'unauthenticated', text: 'token contains unrecognized claims' },
  ACCESS_TOKEN_ORIGIN_REFUSED: { kind: 'forbidden', text: 'IP address rejected' },
  ACCESS_TOKEN_ROLE_GONE: { kind: 'forbidden', text: 'The role of the token no longer exists' },

  // Authorization
  RESOURCE_NOT_FOUND: { kind: 'not_found', text: 'The resource was not found' },
  PRIVILEGE_MISSING: { kind: 'forbidden', text: 'The role lacks the privilege' },

  // Credentials
  CREDENTIALS_INVALID: {
    kind: 'unauthenticated',
    text: 'Invalid credentials',
    conjur: conjur('CONJ00002E', 'Authentication::InvalidCredentials'),
  },
  CREDENTIALS_MISSING: { kind: 'unauthenticated', text: 'No credentials were given' },
  CREDENTIAL_STRENGTH: { kind: 'unauthenticated', text: 'Credential strength is insufficient' },
  PASSWORD_WEAK: {
    kind: 'invalid',
    text:
      'CONJ00046E The password you have chosen does not meet the complexity requirements. Choose a password that ' +
      'includes: 12-128 characters, 2 uppercase letters, 2 lowercase letters, 1 digit, 1 special character',
  },
  KEY_ROTATION_TARGET_NOT_FOUND: { kind: 'not_found', text: 'The role was not found' },
  KEY_ROTATION_NOT_APPLICABLE: { kind: 'invalid', text: 'The role has no API key' },

  // Authentication, in the order of the checks
  AUTHENTICATOR_NOT_SUPPORTED: {
    kind: 'unauthenticated',
    text: 'The authenticator is not supported',
    conjur: conjur('CONJ00001E', 'Authentication::AuthenticatorNotSupported'),
  },
  ORIGIN_REFUSED: {
    kind: 'unauthenticated',
    text: 'User is not authorized to login from the current origin',
    conjur: conjur('CONJ00003E', 'Authentication::InvalidOrigin'),
  },
  AUTHENTICATOR_NOT_ENABLED: {
    kind: 'unauthenticated',
    text: 'The authenticator is not enabled',
    conjur: conjur('CONJ00004E', 'Authentication::Security::AuthenticatorNotWhitelisted'),
  },
  WEBSERVICE_NOT_FOUND: {
    kind: 'unauthenticated',
    text: 'The webservice was not found',
    conjur: conjur('CONJ00005E', 'Authentication::Security::WebserviceNotFound'),
  },
  ROLE_NOT_AUTHORIZED: {
    kind: 'forbidden',
    text: 'The role lacks the privilege on the webservice',
    conjur: conjur('CONJ00006E', 'Authentication::Security::RoleNotAuthorizedOnResource'),
  },
  AUTHENTICATION_ROLE_NOT_FOUND: {
    kind: 'unauthenticated',
    text: 'The role was not found',
    conjur: conjur('CONJ00007E', 'Authentication::Security::RoleNotFound'),
  },
  ACCOUNT_NOT_FOUND: {
    kind: 'unauthenticated',
    text: 'The account is not defined',
    conjur: conjur('CONJ00008E', 'Authentication::Security::AccountNotDefined'),
  },
  REQUEST_FIELD_MISSING: {
    kind: 'invalid',
    text: 'A field is missing or empty in the request body',
    conjur: conjur('CONJ00009E', 'Authentication::RequestBody::MissingRequestParam'),
  },
  SERVICE_ID_MISSING: {
    kind: 'unauthenticated',
    text: 'Service id is required when authenticating',
    conjur: conjur('CONJ00075E', 'Authentication::AuthnOidc::ServiceIdMissing'),
  },
  SERVICE_VARIABLE_MISSING: {
    kind: 'unauthenticated',
    text: 'A variable of the authenticator is not defined in policy',
    conjur: conjur('CONJ00036E', 'Conjur::RequiredResourceMissing'),
  },
  SERVICE_VARIABLE_EMPTY: {
    kind: 'unauthenticated',
    text: 'A variable of the authenticator has no value',
    conjur: conjur('CONJ00037E', 'Conjur::RequiredSecretMissing'),
  },
  SERVICE_VARIABLE_INVALID: {
    kind: 'unauthenticated',
    text: 'A variable of the authenticator has a value that cannot be used',
    conjur: conjur('CONJ00037E', 'Conjur::RequiredSecretMissing'),
  },
  STATUS_NOT_SUPPORTED: {
    kind: 'invalid',
    text: 'The authenticator has no status check',
    conjur: conjur('CONJ00056E', 'Authentication::StatusNotSupported'),
  },

  // Issuers and ID tokens
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

  // Secrets
  SECRET_NOT_FOUND: {
    kind: 'not_found',
    text: 'The variable is empty or not found',
    conjur: conjur('CONJ00076E', 'Conjur::MissingSecretValue'),
  },
  SECRET_NOT_TEXT: {
    kind: 'invalid',
    text: 'A value is not UTF-8 text; ask for base64 with the header Accept-Encoding: base64',
    conjur: conjur('CONJ00074E', 'Conjur::BadSecretEncoding'),
  },
  SECRET_EMPTY: { kind: 'invalid', text: "'value' may not be empty" },
  PUBLIC_KEY_INVALID: { kind: 'invalid', text: 'Invalid public key format' },

  // Policy
  POLICY_INVALID: { kind: 'invalid', text: 'The policy is not valid' },
  /** Well formed, but it means nothing: an unknown reference, a double definition, a cycle. */
  POLICY_UNRESOLVED: { kind: 'invalid', text: 'The policy is not valid' },
  POLICY_TEXT_MISSING: { kind: 'invalid', text: 'policy_text is not present' },
  POLICY_TEXT_DELETES: { kind: 'invalid', text: 'policy_text may not contain deletion statements' },
  POLICY_TOO_LARGE: { kind: 'too_large', text: 'The policy is too large' },
  POLICY_CONFLICT: { kind: 'conflict', text: 'Concurrent policy load in progress, please retry' },

  // Storage, sealing, audit
  SEALED_VALUE_INVALID: {
    kind: 'internal',
    text: 'A stored value failed its integrity check',
  },
  DATA_KEY_UNKNOWN: { kind: 'internal', text: 'A stored value is sealed under another data key' },
  DATA_KEY_WRONG: { kind: 'internal', text: 'The data key is not the one that this store was made with' },
  DATA_KEY_INVALID: { kind: 'invalid', text: 'The data key must be 32 bytes in base64' },
  STORE_UNAVAILABLE: { kind: 'unavailable', text: 'The store cannot be reached' },
  STORE_REFUSED: { kind: 'invalid', text: 'The store cannot be used as it is configured' },
  STORE_BUSY: { kind: 'conflict', text: 'The record was changed at the same time, please retry' },
  AUDIT_UNAVAILABLE: { kind: 'unavailable', text: 'The audit record could not be written' },
  OVERLOADED: { kind: 'unavailable', text: 'The service is busy, please retry' },
  SETTING_INVALID: { kind: 'invalid', text: 'A setting is not valid' },
  INTERNAL: { kind: 'internal', text: 'Something went wrong' },
} as const satisfies Record<string, CatalogueEntry>;

export type ErrorCode = keyof typeof entries;

/** Every code with its kind, its public text and Conjur's name for it. */
export const catalogue: Readonly<Record<ErrorCode, CatalogueEntry>> = entries;

/** A place in a policy text: 1-based line and column. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export interface ErrorContext {
  /** What an operator needs to know: ids, names, expected and actual. Never secret. */
  readonly detail?: string;
  /** The full id that the failure is about, where a face shows it. */
  readonly subject?: string;
  /** Where in a policy text the fault is. */
  readonly at?: Position;
  readonly cause?: unknown;
}

/**
 * The one error class that crosses module borders. `message` is the detail, or the
 * catalogue's text where there is none.
 */
export class LatchkeyError extends Error {
  override readonly name = 'LatchkeyError';
  readonly code: ErrorCode;
  readonly detail: string | undefined;
  readonly subject: string | undefined;
  readonly at: Position | undefined;

  constructor(code: ErrorCode, context: ErrorContext = {}) {
    super(
      context.detail ?? catalogue[code].text,
      context.cause === undefined ? {} : { cause: context.cause },
    );
    this.code = code;
    this.detail = context.detail;
    this.subject = context.subject;
    this.at = context.at;
  }

  get kind(): ErrorKind {
    return catalogue[this.code].kind;
  }

  /** What a caller may be told. */
  get publicText(): string {
    return catalogue[this.code].text;
  }

  /** The failure as Conjur words it in logs and audit: its code, a blank, the message. */
  get conjurText(): string {
    const name = catalogue[this.code].conjur;
    return name === undefined ? this.message : `${name.code} ${this.message}`;
  }
}

/** Whether a caught value is the failure with this code. */
export function isFailure(error: unknown, ...codes: readonly ErrorCode[]): error is LatchkeyError {
  return error instanceof LatchkeyError && (codes.length === 0 || codes.includes(error.code));
}
