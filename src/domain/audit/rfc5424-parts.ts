/** What the lines of all events are made of. */
import type { AuditEvent } from './events.ts';
import { isoTime, quoted, shown } from './one-line.ts';

/** Facility × 8: `auth` for Conjur's whoami, `authpriv` for everything else. */
const auth = 4 * 8;
const authpriv = 10 * 8;
const critical = 2;
const warning = 4;
const notice = 5;
const informational = 6;

const maxProcIdCharacters = 128;
const graphicAscii = /^[\x21-\x7e]{1,128}$/;

export function succeeded(event: AuditEvent): boolean {
  return event.outcome === 'success';
}

export function head(event: AuditEvent, success = succeeded(event)): string {
  const priority = priorityOf(event.type, success);
  return `<${priority}>1 ${isoTime(event.at)} - conjur ${procId(event.requestId)} ${messageIdOf(event)} `;
}

function messageIdOf(event: AuditEvent): string {
  return event.type === 'management' ? event.resourceType : event.type;
}

function priorityOf(type: AuditEvent['type'], success: boolean): number {
  if (type === 'policy' || type === 'management') return authpriv + notice;
  const severity = success ? informational : type === 'integrity' ? critical : warning;
  return (type === 'identity-check' ? auth : authpriv) + severity;
}

/** At most 128 graphic ASCII characters, or `-`. */
function procId(requestId: string): string {
  if (graphicAscii.test(requestId)) return requestId;
  return requestId.replace(/[^\x21-\x7e]/g, '').slice(0, maxProcIdCharacters) || '-';
}

export function user(role: string): string {
  return `[auth@43868 user="${quoted(role)}"]`;
}

export function subjectRole(role: string): string {
  return `[subject@43868 role="${quoted(role)}"]`;
}

export function tail(event: AuditEvent, operation: string, success = succeeded(event)): string {
  const result = success ? 'success' : 'failure';
  return `[client@43868 ip="${quoted(event.clientIp)}"][action@43868 result="${result}" operation="${operation}"]`;
}

export function reason(event: AuditEvent): string {
  return event.error === undefined || succeeded(event) ? '' : `: ${shown(event.error)}`;
}
