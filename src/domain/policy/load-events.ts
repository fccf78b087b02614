/** The audit records of a policy load: one for each thing that it added, changed or removed. */
import type { PolicyEvent, PolicySubject } from '../audit/events.ts';
import type { ResourceId } from '../ids.ts';
import { occurrence } from '../occurrence.ts';
import type { ActorRequest } from '../request.ts';
import type { Services } from '../services.ts';
import type { Plan } from './plan.ts';

/** So many records are formatted in one turn of the event loop: a few milliseconds. */
const sliceLength = 1_000;

/** @throws LatchkeyError `AUDIT_UNAVAILABLE` */
export async function recordPlan(
  services: Pick<Services, 'audit' | 'clock'>,
  request: ActorRequest,
  policy: ResourceId,
  policyVersion: number,
  { subjects }: Plan,
): Promise<void> {
  const { at, requestId, clientIp, outcome } = occurrence(services, request, undefined);
  const { role } = request.actor;
  const recordAll = async (
    operation: PolicyEvent['operation'],
    list: readonly PolicySubject[],
  ): Promise<void> => {
    for (let from = 0; from < list.length; from += sliceLength) {
      // Records of one turn are written, and settle, together.
      const settled = new Set<Promise<void>>();
      for (const subject of list.slice(from, from + sliceLength)) {
        // Written out: spreading what they share costs more than all else about a record.
        settled.add(
          services.audit.record({
            type: 'policy',
            at,
            requestId,
            clientIp,
            outcome,
            role,
            policy,
            policyVersion,
            operation,
            subject,
          }),
        );
      }
      await Promise.all(settled);
    }
  };
  await recordAll('add', subjects.added);
  await recordAll('change', subjects.changed);
  await recordAll('remove', subjects.removed);
}
