/** One event of each kind, and what a test wants changed about it. */
import type {
  AccountEvent,
  KeyEvent,
  ApiKeyEvent,
  AuditEvent,
  AuthenticationEvent,
  CertificateEvent,
  CheckEvent,
  FetchEvent,
  HostFactoryEvent,
  IntegrityEvent,
  IssuerEvent,
  IssuerVariableEvent,
  ListEvent,
  ManagementEvent,
  PasswordEvent,
  PolicyEvent,
  ShowEvent,
  UpdateEvent,
  WhoamiEvent,
} from '../../../src/domain/audit/events.ts';
import type {
  ProviderEvent,
  RegistryEvent,
  SessionEvent,
} from '../../../src/domain/audit/provider-events.ts';
import { toResourceId, toRoleId } from '../../../src/domain/ids.ts';

export const alice = toRoleId('acct', 'user', 'alice');
export const bob = toRoleId('acct', 'user', 'bob');
export const developers = toRoleId('acct', 'group', 'developers');
export const variable = toResourceId('acct', 'variable', 'db/password');
const rootPolicy = toResourceId('acct', 'policy', 'root');

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
export const policyRead: PolicyEvent = {
  type: 'policy',
  ...succeeded,
  role: alice,
  policy: rootPolicy,
  operation: 'read',
  parameters: [
    ['account', 'acct'],
    ['identifier', 'root'],
    ['depth', '3'],
    ['role_id', alice],
  ],
};
export const listed: ListEvent = {
  type: 'list',
  ...succeeded,
  role: alice,
  parameters: [
    ['account', 'acct'],
    ['limit', '1000'],
  ],
};
const membersListed: ListEvent = {
  ...listed,
  type: 'members',
  parameters: [
    ['account', 'acct'],
    ['kind', 'group'],
    ['role', developers],
  ],
};
const showed: ShowEvent = { type: 'resource', ...succeeded, role: alice, resource: variable };
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

const tokenCreated: HostFactoryEvent = {
  type: 'host-factory',
  ...succeeded,
  operation: 'create-token',
  role: alice,
  hostFactory: 'acct:host_factory:web',
};
const hostCreated: HostFactoryEvent = {
  ...tokenCreated,
  operation: 'create-host',
  role: 'acct:host_factory:web',
  subjectRole: 'acct:host:web-1',
};
const certificateIssued: CertificateEvent = {
  type: 'certificate',
  ...succeeded,
  role: alice,
  service: 'acct:webservice:conjur/mesh/ca',
  serial: '2f1c',
};

const issuerMade: IssuerEvent = {
  type: 'issuer',
  ...succeeded,
  operation: 'add',
  role: alice,
  account: 'acct',
  issuer: 'aws-1',
};
const variableGone: IssuerVariableEvent = {
  type: 'variable',
  ...succeeded,
  role: alice,
  account: 'acct',
  issuer: 'aws-1',
  resource: toResourceId('acct', 'variable', 'data/dynamic/aws'),
};

const accountMade: AccountEvent = {
  type: 'account',
  ...succeeded,
  operation: 'create',
  role: toRoleId('!', 'user', 'admin'),
  account: 'acme',
};
const accountsListed: AccountEvent = {
  type: 'account',
  ...succeeded,
  operation: 'list',
  role: toRoleId('!', 'user', 'admin'),
};

const signingKeyRotated: KeyEvent = {
  type: 'key',
  ...succeeded,
  operation: 'rotate-signing-key',
  role: toRoleId('!', '!', 'root'),
  account: 'acct',
  key: 'YWNjdA.abc',
};
const dataKeyRetired: KeyEvent = {
  type: 'key',
  ...succeeded,
  operation: 'retire-data-key',
  role: toRoleId('!', '!', 'root'),
  key: '0123456789abcdef',
};

const branchMade: ManagementEvent = {
  type: 'management',
  ...succeeded,
  operation: 'create',
  role: alice,
  resourceType: 'branch',
  name: 'data/apps',
  path: '/branches/acct',
  body: '{"name":"apps","branch":"data"}',
};
const authenticatorsListed: ManagementEvent = {
  type: 'management',
  ...succeeded,
  operation: 'list',
  role: alice,
  resourceType: 'authenticators',
  name: '',
  path: '/authenticators/acct',
};

