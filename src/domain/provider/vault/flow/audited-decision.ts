import type { ProviderEvent } from '../../../audit/provider-events.ts';
import { audited } from '../../../audited.ts';
import { LatchkeyError } from '../../../errors.ts';
import { occurrence } from '../../../occurrence.ts';
import type { RequestContext } from '../../../request.ts';
import type { Services } from '../../../services.ts';
import { isRefusal, type Refusal } from './refusal.ts';

/** What a record of a decision states; filled in as far as it was found out. */
export type DecisionFacts = Pick<ProviderEvent, 'operation' | 'client' | 'issuer' | 'grant' | 'scope'> & {
  /** A role's full id, `{account}:client:{client id}`, or `unknown`. */
  readonly role: string;
};

/**
 * Runs a decision and records it, a refusal with its true reason, before it settles.
 * @param facts asked once the decision is made
 * @throws LatchkeyError `AUDIT_UNAVAILABLE`: the record could not be written
 * @throws LatchkeyError what `decide` throws; a refusal it answers
 */
export async function auditedDecision<T extends object>(
  services: Pick<Services, 'audit' | 'clock'>,
  request: RequestContext,
  facts: () => DecisionFacts,
  decide: () => Promise<T | Refusal>,
): Promise<T | Refusal> {
  let refusal: Refusal | undefined;
  return audited(
    services.audit,
    (failure) => ({
      type: 'oidc-provider',
      ...occurrence(services, request, failure ?? (refusal && asFailure(refusal))),
      ...facts(),
    }),
    async () => {
      const decision = await decide();
      if (isRefusal(decision)) refusal = decision;
      return decision;
    },
  );
}

function asFailure({ refused, reason }: Refusal): LatchkeyError {
  return new LatchkeyError('OAUTH_ACCESS_DENIED', { detail: `${refused}: ${reason}` });
}
