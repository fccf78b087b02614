/** Host factories and certificates. */
import type { CatalogueEntry } from './entry.ts';

export const issuingErrors = {
  // Host factories
  CIDR_INVALID: { kind: 'invalid', text: 'An address or CIDR range is not valid' },
  /** Unknown, expired, or used from another address: a caller cannot tell which. */
  HOST_FACTORY_TOKEN_INVALID: { kind: 'unauthenticated', text: 'The host factory token is not valid' },
  HOST_ID_MISSING: { kind: 'invalid', text: 'param is missing or the value is empty: id' },
  HOST_NOT_OWNED: { kind: 'forbidden', text: 'A host of this name exists, and is not of this host factory' },

  // Certificates
  CSR_INVALID: { kind: 'invalid', text: 'The certificate signing request is not valid' },
  /** The requester does not show that it has the private key. */
  CSR_SIGNATURE_INVALID: { kind: 'forbidden', text: 'CSR cannot be verified' },
  CERTIFICATE_REQUESTER_NOT_HOST: { kind: 'forbidden', text: 'Requestor is not a host' },
  CERTIFICATE_FORM_NOT_ACCEPTED: { kind: 'invalid', text: 'A certificate comes as JSON or as PEM' },
  CA_MISCONFIGURED: { kind: 'internal', text: 'The certificate authority is not configured properly' },
} as const satisfies Record<string, CatalogueEntry>;