const clientMade: RegistryEvent = {
  type: 'oidc-registry',
  ...succeeded,
  operation: 'create',
  role: alice,
  kind: 'clients',
  name: 'my-app',
};
const tokensIssued: ProviderEvent = {
  type: 'oidc-provider',
  ...succeeded,
  operation: 'issue-tokens',
  role: alice,
  client: 'c-1',
  issuer: 'https://latchkey.example.com/v1/identity/oidc/provider/default',
  grant: 'authorization_code',
  scope: 'openid groups',
};
const signedIn: ProviderEvent = {
  type: 'oidc-provider',
  ...succeeded,
  operation: 'authorize',
  role: alice,
  client: 'c-1',
  issuer: 'https://latchkey.example.com/v1/identity/oidc/provider/default',
};
const sessionStarted: SessionEvent = {
  type: 'session',
  ...succeeded,
  operation: 'start',
  role: alice,
  authenticator: 'authn',
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
    policyRead,
    failedLoad('create'),
    failedLoad('update'),
  ],
  list: [
    listed,
    {
      ...listed,
      parameters: [
        ['kind', 'variable'],
        ['offset', '10'],
        ['search', 'x'],
        ['owner', 'user:alice'],
        ['count', 'true'],
        ['acting_as', bob],
        ['role', bob],
      ],
    },
    failed(listed, "'limit' contains an invalid value. 'limit' must be a positive integer."),
  ],
  members: [membersListed, failed(membersListed, 'Limits must be greater than or equal to 1')],
  membership: [
    { ...membersListed, type: 'membership' },
    { ...membersListed, type: 'membership', parameters: [['filter', developers]] },
  ],
  resource: [showed, failed(showed, "Variable 'db/password' not found in account 'acct'")],
  check: [checked, { ...checked, allowed: false }],
  password: [passwordChanged, failed(passwordChanged, 'too weak')],
  'api-key': [keyRotated, { ...keyRotated, subjectRole: alice }, failed(keyRotated, 'no such role')],
  'identity-check': [identityChecked, failed(identityChecked, 'The role of the token no longer exists')],
  integrity: [integrityFailed],
  management: [
    branchMade,
    failed({ ...branchMade, operation: 'remove' }, "Branch 'data/apps' not found in account 'acct'"),
    authenticatorsListed,
  ],
  key: [
    signingKeyRotated,
    dataKeyRetired,
    failed(
      { type: 'key', ...succeeded, operation: 'rotate-data-key', role: signingKeyRotated.role },
      'Not every process holds the new data key yet',
    ),
  ],
  account: [
    accountMade,
    failed({ ...accountMade, operation: 'delete' }, 'Forbidden'),
    accountsListed,
    { ...accountsListed, operation: 'backup' },
    failed({ ...accountsListed, operation: 'restore' }, 'The store holds accounts already'),
  ],
  'host-factory': [
    tokenCreated,
    { ...tokenCreated, operation: 'revoke-token' },
    hostCreated,
    { ...hostCreated, operation: 'rotate-host' },
    failed(tokenCreated, 'Forbidden'),
    failed(hostCreated, 'no such host factory token'),
  ],
  issuer: [
    issuerMade,
    { ...issuerMade, operation: 'list', issuer: '*' },
    ...(['fetch', 'fetch minimum', 'update', 'remove'] as const).map((operation) => ({
      ...issuerMade,
      operation,
    })),
    failed(issuerMade, "Policy 'conjur/issuers' not found in account 'acct'"),
  ],
  variable: [variableGone],
  'oidc-registry': [
    clientMade,
    ...(['read', 'update', 'delete', 'rotate'] as const).map((operation) => ({ ...clientMade, operation })),
    { ...clientMade, operation: 'list', name: '' },
    failed(clientMade, 'Permission denied'),
  ],
  'oidc-provider': [
    tokensIssued,
    signedIn,
    ...(['userinfo', 'introspect', 'revoke', 'logout', 'sign-identity-token'] as const).map((operation) => ({
      ...signedIn,
      operation,
    })),
    failed(signedIn, 'not assigned to the client'),
  ],
  session: [
    sessionStarted,
    { ...sessionStarted, operation: 'renew' },
    { ...sessionStarted, operation: 'revoke' },
  ],
  certificate: [certificateIssued, failed(certificateIssued, 'CSR cannot be verified')],
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
    ...(policy === undefined ? {} : { policy }),
    operation,
    outcome: 'failure',
    error: 'line 3, column 5: no',
  };
}
