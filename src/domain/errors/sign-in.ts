/** Signing in at the pages of the OpenID Provider. */
import type { CatalogueEntry } from './entry.ts';

export const signInErrors = {
  SIGN_IN_SERVICE_UNKNOWN: { kind: 'not_found', text: 'One cannot sign in that way' },
  SIGN_IN_EXPIRED: { kind: 'invalid', text: 'The sign-in has expired; begin again at the application' },
  SIGN_IN_FOREIGN: { kind: 'forbidden', text: 'The form was not sent from this page' },
  SIGN_INS_EXCEEDED: {
    kind: 'invalid',
    text: 'Too many sign-ins were begun from this address; try again in a few minutes',
  },
} as const satisfies Record<string, CatalogueEntry>;
