/** How a request to the provider's protocol endpoints is refused: by an answer, with its reason. */

/** The `error` of an answer. Those that no specification knows are Vault's own. */
export type FlowError =
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_client_id'
  | 'invalid_redirect_uri'
  | 'invalid_grant'
  | 'invalid_token'
  | 'unauthorized_client'
  | 'unsupported_response_type'
  | 'unsupported_grant_type'
  | 'request_not_supported'
  | 'request_uri_not_supported'
  | 'access_denied'
  | 'max_age_violation'
  | 'server_error';

/** What a request is refused with. */
export interface Refusal {
  readonly refused: FlowError;
  /** What the client is told besides. Words of ours alone: nothing that was sent stands in it. */
  readonly description: string;
  /** Which check it was that failed, for the audit record. */
  readonly reason: string;
}

/** One check among those that a request goes through, in their order. */
export interface Check<Facts> extends Refusal {
  readonly fails: (facts: Facts) => boolean;
}

/** The first check that fails, as a refusal; undefined where all hold. */
export function firstRefusal<Facts>(checks: readonly Check<Facts>[], facts: Facts): Refusal | undefined {
  const failed = checks.find(({ fails }) => fails(facts));
  return failed && { refused: failed.refused, description: failed.description, reason: failed.reason };
}

/** Whether a decision is a refusal. */
export function isRefusal(decision: object): decision is Refusal {
  return 'refused' in decision;
}
