/**
 * Audit records as Conjur writes them: RFC 5424, structured data under CyberArk's enterprise
 * number, the wording of Conjur's messages.
 */
import { isoTime, quoted, shown } from './one-line.ts';
import type {
  ApiKeyEvent,
  AuditEvent,
  AuthenticationEvent,
  CheckEvent,
  FetchEvent,
  IntegrityEvent,
  PasswordEvent,
  PolicyEvent,
  PolicySubject,
  UpdateEvent,
  WhoamiEvent,
} from './events.ts';

/** Facility × 8: `auth` for Conjur's whoami, `authpriv` for everything else. */
const auth = 4 * 8;
const authpriv = 10 * 8;
const critical = 2;
const warning = 4;
const notice = 5;
const informational = 6;

const maxProcIdCharacters = 128;
const graphicAscii = /^[\x21-\x7e]{1,128}$/;

/**
 * The record of an event, without a line end. Host name is `-` (a relay fills it in), process id
 * is the request id. There is no byte order mark before the message, as in Conjur.
 * @see RFC 5424 section 6
 */
export function toRfc5424(event: AuditEvent): string {
  switch (event.type) {
    case 'fetch':
      return fetchLine(event);
    case 'update':
      return updateLine(event);
    case 'authn':
      return authenticationLine(event);
    case 'check':
      return checkLine(event);
    case 'policy':
      return policyLine(event);
    case 'password':
      return passwordLine(event);
    case 'api-key':
      return apiKeyLine(event);
    case 'identity-check':
      return whoamiLine(event);
    case 'integrity':
      return integrityLine(event);
  }
}

function fetchLine(event: FetchEvent): string {
  const { version } = event;
  const subject = `resource="${quoted(event.resource)}"${version === undefined ? '' : ` version="${version}"`}`;
  const what =
    version === undefined ? shown(event.resource) : `version ${version} of ${shown(event.resource)}`;
  const verb = succeeded(event) ? 'fetched' : 'tried to fetch';
  return `${head(event)}${user(event.role)}[subject@43868 ${subject}]${tail(event, 'fetch')} ${shown(event.role)} ${verb} ${what}${reason(event)}`;
}

function updateLine(event: UpdateEvent): string {
  const subject = `[subject@43868 resource="${quoted(event.resource)}"]`;
  const verb = succeeded(event) ? 'updated' : 'tried to update';
  return `${head(event)}${user(event.role)}${subject}${tail(event, 'update')} ${shown(event.role)} ${verb} ${shown(event.resource)}${reason(event)}`;
}

const authenticationVerbs: Readonly<Record<AuthenticationEvent['operation'], readonly [string, string]>> = {
  authenticate: [
    'successfully authenticated with authenticator',
    'failed to authenticate with authenticator',
  ],
  login: ['successfully logged in with authenticator', 'failed to login with authenticator'],
  'validate-status': [
    'successfully validated status for authenticator',
    'failed to validate status for authenticator',
  ],
  // Conjur's own text of a success lacks the blank after these words.
  'update-authenticator-configuration': [
    'successfully updated authenticator configuration',
    'failed to update authenticator configuration',
  ],
};

function authenticationLine(event: AuthenticationEvent): string {
  const [success, failure] = authenticationVerbs[event.operation];
  // A failure keeps a name that nobody has out of the field by which records are counted.
  const known = succeeded(event) || event.roleExists ? event.role : 'not-found';
  const who =
    `${subjectRole(event.role)}[auth@43868 user="${quoted(known)}" ` +
    `authenticator="${quoted(event.authenticator)}" service="${quoted(event.service)}"]`;
  const verb = succeeded(event) ? success : failure;
  const what = `${shown(event.authenticator)} service ${shown(event.service)}`;
  return `${head(event)}${who}${tail(event, event.operation)} ${shown(event.role)} ${verb} ${what}${reason(event)}`;
}

/** In Conjur's records a "no" is a failure too. */
function checkLine(event: CheckEvent): string {
  const allowed = succeeded(event) && event.allowed;
  const subject =
    `[subject@43868 resource="${quoted(event.resource)}" role="${quoted(event.subjectRole)}" ` +
    `privilege="${quoted(event.privilege)}"]`;
  const verb = allowed ? 'successfully checked' : 'failed to check';
  const whom = event.role === event.subjectRole ? 'they' : shown(event.subjectRole);
  const question = `${shown(event.role)} ${verb} if ${whom} can ${shown(event.privilege)} ${shown(event.resource)}`;
  // The blank before the reason is there without one, too.
  const why = event.error === undefined ? '' : `: ${shown(event.error)}`;
  return `${head(event, allowed)}${user(event.role)}${subject}${tail(event, 'check', allowed)} ${question} ${why}`;
}

const policyVerbs: Readonly<Record<PolicyEvent['operation'], string>> = {
  add: 'added',
  change: 'changed',
  remove: 'removed',
  create: 'created',
  update: 'updated',
};

function policyLine(event: PolicyEvent): string {
  const frame = frameOf(event);
  if (!succeeded(event)) {
    const data = event.subject === undefined ? '' : subjectOf(event.subject)[0];
    return `${frame.start}${data}${frame.middle}Failed to load policy${reason(event)}`;
  }
  const [data, text] = event.subject === undefined ? ['', '{}'] : subjectOf(event.subject);
  return `${frame.start}${data}${frame.middle}${frame.who}${text}`;
}

/** What the records of one load have in common. */
interface PolicyFrame {
  readonly of: PolicyEvent;
  readonly start: string;
  readonly middle: string;
  readonly who: string;
}

let latestFrame: PolicyFrame | undefined;

