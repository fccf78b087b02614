/** What is done over the versioned API to branches, memberships and authenticators: its audit records. */
import type { ManagementEvent } from './audit/events.ts';
import { audited } from './audited.ts';
import { occurrence } from './occurrence.ts';
import type { ActorRequest } from './request.ts';
import type { Services } from './services.ts';

/** What a record states besides who, when, from where and how it ended. */
export type Management = Pick<ManagementEvent, 'operation' | 'resourceType' | 'name' | 'path' | 'body'>;

/**
 * Runs an act of the versioned API and records it, whatever the outcome, before the result settles.
 * @param describe is asked when the act has ended: a request says what it is about as it is read
 * @throws LatchkeyError `AUDIT_UNAVAILABLE`: the record could not be written
 * @see Conjur: audit event `V2Resource`
 */
export async function auditedManagement<T>(
  services: Pick<Services, 'audit' | 'clock'>,
  request: ActorRequest,
  describe: () => Management,
  act: () => Promise<T>,
): Promise<T> {
  return audited(
    services.audit,
    (failure) => {
      const { error, ...occurred } = occurrence(services, request, failure);
      const reason = error === undefined ? {} : { error: error.replace(/\s+/g, ' ').trim() };
      return { type: 'management', ...occurred, ...reason, role: request.actor.role, ...describe() };
    },
    act,
  );
}
