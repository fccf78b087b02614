/** The OpenID Provider: its registry, its clients and who manages them. */
import type { CatalogueEntry } from './entry.ts';

export const registryErrors = {
  REGISTRY_PRIVILEGE_MISSING: { kind: 'forbidden', text: 'Permission denied' },
  REGISTRY_FIELD_INVALID: { kind: 'invalid', text: 'A field is not valid' },
  REGISTRY_RECORD_NOT_FOUND: { kind: 'not_found', text: 'Not found' },
  REGISTRY_RECORD_EXISTS: { kind: 'conflict', text: 'It already exists' },
  REGISTRY_RECORD_IN_USE: { kind: 'conflict', text: 'It is in use' },
  REGISTRY_FULL: { kind: 'invalid', text: 'There is no room left: remove what is not used' },
  SIGNING_KEY_NOT_FOUND: { kind: 'not_found', text: 'No such named key' },
  CLAIMS_TEMPLATE_INVALID: { kind: 'invalid', text: 'The template is not valid' },
} as const satisfies Record<string, CatalogueEntry>;
