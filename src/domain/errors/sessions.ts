/** Sessions of the Vault and Akeyless dialects. */
import type { CatalogueEntry } from './entry.ts';

export const sessionErrors = {
  SESSION_NOT_RENEWABLE: { kind: 'invalid', text: 'The session is not renewable' },
  SESSION_NESTED_TOO_DEEPLY: { kind: 'invalid', text: 'Too many sessions, each the child of another' },
} as const satisfies Record<string, CatalogueEntry>;
