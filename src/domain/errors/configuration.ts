/** Configuration clients, by which the registry is managed in Akamai's dialect. */
import type { CatalogueEntry } from './entry.ts';

export const configurationErrors = {
  CONFIGURATION_TOKEN_MISSING: {
    kind: 'unauthenticated',
    text: 'Unable to access TBA endpoints without token!',
  },
  CONFIGURATION_TOKEN_INVALID: { kind: 'unauthenticated', text: 'The access token is not valid' },
  CONFIGURATION_SCOPE_INSUFFICIENT: {
    kind: 'forbidden',
    text: "The access token's scopes, as far as the client's token policy still allows them, do not permit this",
  },
  CONFIGURATION_SCOPE_EXCEEDED: {
    kind: 'forbidden',
    text: 'A client cannot give a client or a token policy more access than it has itself',
  },
  CONFIGURATION_LOCKED_OUT: {
    kind: 'conflict',
    text: 'No client with *:config/** and a secret that does not expire would be left; a client with *:config/** may do it all the same with force=true',
  },
  CONFIGURATION_SELF_DEMOTION: {
    kind: 'conflict',
    text: 'The client would lose access of its own; force=true does it all the same',
  },
  CONFIGURATION_CLIENT_EXISTS: {
    kind: 'conflict',
    text: 'There is a configuration client that owns the configuration already',
  },
  CONFIGURATION_METHOD_UNSUPPORTED: { kind: 'invalid', text: 'Method Not Allowed' },
  CUSTOMER_NOT_FOUND: { kind: 'not_found', text: 'Not Found' },
} as const satisfies Record<string, CatalogueEntry>;
