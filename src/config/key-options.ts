/** The options of the service's own keys; part of the option table. */
import { integer } from './option-types.ts';

export const keyOptions = {
  signingKeyDays: {
    name: 'signing-key-days',
    ...integer(0, 3_650),
    fallback: '90',
    summary:
      'After how many days an account gets a new key to sign access tokens with; 0: only by the command signing-key rotate.',
  },
} as const;
