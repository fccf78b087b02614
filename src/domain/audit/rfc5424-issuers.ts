import type { IssuerEvent, IssuerVariableEvent } from './events.ts';
import { quoted, shown } from './one-line.ts';
import { head, reason, succeeded, tail, user } from './rfc5424-parts.ts';

/** Of each operation: what somebody did, and what somebody tried to do. */
const verbs: Readonly<Record<IssuerEvent['operation'], readonly [string, string]>> = {
  add: ['added', 'add'],
  fetch: ['fetched', 'fetch'],
  'fetch minimum': ['fetched minimum', 'fetch minimum'],
  list: ['listed issuers', 'list issuers'],
  update: ['updated', 'update'],
  remove: ['removed', 'remove'],
};

/** The record of what was done to an issuer, or to all (`*`). */
export function issuerLine(event: IssuerEvent): string {
  const { operation, account, issuer } = event;
  const [done, tried] = verbs[operation];
  const verb = succeeded(event) ? done : `tried to ${tried}`;
  const subject = `[subject@43868 account="${quoted(account)}" issuer="${quoted(issuer)}"]`;
  const what = shown(`${account}:issuer:${issuer}`);
  return `${head(event)}${user(event.role)}${subject}${tail(event, operation)} ${shown(event.role)} ${verb} ${what}${reason(event)}`;
}

/** The record of a variable that went with the issuer of its values. */
export function issuerVariableLine(event: IssuerVariableEvent): string {
  const { account, issuer, resource } = event;
  const subject =
    `[subject@43868 account="${quoted(account)}" issuer="${quoted(issuer)}" ` +
    `resource_id="${quoted(resource)}"]`;
  const what = `${shown(resource)} removed as a result of the removal of ${shown(`${account}:issuer:${issuer}`)}`;
  return `${head(event)}${user(event.role)}${subject}${tail(event, 'remove')} ${what}${reason(event)}`;
}
