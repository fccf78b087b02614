/** The audit records of a policy load: one for each thing that it added, changed or removed. */
import type { PolicyEvent, PolicySubject } from '../audit/events.ts';
import type { ResourceId } from '../ids.ts';
import { occurrence } from '../occurrence.ts';
import type { ActorRequest } from '../request.ts';
import type { Services } from '../services.ts';
import type { Plan } from './plan.ts';

/** @throws LatchkeyError `AUDIT_UNAVAILABLE` */
export async function recordPlan(
  services: Pick<Services, 'audit' | 'clock'>,
  request: ActorRequest,
  policy: ResourceId,
  policyVersion: number,
  plan: Plan,
): Promise<void> {
  const common = {
    type: 'policy',
    ...occurrence(services, request, undefined),
    role: request.actor.role,
    policy,
    policyVersion,
  } as const;
  const record = (operation: PolicyEvent['operation'], subject: PolicySubject): Promise<void> =>
    services.audit.record({ ...common, operation, subject });
  await Promise.all([
    ...plan.subjects.added.map((subject) => record('add', subject)),
    ...plan.subjects.changed.map((subject) => record('change', subject)),
    ...plan.subjects.removed.map((subject) => record('remove', subject)),
  ]);
}
