/** One event of each kind, and what a test wants changed about it. */
import type {
  ApiKeyEvent,
  AuditEvent,
  AuthenticationEvent,
  CheckEvent,
  FetchEvent,
  IntegrityEvent,
  PasswordEvent,
  PolicyEvent,
  UpdateEvent,
  WhoamiEvent,
} from '../../../src/domain/audit/events.ts';
import { toResourceId, toRoleId } from '../../../src/domain/ids.ts';

export const alice = toRoleId('acct', 'user', 'alice');
export const bob = toRoleId('acct', 'user', 'bob');
export const developers = toRoleId('acct', 'group', 'developers');
export const variable = toResourceId('acct', 'variable', 'db/password');
export const rootPolicy = toResourceId('acct', 'policy', 'root');

const succeeded = {
  at: Date.UTC(2025, 0, 2, 3, 4, 5, 67),
  requestId: 'req-1',
  clientIp: '10.0.0.7',
  outcome: 'success',
} as const;

/** Makes an event that failed of one that succeeded. */
export function failed<E extends AuditEvent>(event: E, error: string): E {
  return { ...event, outcome: 'failure', error };
}

export const authenticated: AuthenticationEvent = {
  type: 'authn',
  ...succeeded,
  operation: 'authenticate',
  role: alice,
  roleExists: true,
  authenticator: 'authn-oidc',
  service: 'acct:webservice:conjur/authn-oidc/okta',
};
export const fetched: FetchEvent = { type: 'fetch', ...succeeded, role: alice, resource: variable };
export const updated: UpdateEvent = { type: 'update', ...succeeded, role: alice, resource: variable };
export const loaded: PolicyEvent = {
  type: 'policy',
  ...succeeded,
  role: alice,
  policy: rootPolicy,
  policyVersion: 3,
  operation: 'add',
  subject: { resource: variable },
};
export const checked: CheckEvent = {
  type: 'check',
  ...succeeded,
  role: alice,
  subjectRole: bob,
  resource: variable,
  privilege: 'execute',
  allowed: true,
};
export const passwordChanged: PasswordEvent = { type: 'password', ...succeeded, role: alice };
export const keyRotated: ApiKeyEvent = { type: 'api-key', ...succeeded, role: alice, subjectRole: bob };
export const identityChecked: WhoamiEvent = { type: 'identity-check', ...succeeded, role: alice };
export const integrityFailed: IntegrityEvent = {
  type: 'integrity',
  ...succeeded,
  outcome: 'failure',
  error: 'A stored value failed its integrity check',
  role: alice,
  record: 'secret acct:variable:db/password 2',
};

/** Every kind of event, by its type, in every shape that has fields of its own. */
export const samples: Readonly<Record<AuditEvent['type'], readonly AuditEvent[]>> = {
  authn: [authenticated, failed(authenticated, 'CONJ00002E Invalid credentials')],
  fetch: [fetched, { ...fetched, version: 2 }, failed(fetched, 'Forbidden')],
  update: [updated, failed(updated, 'Forbidden')],
  policy: [
    loaded,
    { ...loaded, subject: { role: developers } },
    { ...loaded, subject: { role: developers, member: bob } },
    { ...loaded, subject: { role: developers, owner: bob } },
    { ...loaded, operation: 'change', subject: { resource: variable, annotation: 'description' } },
    { ...loaded, operation: 'remove', subject: { resource: variable, role: bob, privilege: 'read' } },
    failedLoad('create'),
    failedLoad('update'),
  ],
  check: [checked, { ...checked, allowed: false }],
  password: [passwordChanged, failed(passwordChanged, 'too weak')],
  'api-key': [keyRotated, { ...keyRotated, subjectRole: alice }, failed(keyRotated, 'no such role')],
  'identity-check': [identityChecked, failed(identityChecked, 'The role of the token no longer exists')],
  integrity: [integrityFailed],
};

/** A load that failed as a whole. */
export function failedLoad(operation: 'create' | 'update'): PolicyEvent {
  const { type, at, requestId, clientIp, role, policy } = loaded;
  return {
    type,
    at,
    requestId,
    clientIp,
    role,
    policy,
    operation,
    outcome: 'failure',
    error: 'line 3, column 5: no',
  };
}
