/** Storage, sealing, audit, settings. */
import type { CatalogueEntry } from './entry.ts';

export const operationErrors = {
  SEALED_VALUE_INVALID: {
    kind: 'internal',
    text: 'A stored value failed its integrity check',
  },
  DATA_KEY_UNKNOWN: { kind: 'internal', text: 'A stored value is sealed under another data key' },
  DATA_KEY_WRONG: { kind: 'internal', text: 'The data key is not the one that this store was made with' },
  DATA_KEY_INVALID: { kind: 'invalid', text: 'The data key must be 32 bytes in base64' },
  STORE_UNAVAILABLE: { kind: 'unavailable', text: 'The store cannot be reached' },
  STORE_REFUSED: { kind: 'invalid', text: 'The store cannot be used as it is configured' },
  STORE_BUSY: { kind: 'conflict', text: 'The record was changed at the same time, please retry' },
  AUDIT_UNAVAILABLE: { kind: 'unavailable', text: 'The audit record could not be written' },
  OVERLOADED: { kind: 'unavailable', text: 'The service is busy, please retry' },
  SETTING_INVALID: { kind: 'invalid', text: 'A setting is not valid' },
  INTERNAL: { kind: 'internal', text: 'Something went wrong' },
} as const satisfies Record<string, CatalogueEntry>;
