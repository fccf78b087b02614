/** Accounts as such. */
import type { CatalogueEntry } from './entry.ts';

export const accountErrors = {
  ACCOUNT_NAME_INVALID: { kind: 'invalid', text: 'The account name is not valid' },
  ACCOUNT_EXISTS: { kind: 'conflict', text: 'The account already exists' },
  ACCOUNT_UNKNOWN: { kind: 'not_found', text: 'There is no such account' },
} as const satisfies Record<string, CatalogueEntry>;
