/** Secrets and policy. */
import { conjur, type CatalogueEntry } from './entry.ts';

export const recordErrors = {
  // Secrets
  SECRET_NOT_FOUND: {
    kind: 'not_found',
    text: 'The variable is empty or not found',
    conjur: conjur('CONJ00076E', 'Conjur::MissingSecretValue'),
  },
  SECRET_NOT_TEXT: {
    kind: 'invalid',
    text: "Issue encoding secret into JSON format, try including 'Accept-Encoding: base64' header in request.",
    conjur: conjur('CONJ00074E', 'Conjur::BadSecretEncoding'),
  },
  SECRET_EMPTY: { kind: 'invalid', text: "'value' may not be empty" },
  PUBLIC_KEY_INVALID: { kind: 'invalid', text: 'Invalid public key format' },

  // Policy
  POLICY_INVALID: { kind: 'invalid', text: 'The policy is not valid' },
  /** Well formed, but it means nothing: an unknown reference, a double definition, a cycle. */
  POLICY_UNRESOLVED: { kind: 'invalid', text: 'The policy is not valid' },
  POLICY_TEXT_MISSING: { kind: 'invalid', text: 'policy_text is not present' },
  POLICY_TEXT_DELETES: { kind: 'invalid', text: 'policy_text may not contain deletion statements' },
  POLICY_TOO_LARGE: { kind: 'too_large', text: 'The policy is too large' },
  EFFECTIVE_POLICY_PARAMETER_INVALID: {
    kind: 'invalid',
    text: 'Depth or limit is not a number within its bounds',
    conjur: conjur('CONJ00163E', 'EffectivePolicy::NumberParamError'),
  },
  EFFECTIVE_POLICY_TOO_LARGE: {
    kind: 'invalid',
    text: 'The policy has more than was asked for at most',
    conjur: conjur('CONJ00164E', 'EffectivePolicy::PolicySizeExceeded'),
  },
  POLICY_CONFLICT: { kind: 'conflict', text: 'Concurrent policy load in progress, please retry' },
} as const satisfies Record<string, CatalogueEntry>;
