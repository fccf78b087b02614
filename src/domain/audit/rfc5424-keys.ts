/** Records of the service's own keys. Not in Conjur, whose keys are replaced by other means. */
import type { KeyEvent } from './events.ts';
import { quoted, shown } from './one-line.ts';
import { head, reason, succeeded, tail, user } from './rfc5424-parts.ts';

const verbs: Readonly<
  Record<KeyEvent['operation'], readonly [success: string, failure: string, what: string]>
> = {
  'rotate-data-key': ['began to rotate', 'tried to rotate', 'the data key'],
  'retire-data-key': ['retired', 'tried to retire', 'a data key'],
  'rotate-signing-key': ['rotated', 'tried to rotate', 'the signing key'],
  'revoke-signing-key': ['revoked', 'tried to revoke', 'signing keys'],
};

export function keyLine(event: KeyEvent): string {
  const { account, key, operation } = event;
  const [success, failure, what] = verbs[operation];
  const facts = [
    ...(account === undefined ? [] : [`account="${quoted(account)}"`]),
    ...(key === undefined ? [] : [`key="${quoted(key)}"`]),
  ];
  const subject = facts.length === 0 ? '' : `[subject@43868 ${facts.join(' ')}]`;
  const whose = account === undefined ? '' : ` of account ${shown(account)}`;
  return `${head(event)}${user(event.role)}${subject}${tail(event, operation)} ${shown(event.role)} ${succeeded(event) ? success : failure} ${what}${whose}${reason(event)}`;
}
