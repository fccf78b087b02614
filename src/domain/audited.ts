import type { AuditSink } from '../ports/audit-sink.ts';
import type { AuditEvent } from './audit/events.ts';

/**
 * Runs an act and records its event, whatever the outcome, before the result settles.
 *
 * An act that nobody can account for has not happened as far as the caller is told: when the
 * record cannot be written, the result is `AUDIT_UNAVAILABLE`, for a refusal as for a success.
 * Otherwise refusals would go unseen for as long as somebody keeps the disk full.
 *
 * @param describe the event; given why the act failed, or undefined where it succeeded. It may
 *   answer undefined for an outcome that is recorded elsewhere.
 * @throws LatchkeyError `AUDIT_UNAVAILABLE`: the record could not be written
 */
export async function audited<T>(
  audit: AuditSink,
  describe: (failure: unknown) => AuditEvent | undefined,
  act: () => Promise<T>,
): Promise<T> {
  let result: T;
  try {
    result = await act();
  } catch (error) {
    // A thrown undefined must not read as a success.
    await record(audit, describe(error ?? new Error('failed without a reason')));
    throw error;
  }
  await record(audit, describe(undefined));
  return result;
}

/**
 * As {@link audited}, for an act that is several decisions at once: each has its event.
 * @throws LatchkeyError `AUDIT_UNAVAILABLE`: a record could not be written
 */
export async function auditedEach<T>(
  audit: AuditSink,
  describe: (failure: unknown) => readonly AuditEvent[],
  act: () => Promise<T>,
): Promise<T> {
  const recordEach = async (failure: unknown): Promise<void> => {
    await Promise.all(describe(failure).map((event) => audit.record(event)));
  };
  let result: T;
  try {
    result = await act();
  } catch (error) {
    await recordEach(error ?? new Error('failed without a reason'));
    throw error;
  }
  await recordEach(undefined);
  return result;
}

async function record(audit: AuditSink, event: AuditEvent | undefined): Promise<void> {
  if (event !== undefined) await audit.record(event);
}
