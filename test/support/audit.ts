/** An audit sink that keeps its events, and can be told to fail. */
import type { AuditEvent } from '../../src/domain/audit/events.ts';
import { formatEvent } from '../../src/domain/audit/format.ts';
import { LatchkeyError } from '../../src/domain/errors.ts';
import type { AuditSink } from '../../src/ports/audit-sink.ts';
import { planted } from './planted/planted.ts';

export class MemoryAudit implements AuditSink {
  /** Every event that was recorded, oldest first. */
  readonly events: AuditEvent[] = [];
  /** While set, records are refused with `AUDIT_UNAVAILABLE`. */
  failing = false;

  async record(event: AuditEvent): Promise<void> {
    if (this.failing) throw new LatchkeyError('AUDIT_UNAVAILABLE');
    this.events.push(event);
    planted.collect(formatEvent(event, 'json'), 'an audit record');
  }

  async close(): Promise<void> {
    // Nothing is held.
  }
}
