import type { AuditEvent } from './events.ts';
import { toJson } from './json.ts';
import { toRfc5424 } from './rfc5424.ts';

/** How records are written: syslog lines as Conjur writes them, or one JSON object a line. */
export type AuditFormat = 'rfc5424' | 'json';

/**
 * An event as a record of exactly one line, without a line end: no field can break it, whatever
 * it holds. A field beyond 2,048 characters is cut and marked with `...`.
 */
export function formatEvent(event: AuditEvent, format: AuditFormat): string {
  return format === 'json' ? toJson(event) : toRfc5424(event);
}
