/** Credentials, and the checks that every authenticator shares. */
import { conjur, type CatalogueEntry } from './entry.ts';

export const authenticationErrors = {
  // Credentials
  CREDENTIALS_INVALID: {
    kind: 'unauthenticated',
    text: 'Invalid credentials',
    conjur: conjur('CONJ00002E', 'Authentication::InvalidCredentials'),
  },
  CREDENTIALS_MISSING: { kind: 'unauthenticated', text: 'No credentials were given' },
  ATTEMPTS_EXCEEDED: {
    kind: 'unauthenticated',
    text: 'Too many attempts have failed; try again in a few minutes',
  },
  CREDENTIAL_STRENGTH: { kind: 'unauthenticated', text: 'Credential strength is insufficient' },
  PASSWORD_WEAK: {
    kind: 'invalid',
    text:
      'password CONJ00046E The password you have chosen does not meet the complexity requirements. Choose a password that ' +
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
} as const satisfies Record<string, CatalogueEntry>;
