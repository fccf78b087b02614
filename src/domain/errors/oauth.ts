/** Refusals of the OpenID Provider in the words of OAuth 2.0 and OpenID Connect. */
import type { CatalogueEntry } from './entry.ts';

export const oauthErrors = {
  OAUTH_INVALID_REQUEST: { kind: 'invalid', text: 'The request is missing a parameter, or one is not valid' },
  OAUTH_INVALID_CLIENT: { kind: 'unauthenticated', text: 'Client authentication failed' },
  OAUTH_INVALID_GRANT: { kind: 'invalid', text: 'The grant is not valid' },
  OAUTH_UNAUTHORIZED_CLIENT: { kind: 'invalid', text: 'The client may not do this' },
  OAUTH_UNSUPPORTED_GRANT_TYPE: { kind: 'invalid', text: 'The grant type is not supported' },
  OAUTH_UNSUPPORTED_RESPONSE_TYPE: { kind: 'invalid', text: 'The response type is not supported' },
  OAUTH_UNSUPPORTED_TOKEN_TYPE: { kind: 'invalid', text: 'The type of token is not supported' },
  OAUTH_INVALID_SCOPE: { kind: 'invalid', text: 'A scope is unknown, or not for this client' },
  OAUTH_INVALID_TARGET: { kind: 'invalid', text: 'An audience is unknown, or not for this client' },
  OAUTH_ACCESS_DENIED: { kind: 'invalid', text: 'Access denied' },
  OAUTH_INVALID_TOKEN: { kind: 'unauthenticated', text: 'The access token is not valid' },
  OAUTH_INSUFFICIENT_SCOPE: { kind: 'forbidden', text: 'The access token does not reach as far' },
  OAUTH_SERVER_ERROR: { kind: 'internal', text: 'The request failed' },
  LOGOUT_UNDELIVERED: { kind: 'unavailable', text: 'A client could not be told of the logout' },
  SIGN_IN_NOT_FOUND: {
    kind: 'not_found',
    text: 'This sign-in has expired or is already done. Go back to the application and begin again.',
  },
} as const satisfies Record<string, CatalogueEntry>;
