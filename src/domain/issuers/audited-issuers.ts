import type { IssuerEvent } from '../audit/events.ts';
import { audited } from '../audited.ts';
import { isFailure } from '../errors.ts';
import type { Account } from '../ids.ts';
import { occurrence } from '../occurrence.ts';
import { subjectOf } from '../policy/plan-subjects.ts';
import type { GraphRow } from '../records/rows.ts';
import type { ActorRequest } from '../request.ts';
import type { Services } from '../services.ts';

/** What a record of an act on issuers states. */
export interface IssuerAct {
  readonly operation: IssuerEvent['operation'];
  /** The id of the issuer, `*` for all. */
  readonly issuer: string;
}

/**
 * Runs an act on issuers and records it, whatever the outcome, before the result settles. A refusal
 * that tells the caller less than why it happened has the reason as its cause, which is recorded.
 * @throws LatchkeyError `AUDIT_UNAVAILABLE`: the record could not be written
 */
export async function auditedIssuers<T>(
  services: Pick<Services, 'audit' | 'clock'>,
  request: ActorRequest,
  account: Account,
  act: IssuerAct,
  run: () => Promise<T>,
): Promise<T> {
  return audited(
    services.audit,
    (failure) => ({
      type: 'issuer',
      ...occurrence(services, request, reasonOf(failure)),
      role: request.actor.role,
      account,
      ...act,
    }),
    run,
  );
}

function reasonOf(failure: unknown): unknown {
  const tellsLess = isFailure(failure, 'ISSUER_NOT_FOUND', 'PRIVILEGE_MISSING');
  return tellsLess && isFailure(failure.cause) ? failure.cause : failure;
}

/**
 * Records rows of policy that came or went, each with the policy that defines it, as a load does.
 * @throws LatchkeyError `AUDIT_UNAVAILABLE`
 */
export async function recordRows(
  services: Pick<Services, 'audit' | 'clock'>,
  request: ActorRequest,
  operation: 'add' | 'remove',
  rows: readonly GraphRow[],
): Promise<void> {
  await Promise.all(
    rows.map((row) =>
      services.audit.record({
        type: 'policy',
        ...occurrence(services, request, undefined),
        role: request.actor.role,
        ...(row.policy === undefined ? {} : { policy: row.policy }),
        operation,
        subject: subjectOf(row),
      }),
    ),
  );
}
