/** The audit records of a policy load: one for each thing that it added, changed or removed. */
import type { PolicyEvent } from '../audit/events.ts';
import type { ResourceId } from '../ids.ts';
import { occurrence } from '../occurrence.ts';
import type { ActorRequest } from '../request.ts';
import type { GraphRow } from '../records/rows.ts';
import type { Services } from '../services.ts';
import { Pace } from '../slices.ts';
import type { Plan } from './plan.ts';
import { subjectOf } from './plan-subjects.ts';

/** @throws LatchkeyError `AUDIT_UNAVAILABLE` */
export async function recordPlan(
  services: Pick<Services, 'audit' | 'clock'>,
  request: ActorRequest,
  policy: ResourceId,
  policyVersion: number,
  plan: Plan,
): Promise<void> {
  const { at, requestId, clientIp, outcome } = occurrence(services, request, undefined);
  const { role } = request.actor;
  // Records of one turn are written, and settle, together.
  const settled = new Set<Promise<void>>();
  const pace = new Pace();
  for (const [operation, row] of effectsOf(plan)) {
    const subject = subjectOf(row);
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
    if (!pace.due) continue;
    await Promise.all(settled);
    settled.clear();
    await pace.pause();
  }
  await Promise.all(settled);
}

function* effectsOf({ puts, removals }: Plan): Generator<readonly [PolicyEvent['operation'], GraphRow]> {
  for (const { row, previous } of puts) if (previous === undefined) yield ['add', row];
  for (const { row, previous } of puts) if (previous !== undefined) yield ['change', row];
  for (const { row } of removals) yield ['remove', row];
}
