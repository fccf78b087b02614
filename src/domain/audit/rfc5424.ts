/**
 * Audit records as Conjur writes them: RFC 5424, structured data under CyberArk's enterprise
 * number, the wording of Conjur's messages.
 */
import { quoted, shown } from './one-line.ts';
import { parameterForms } from './parameters.ts';
import { head, reason, subjectRole, succeeded, tail, user } from './rfc5424-parts.ts';
import { issuerLine, issuerVariableLine } from './rfc5424-issuers.ts';
import { keyLine } from './rfc5424-keys.ts';
import { managementLine } from './rfc5424-management.ts';
import { policyLine } from './rfc5424-policy.ts';
import { providerLine, registryLine, sessionLine } from './rfc5424-provider.ts';
import type {
  AccountEvent,
  ApiKeyEvent,
  AuditEvent,
  AuthenticationEvent,
  CertificateEvent,
  CheckEvent,
  FetchEvent,
  HostFactoryEvent,
  IntegrityEvent,
  ListEvent,
  PasswordEvent,
  ShowEvent,
  UpdateEvent,
  WhoamiEvent,
} from './events.ts';

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
    case 'list':
    case 'members':
    case 'membership':
      return listLine(event);
    case 'resource':
      return showLine(event);
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
    case 'host-factory':
      return hostFactoryLine(event);
    case 'issuer':
      return issuerLine(event);
    case 'variable':
      return issuerVariableLine(event);
    case 'certificate':
      return certificateLine(event);
    case 'account':
      return accountLine(event);
    case 'key':
      return keyLine(event);
    case 'management':
      return managementLine(event);
    case 'oidc-registry':
      return registryLine(event);
    case 'oidc-provider':
      return providerLine(event);
    case 'session':
      return sessionLine(event);
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

const listNames: Readonly<Record<ListEvent['type'], string>> = {
  list: 'resources',
  members: 'members',
  membership: 'memberships',
};

function listLine(event: ListEvent): string {
  const [data, text] = parameterForms(event.parameters);
  const verb = succeeded(event) ? 'successfully listed' : 'failed to list';
  const what = `${verb} ${listNames[event.type]} with parameters: ${text}`;
  return `${head(event)}${user(event.role)}[subject@43868${data}]${tail(event, 'list')} ${shown(event.role)} ${what}${reason(event)}`;
}

function showLine(event: ShowEvent): string {
  const subject = `[subject@43868 resource="${quoted(event.resource)}"]`;
  const what = succeeded(event)
    ? 'successfully fetched resource details.'
    : 'failed to fetch resource details';
  return `${head(event)}${user(event.role)}${subject}${tail(event, 'get')} ${shown(event.role)} ${what}${reason(event)}`;
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

const hostFactoryVerbs: Readonly<Record<HostFactoryEvent['operation'], readonly [string, string]>> = {
  'create-token': ['created a token of', 'tried to create a token of'],
  'revoke-token': ['revoked a token of', 'tried to revoke a token of'],
  'create-host': ['created', 'tried to create'],
  'rotate-host': ['rotated the api key for', 'tried to rotate the api key for'],
};

/** Not in Conjur, which keeps no record of tokens and of the hosts made with them. */
function hostFactoryLine(event: HostFactoryEvent): string {
  const { operation, hostFactory, subjectRole: host } = event;
  const [success, failure] = hostFactoryVerbs[operation];
  const subject = `resource="${quoted(hostFactory)}"${host === undefined ? '' : ` role="${quoted(host)}"`}`;
  const verb = succeeded(event) ? success : failure;
  const what = shown(host ?? hostFactory);
  return `${head(event)}${user(event.role)}[subject@43868 ${subject}]${tail(event, operation)} ${shown(event.role)} ${verb} ${what}${reason(event)}`;
}

/** Not in Conjur, which keeps no record of the certificates that it signs. */
function certificateLine(event: CertificateEvent): string {
  const { serial } = event;
  const subject = `resource="${quoted(event.service)}"${serial === undefined ? '' : ` serial="${quoted(serial)}"`}`;
  const verb = succeeded(event) ? 'was issued a certificate by' : 'tried to have a certificate issued by';
  return `${head(event)}${user(event.role)}[subject@43868 ${subject}]${tail(event, 'sign')} ${shown(event.role)} ${verb} ${shown(event.service)}${reason(event)}`;
}

const accountVerbs: Readonly<Record<AccountEvent['operation'], readonly [string, string]>> = {
  list: ['listed', 'tried to list'],
  create: ['created', 'tried to create'],
  delete: ['deleted', 'tried to delete'],
  'renew-operator': ['renewed the API key for', 'tried to renew the API key for'],
  backup: ['backed up', 'tried to back up'],
  restore: ['restored', 'tried to restore'],
};

/** Not in Conjur, which keeps no record of accounts. */
function accountLine(event: AccountEvent): string {
  const { account, operation } = event;
  const [success, failure] = accountVerbs[operation];
  const whole = account === undefined ? 'accounts' : `account ${shown(account)}`;
  const what = operation === 'renew-operator' ? shown(account ?? '') : whole;
  const subject = account === undefined ? '' : `[subject@43868 account="${quoted(account)}"]`;
  return `${head(event)}${user(event.role)}${subject}${tail(event, operation)} ${shown(event.role)} ${succeeded(event) ? success : failure} ${what}${reason(event)}`;
}
