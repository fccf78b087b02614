/** What only Akeyless' dialect refuses. */
import type { CatalogueEntry } from './entry.ts';

export const akeylessErrors = {
  ACCESS_TYPE_UNSUPPORTED: { kind: 'invalid', text: 'The access type is not supported' },
} as const satisfies Record<string, CatalogueEntry>;
