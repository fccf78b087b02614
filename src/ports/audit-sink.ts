import type { AuditEvent } from '../domain/audit/events.ts';

/** Where audit records go. */
export interface AuditSink {
  /**
   * Takes one event. Settles once the record has been handed to the kernel (records of one
   * event-loop turn are written together), so that an answer sent afterwards is never unrecorded.
   * @throws LatchkeyError `AUDIT_UNAVAILABLE`: no sink could take it
   */
  record(event: AuditEvent): Promise<void>;

  /** Writes what is pending and lets go of the sink. */
  close(): Promise<void>;
}