/** A load has a record for each thing that it changes, so the latest frame is kept. */
function frameOf(event: PolicyEvent): PolicyFrame {
  if (latestFrame !== undefined && sharesFrame(latestFrame.of, event)) return latestFrame;
  const { policyVersion } = event;
  const loaded =
    policyVersion === undefined
      ? ''
      : `[policy@43868 id="${quoted(event.policy)}" version="${policyVersion}"]`;
  latestFrame = {
    of: event,
    start: `${head(event)}${user(event.role)}[subject@43868`,
    middle: `]${tail(event, event.operation)}${loaded} `,
    who: `${shown(event.role)} ${policyVerbs[event.operation]} `,
  };
  return latestFrame;
}

function sharesFrame(one: PolicyEvent, other: PolicyEvent): boolean {
  return (
    one.requestId === other.requestId &&
    one.at === other.at &&
    one.operation === other.operation &&
    one.outcome === other.outcome &&
    one.role === other.role &&
    one.policy === other.policy &&
    one.policyVersion === other.policyVersion &&
    one.clientIp === other.clientIp
  );
}

/** The parameters and the words for what a policy change is about. */
function subjectOf(subject: PolicySubject): readonly [string, string] {
  if ('privilege' in subject) {
    const [resource, resourceShown] = bothForms(subject.resource);
    const [role, roleShown] = bothForms(subject.role);
    const [privilege, privilegeShown] = bothForms(subject.privilege);
    return [
      ` resource="${resource}" role="${role}" privilege="${privilege}"`,
      `permission of ${roleShown} to ${privilegeShown} on ${resourceShown}`,
    ];
  }
  if ('resource' in subject) {
    const [resource, resourceShown] = bothForms(subject.resource);
    if (subject.annotation === undefined) return [` resource="${resource}"`, `resource ${resourceShown}`];
    const [annotation, annotationShown] = bothForms(subject.annotation);
    return [
      ` annotation="${annotation}" resource="${resource}"`,
      `annotation ${annotationShown} on ${resourceShown}`,
    ];
  }
  const [role, roleShown] = bothForms(subject.role);
  if ('owner' in subject) {
    const [owner, ownerShown] = bothForms(subject.owner);
    return [` role="${role}" owner="${owner}"`, `ownership of ${ownerShown} in ${roleShown}`];
  }
  if (subject.member === undefined) return [` role="${role}"`, `role ${roleShown}`];
  const [member, memberShown] = bothForms(subject.member);
  return [` role="${role}" member="${member}"`, `membership of ${memberShown} in ${roleShown}`];
}

/** A text for between quotes, and for the message. What needs no escape there needs none here. */
function bothForms(text: string): readonly [string, string] {
  const inQuotes = quoted(text);
  return [inQuotes, inQuotes === text ? text : shown(text)];
}

function passwordLine(event: PasswordEvent): string {
  const verb = succeeded(event) ? 'successfully changed' : 'failed to change';
  const who = `${user(event.role)}${subjectRole(event.role)}`;
  return `${head(event)}${who}${tail(event, 'change')} ${shown(event.role)} ${verb} their password${reason(event)}`;
}

function apiKeyLine(event: ApiKeyEvent): string {
  const verb = succeeded(event) ? 'successfully rotated' : 'failed to rotate';
  const whose =
    event.role === event.subjectRole ? 'their API key' : `the api key for ${shown(event.subjectRole)}`;
  const who = `${user(event.role)}${subjectRole(event.subjectRole)}`;
  return `${head(event)}${who}${tail(event, 'rotate')} ${shown(event.role)} ${verb} ${whose}${reason(event)}`;
}

function whoamiLine(event: WhoamiEvent): string {
  const who = `${subjectRole(event.role)}${user(event.role)}`;
  // Conjur records successes only; the reason of a failure is an addition.
  return `${head(event)}${who}${tail(event, 'check')} ${shown(event.role)} checked its identity using whoami${reason(event)}`;
}

/** Not in Conjur, which does not tell an altered value from other failures. */
function integrityLine(event: IntegrityEvent): string {
  const verb = succeeded(event) ? 'opened' : 'failed to open';
  const subject = `[subject@43868 record="${quoted(event.record)}"]`;
  return `${head(event)}${user(event.role)}${subject}${tail(event, 'open')} ${shown(event.role)} ${verb} ${shown(event.record)}${reason(event)}`;
}

function succeeded(event: AuditEvent): boolean {
  return event.outcome === 'success';
}

function head(event: AuditEvent, success = succeeded(event)): string {
  const priority = priorityOf(event.type, success);
  return `<${priority}>1 ${isoTime(event.at)} - conjur ${procId(event.requestId)} ${event.type} `;
}

function priorityOf(type: AuditEvent['type'], success: boolean): number {
  if (type === 'policy') return authpriv + notice;
  const severity = success ? informational : type === 'integrity' ? critical : warning;
  return (type === 'identity-check' ? auth : authpriv) + severity;
}

/** At most 128 graphic ASCII characters, or `-`. */
function procId(requestId: string): string {
  if (graphicAscii.test(requestId)) return requestId;
  return requestId.replace(/[^\x21-\x7e]/g, '').slice(0, maxProcIdCharacters) || '-';
}

function user(role: string): string {
  return `[auth@43868 user="${quoted(role)}"]`;
}

function subjectRole(role: string): string {
  return `[subject@43868 role="${quoted(role)}"]`;
}

function tail(event: AuditEvent, operation: string, success = succeeded(event)): string {
  const result = success ? 'success' : 'failure';
  return `[client@43868 ip="${quoted(event.clientIp)}"][action@43868 result="${result}" operation="${operation}"]`;
}

function reason(event: AuditEvent): string {
  return event.error === undefined || succeeded(event) ? '' : `: ${shown(event.error)}`;
}
