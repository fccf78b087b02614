/** Audit records as JSON: one flat object a line, the same facts as the RFC 5424 form. */
import type {
  AccountEvent,
  AuditEvent,
  AuthenticationEvent,
  HostFactoryEvent,
  IssuerEvent,
  KeyEvent,
  ManagementEvent,
  PolicyEvent,
  PolicySubject,
} from './events.ts';
import type { ProviderEvent, RegistryEvent, SessionEvent } from './provider-events.ts';
import type { RecordedParameters } from './parameters.ts';
import { cut, escapedJson, isoTime, maxFieldCharacters } from './one-line.ts';

/** The fields of a record, in their order. Absent where the event does not state them. */
export interface JsonRecord {
  /** ISO 8601, UTC, milliseconds. */
  readonly time: string;
  readonly type: AuditEvent['type'];
  readonly operation:
    | AuthenticationEvent['operation']
    | PolicyEvent['operation']
    | HostFactoryEvent['operation']
    | AccountEvent['operation']
    | KeyEvent['operation']
    | IssuerEvent['operation']
    | ManagementEvent['operation']
    | RegistryEvent['operation']
    | ProviderEvent['operation']
    | SessionEvent['operation']
    | PlainOperation;
  readonly outcome: 'success' | 'failure';
  readonly request_id: string;
  readonly client_ip: string;
  /** Who acted: a full id. */
  readonly role: string;
  readonly role_exists?: boolean;
  readonly authenticator?: string;
  readonly service?: string;
  readonly policy?: string;
  readonly policy_version?: number;
  readonly subject_type?: 'role' | 'membership' | 'ownership' | 'resource' | 'annotation' | 'permission';
  readonly subject_role?: string;
  readonly member?: string;
  readonly owner?: string;
  readonly resource?: string;
  readonly annotation?: string;
  readonly privilege?: string;
  readonly version?: number;
  readonly allowed?: boolean;
  readonly record?: string;
  /** What a list or a policy was asked for, as it was given: `asked_limit` for the parameter `limit`. */
  readonly [asked: `asked_${string}`]: string;
  readonly account?: string;
  readonly key?: string;
  readonly issuer?: string;
  readonly kind?: string;
  readonly client?: string;
  readonly grant?: string;
  readonly scope?: string;
  readonly host_factory?: string;
  readonly serial?: string;
  readonly resource_type?: string;
  readonly name?: string;
  /** Of the request. */
  readonly path?: string;
  readonly body?: string;
  /** Why it failed. */
  readonly error?: string;
}

type PlainOperation = 'list' | 'get' | 'fetch' | 'update' | 'check' | 'change' | 'rotate' | 'open' | 'sign';
type Facts = Pick<JsonRecord, 'operation'> &
  Omit<JsonRecord, 'time' | 'type' | 'outcome' | 'request_id' | 'client_ip' | 'role' | 'error'>;

/** The record of an event, without a line end. */
export function toJson(event: AuditEvent): string {
  const { operation, ...facts } = factsOf(event);
  const record: JsonRecord = {
    time: isoTime(event.at),
    type: event.type,
    operation,
    outcome: event.outcome,
    request_id: event.requestId,
    client_ip: event.clientIp,
    role: event.role,
    ...facts,
    ...(event.error === undefined ? {} : { error: event.error }),
  };
  const json = JSON.stringify(record);
  // Only in a text that long can a field be too long.
  return escapedJson(json.length <= maxFieldCharacters ? json : JSON.stringify(record, cutText));
}

function cutText(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? cut(value) : value;
}

function factsOf(event: AuditEvent): Facts {
  switch (event.type) {
    case 'fetch': {
      const { resource, version } = event;
      return { operation: 'fetch', resource, ...(version === undefined ? {} : { version }) };
    }
    case 'update':
      return { operation: 'update', resource: event.resource };
    case 'authn': {
      const { operation, roleExists, authenticator, service } = event;
      return { operation, role_exists: roleExists, authenticator, service };
    }
    case 'list':
    case 'members':
    case 'membership':
      return {
        operation: 'list',
        ...askedFor(event.parameters),
      };
    case 'resource':
      return { operation: 'get', resource: event.resource };
    case 'check': {
      const { subjectRole, resource, privilege, allowed } = event;
      return { operation: 'check', subject_role: subjectRole, resource, privilege, allowed };
    }
    case 'policy': {
      const { operation, policy, policyVersion, subject, parameters } = event;
      return {
        operation,
        ...(policy === undefined ? {} : { policy }),
        ...(policyVersion === undefined ? {} : { policy_version: policyVersion }),
        ...(subject === undefined ? {} : subjectFacts(subject)),
        ...askedFor(parameters ?? []),
      };
    }
    case 'password':
      return { operation: 'change' };
    case 'api-key':
      return { operation: 'rotate', subject_role: event.subjectRole };
    case 'identity-check':
      return { operation: 'check' };
    case 'integrity':
      return { operation: 'open', record: event.record };
    case 'host-factory': {
      const { operation, hostFactory, subjectRole } = event;
      return {
        operation,
        host_factory: hostFactory,
        ...(subjectRole === undefined ? {} : { subject_role: subjectRole }),
      };
    }
    case 'management': {
      const { operation, resourceType, name, path, body } = event;
      return {
        operation,
        resource_type: resourceType,
        ...(name === '' ? {} : { name }),
        path,
        ...(body === undefined ? {} : { body }),
      };
    }
    case 'account': {
      const { operation, account } = event;
      return { operation, ...(account === undefined ? {} : { account }) };
    }
    case 'key': {
      const { operation, account, key } = event;
      return {
        operation,
        ...(account === undefined ? {} : { account }),
        ...(key === undefined ? {} : { key }),
      };
    }
    case 'issuer': {
      const { operation, account, issuer } = event;
      return { operation, account, issuer };
    }
    case 'variable': {
      const { account, issuer, resource } = event;
      return { operation: 'remove', account, issuer, resource };
    }
    case 'oidc-registry': {
      const { operation, kind, name } = event;
      return { operation, kind, ...(name === '' ? {} : { name }) };
    }
    case 'oidc-provider': {
      const { operation, client, issuer, grant, scope } = event;
      return {
        operation,
        client,
        issuer,
        ...(grant === undefined ? {} : { grant }),
        ...(scope === undefined ? {} : { scope }),
      };
    }
    case 'session':
      return { operation: event.operation, authenticator: event.authenticator };
    case 'certificate': {
      const { service, serial } = event;
      return { operation: 'sign', service, ...(serial === undefined ? {} : { serial }) };
    }
  }
}

function askedFor(parameters: RecordedParameters): Readonly<Record<`asked_${string}`, string>> {
  return Object.fromEntries(parameters.map(([name, value]) => [`asked_${name}`, value]));
}

function subjectFacts(subject: PolicySubject): Omit<Facts, 'operation'> {
  if ('privilege' in subject) {
    const { resource, role, privilege } = subject;
    return { subject_type: 'permission', subject_role: role, resource, privilege };
  }
  if ('resource' in subject) {
    const { resource, annotation } = subject;
    return annotation === undefined
      ? { subject_type: 'resource', resource }
      : { subject_type: 'annotation', resource, annotation };
  }
  const { role } = subject;
  if ('owner' in subject) return { subject_type: 'ownership', subject_role: role, owner: subject.owner };
  const { member } = subject;
  return member === undefined
    ? { subject_type: 'role', subject_role: role }
    : { subject_type: 'membership', subject_role: role, member };
}
