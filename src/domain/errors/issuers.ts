/** Issuers of dynamic secrets, and the variables that they are for. */
import type { CatalogueEntry } from './entry.ts';

export const issuerErrors = {
  ISSUER_FIELD_INVALID: { kind: 'invalid', text: 'A field of the issuer is not valid' },
  ISSUER_DATA_INVALID: { kind: 'invalid', text: "A field of the issuer's data is not valid" },
  ISSUER_NOT_FOUND: { kind: 'not_found', text: 'Issuer not found' },
  ISSUER_EXISTS: { kind: 'conflict', text: 'The issuer already exists' },
  /** Conjur answers it as a failure of its own. */
  ISSUER_VARIABLES_EXIST: { kind: 'internal', text: 'Found variables associated with the issuer id' },
  DYNAMIC_SECRET_SET: {
    kind: 'invalid',
    text: 'adding a static secret to a dynamic secret variable is not allowed',
  },
  DYNAMIC_SECRET_UNAVAILABLE: { kind: 'invalid', text: 'No ephemeral secret engine configured for Conjur' },
} as const satisfies Record<string, CatalogueEntry>;
