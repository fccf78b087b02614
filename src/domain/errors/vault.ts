/** What only the HTTP envelope of Vault's dialect tells apart. */
import type { CatalogueEntry } from './entry.ts';

export const vaultErrors = {
  /** No object, and no mount, is at that path. */
  VAULT_PATH_UNSUPPORTED: { kind: 'not_found', text: 'unsupported path' },
  /** The path is there, the operation is not. */
  VAULT_OPERATION_UNSUPPORTED: { kind: 'invalid', text: 'unsupported operation' },
  /** A verb that is no operation at all. */
  VAULT_METHOD_UNSUPPORTED: { kind: 'invalid', text: 'The method is not supported' },
  /** A query or a path that cannot be read: refused without a word. */
  VAULT_REQUEST_UNREADABLE: { kind: 'invalid', text: 'The request could not be read' },
  VAULT_NAMESPACE_UNKNOWN: { kind: 'not_found', text: 'namespace not found' },
  VAULT_MEDIA_TYPE_UNSUPPORTED: { kind: 'invalid', text: 'unsupported media type' },
  /** Whatever was wrong with what was presented: the cause says. */
  VAULT_LOGIN_FAILED: { kind: 'invalid', text: 'invalid username or password' },
  /** An access token that is no session cannot be prolonged or revoked. */
  VAULT_TOKEN_NOT_SESSION: {
    kind: 'invalid',
    text: 'an access token can be neither renewed nor revoked: it expires by itself; log in for a token that can',
  },
  VAULT_TOKEN_OPTION_UNSUPPORTED: {
    kind: 'invalid',
    text: 'a token has the privileges of its role for as long as it lives: it cannot be limited or given to another',
  },
  VAULT_MANAGED_BY_POLICY: {
    kind: 'invalid',
    text:
      'unsupported operation: users, hosts, groups and what they may do are defined by policy documents; ' +
      'this API only reads them',
  },
} as const satisfies Record<string, CatalogueEntry>;
