/** The rows of Conjur's versioned API, and of authenticators. */
import { v2 } from '../support/versioned-api.ts';
import type { Row, Rows } from './row.ts';

const headers = { accept: v2 };

const jwt = (name: string): string => `- !policy
  id: conjur/authn-jwt/${name}
  body:
  - !webservice
  - !webservice status
  - !variable jwks-uri
`;

/** An authenticator of a type that may have several. */
function service(name: string): Row {
  return { headers, policy: jwt(name), with: { account: 'acct', type: 'jwt', name } };
}

function group(id: string, granted: boolean): Row {
  const grant = granted ? `- !grant { role: !group ${id}/g, member: !user ${id}-user }` : '';
  return {
    headers,
    with: {
      account: 'acct',
      identifier: `${id}/g`,
      kind: 'user',
      member: `${id}-user`,
      'body.kind': 'user',
      'body.id': `${id}-user`,
    },
    policy: `- !policy { id: ${id}, body: [!group g] }\n- !user ${id}-user\n${grant}`,
    resources: { 'branch of {account}:group:{identifier}': `policy:${id}` },
  };
}

function branch(id: string): Row {
  return {
    headers,
    with: { account: 'acct', identifier: id },
    policy: `- !policy { id: ${id}, body: [!variable v] }`,
    resources: { '{account}:*:{identifier}/*': `variable:${id}/v` },
  };
}

const gcp = { account: 'acct', type: 'gcp' };

export const versionedRows: Rows = {
  listAuthenticatorsV2: { headers, with: { account: 'acct' } },
  createAuthenticator: {
    headers,
    policy: '- !policy { id: conjur/authn-ldap, body: [!webservice ] }',
    with: { account: 'acct', 'body.type': 'ldap' },
    body: { type: 'ldap', name: 'made', enabled: true },
  },
  getAuthenticator: service('get'),
  switchAuthenticatorV2: { ...service('switch-v2'), body: { enabled: true } },
  deleteAuthenticator: service('delete'),
  getOnlyAuthenticator: {
    headers,
    with: gcp,
    policy: '- !policy { id: conjur/authn-gcp, body: [!webservice ] }',
  },
  switchOnlyAuthenticator: { headers, with: gcp, body: { enabled: true } },
  deleteOnlyAuthenticator: { headers, with: gcp },
  listBranches: { headers, with: { account: 'acct' } },
  createBranch: {
    headers,
    policy: '- !policy create-branch',
    with: { account: 'acct', 'body.branch': 'create-branch' },
    body: { name: 'made', branch: 'create-branch' },
  },
  getBranch: branch('get-branch'),
  updateBranch: { ...branch('update-branch'), body: { annotations: { team: 'web' } } },
  deleteBranch: branch('delete-branch'),
  addGroupMember: {
    ...group('add-group-member', false),
    body: { kind: 'user', id: 'add-group-member-user' },
  },
  removeGroupMember: group('remove-group-member', true),
  removeUnnamedGroupMember: {
    ...group('remove-unnamed', true),
    neverServed: 'the id of the member is needed',
  },
  switchAuthenticator: {
    policy: jwt('switch'),
    with: { account: 'acct', authenticator: 'authn-jwt/switch' },
    body: new URLSearchParams({ enabled: 'true' }),
  },
  switchAuthenticatorService: {
    policy: jwt('switch-service'),
    with: { account: 'acct', authenticator: 'authn-jwt', service: 'switch-service' },
    body: new URLSearchParams({ enabled: 'true' }),
  },
  getAuthenticatorStatus: {
    policy: jwt('status'),
    with: { account: 'acct', authenticator: 'authn-jwt/status' },
    neverServed: 'the issuer of this authenticator is nowhere: 500 says why',
  },
  getAuthenticatorServiceStatus: {
    policy: jwt('status-service'),
    with: { account: 'acct', authenticator: 'authn-jwt', service: 'status-service' },
    neverServed: 'the issuer of this authenticator is nowhere: 500 says why',
  },
  injectClientCertificate: {
    with: { service: 'any' },
    neverServed: 'certificates are put into pods over the API of Kubernetes',
  },
  listAuthenticators: {},
  listOidcProviders: { with: { authenticator: 'authn-oidc', account: 'acct' } },
};
