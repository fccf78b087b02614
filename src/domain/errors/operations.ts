/** Storage, sealing, audit, settings. */
import type { CatalogueEntry } from './entry.ts';

export const operationErrors = {
  SEALED_VALUE_INVALID: {
    kind: 'internal',
    text: 'A stored value failed its integrity check',
  },
  DATA_KEY_UNKNOWN: { kind: 'internal', text: 'A stored value is sealed under another data key' },
  DATA_KEY_WRONG: { kind: 'internal', text: 'The data key is not the one that this store was made with' },
  DATA_KEY_NOT_EVERYWHERE: { kind: 'conflict', text: 'Not every process holds the new data key yet' },
  DATA_KEY_TARGET_UNCLEAR: { kind: 'conflict', text: 'It is not clear which data key is to seal' },
  DATA_KEY_IN_USE: { kind: 'conflict', text: 'Values are still sealed under an older data key' },
  DATA_KEY_INVALID: { kind: 'invalid', text: 'The data key must be 32 bytes in base64' },
  STORE_UNAVAILABLE: { kind: 'unavailable', text: 'The store cannot be reached' },
  STORE_REFUSED: { kind: 'invalid', text: 'The store cannot be used as it is configured' },
  STORE_BUSY: { kind: 'conflict', text: 'The record was changed at the same time, please retry' },
  STORE_NOT_EMPTY: { kind: 'conflict', text: 'The store holds accounts already' },
  TRANSFER_UNFINISHED: {
    kind: 'conflict',
    text: 'A restore of this store is under way, or was not finished',
  },
  BACKUP_INVALID: { kind: 'invalid', text: 'The file is not a backup that can be used' },
  AUDIT_UNAVAILABLE: { kind: 'unavailable', text: 'The audit record could not be written' },
  OVERLOADED: { kind: 'unavailable', text: 'The service is busy, please retry' },
  TLS_CREDENTIALS_INVALID: { kind: 'invalid', text: 'The certificate or its key cannot be used' },
  TLS_CERTIFICATE_EXPIRING: { kind: 'invalid', text: 'The certificate ends soon' },
  TLS_CERTIFICATE_EXPIRED: { kind: 'invalid', text: 'The certificate has ended' },
  SETTING_INVALID: { kind: 'invalid', text: 'A setting is not valid' },
  INTERNAL: { kind: 'internal', text: 'Something went wrong' },
} as const satisfies Record<string, CatalogueEntry>;
