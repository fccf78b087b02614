/** What may be wrong with a request, whatever it asks for. */
import type { CatalogueEntry } from './entry.ts';

export const requestErrors = {
  // Identifiers and parameters
  ID_INVALID: { kind: 'invalid', text: 'The id is not valid' },
  SECRET_VERSION_INVALID: { kind: 'invalid', text: "invalid type for parameter 'version'" },
  PARAMETER_MISSING: { kind: 'invalid', text: 'A required parameter is missing' },
  PARAMETER_INVALID: { kind: 'invalid', text: 'A parameter is not valid' },
  BODY_INVALID: { kind: 'invalid', text: 'The request body could not be read' },
  BODY_TOO_LARGE: { kind: 'too_large', text: 'The request body is too large' },
  NOT_SERVED: { kind: 'invalid', text: 'This part of the API is not served; nothing was changed' },
  METHOD_NOT_ALLOWED: { kind: 'invalid', text: 'The method is not supported here' },
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
  /** To ask or to list as another role takes holding it. */
  ROLE_NOT_HELD: { kind: 'forbidden', text: 'The authenticated user lacks the necessary privilege' },

  // Lists
  PAGE_INVALID: { kind: 'invalid', text: "'limit' or 'offset' is not valid" },
  MEMBERS_PAGE_INVALID: { kind: 'invalid', text: "'limit' or 'offset' is not valid" },
  SEARCH_TOO_LONG: { kind: 'invalid', text: "'search' may have up to 1000 characters" },
} as const satisfies Record<string, CatalogueEntry>;
