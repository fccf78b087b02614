/** Sessions of the Vault and Akeyless dialects. */
import type { CatalogueEntry } from './entry.ts';

export const sessionErrors = {
  SESSION_NOT_RENEWABLE: { kind: 'invalid', text: 'The session is not renewable' },
  SESSION_NESTED_TOO_DEEPLY: { kind: 'invalid', text: 'Too many sessions, each the child of another' },
  SESSIONS_EXCEEDED: {
    kind: 'invalid',
    text: 'Too many tokens were made of tokens of this role in the last hour; try again later',
  },
} as const satisfies Record<string, CatalogueEntry>;
