/** The records of the OpenID Provider. Conjur has no such records; they are made in the manner of its others. */
import { quoted, shown } from './one-line.ts';
import type { ProviderEvent, RegistryEvent, SessionEvent } from './provider-events.ts';
import { head, reason, succeeded, tail, user } from './rfc5424-parts.ts';

/** What somebody did, and what somebody tried to do. */
type Verbs<Operation extends string> = Readonly<Record<Operation, readonly [string, string]>>;

const registryVerbs: Verbs<RegistryEvent['operation']> = {
  create: ['created', 'tried to create'],
  read: ['read', 'tried to read'],
  list: ['listed', 'tried to list'],
  update: ['updated', 'tried to update'],
  delete: ['deleted', 'tried to delete'],
  rotate: ['rotated', 'tried to rotate'],
};

/** The record of what was done to the registry. */
export function registryLine(event: RegistryEvent): string {
  const { operation, kind, name } = event;
  const [done, tried] = registryVerbs[operation];
  const subject = `[subject@43868 kind="${quoted(kind)}"${name === '' ? '' : ` name="${quoted(name)}"`}]`;
  const what = `${shown(kind)} of the OpenID Provider${name === '' ? '' : `: ${shown(name)}`}`;
  return `${head(event)}${user(event.role)}${subject}${tail(event, operation)} ${shown(event.role)} ${succeeded(event) ? done : tried} ${what}${reason(event)}`;
}

const providerVerbs: Verbs<ProviderEvent['operation']> = {
  authorize: ['was signed in to', 'was not signed in to'],
  'issue-tokens': ['got tokens for', 'got no tokens for'],
  userinfo: ['was described to', 'was not described to'],
  introspect: ['had a token checked by', 'had no token checked by'],
  revoke: ['had a token revoked by', 'had no token revoked by'],
  logout: ['was signed out of', 'was not signed out of'],
  'sign-identity-token': ['got an identity token for', 'got no identity token for'],
};

/** The record of what the provider did for a client. */
export function providerLine(event: ProviderEvent): string {
  const { operation, client, issuer, grant, scope } = event;
  const [done, refused] = providerVerbs[operation];
  const facts = { client, issuer, grant, scope };
  const subject = Object.entries(facts)
    .map(([name, value]) => (value === undefined ? '' : ` ${name}="${quoted(value)}"`))
    .join('');
  const what = `client '${shown(client)}' of ${shown(issuer)}`;
  return `${head(event)}${user(event.role)}[subject@43868${subject}]${tail(event, operation)} ${shown(event.role)} ${succeeded(event) ? done : refused} ${what}${reason(event)}`;
}

const sessionVerbs: Verbs<SessionEvent['operation']> = {
  start: ['started', 'tried to start'],
  renew: ['renewed', 'tried to renew'],
  revoke: ['ended', 'tried to end'],
};

/** The record of a session. */
export function sessionLine(event: SessionEvent): string {
  const { operation, authenticator } = event;
  const [done, tried] = sessionVerbs[operation];
  const who = `[auth@43868 user="${quoted(event.role)}" authenticator="${quoted(authenticator)}"]`;
  return `${head(event)}${who}${tail(event, operation)} ${shown(event.role)} ${succeeded(event) ? done : tried} a session of ${shown(authenticator)}${reason(event)}`;
}
