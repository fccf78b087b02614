/** The rows of Conjur's API. Everything that an operation works on is named after it, so that rows share nothing. */
import { newAuthority, newRequest } from '../support/ca.ts';
import { basicHeader, setSecret, tokenHeader } from '../support/client.ts';
import { farFuture, makeToken } from '../support/host-factories.ts';
import { makeIssuer, newIssuer } from '../support/issuers.ts';
import type { Row, Rows, Stage } from './row.ts';

const value = async ({ admin }: Stage, variable: string): Promise<undefined> => {
  await setSecret(admin, variable, 'a value');
  return undefined;
};

/** A variable of a policy, with a value. */
function variable(id: string): Row {
  return {
    with: { account: 'acct', identifier: `${id}/v` },
    policy: `- !policy { id: ${id}, body: [!variable v] }`,
    prepare: (stage) => value(stage, `${id}/v`),
  };
}

/** A policy with a variable in it. */
function policy(id: string): Row {
  return {
    with: { account: 'acct', identifier: id },
    policy: `- !policy { id: ${id}, body: [!variable v] }`,
    resources: { [`{account}:*:{identifier}/*`]: `variable:${id}/v` },
  };
}

/** A group of a policy, and a user who is or becomes its member. */
function membership(id: string, granted: boolean): Row {
  const grant = granted ? `- !grant { role: !group ${id}/g, member: !user ${id}-user }` : '';
  return {
    with: { account: 'acct', kind: 'group', identifier: `${id}/g` },
    query: { members: '', member: `acct:user:${id}-user` },
    policy: `- !policy { id: ${id}, body: [!group g] }\n- !user ${id}-user\n${grant}`,
    // The policy that was loaded, and not the one that is around it.
    resources: { 'policy of {account}:{kind}:{identifier}': 'policy:root' },
  };
}

export const conjurRows: Rows = {
  getRoot: {},
  getWhoami: {},
  listAllResources: {},
  listResources: { with: { account: 'acct' } },
  listResourcesOfKind: { with: { account: 'acct', kind: 'variable' } },
  getResource: {
    ...variable('get-resource'),
    with: { account: 'acct', kind: 'variable', identifier: 'get-resource/v' },
  },
  'getResource by HEAD': {
    ...variable('head-resource'),
    with: { account: 'acct', kind: 'variable', identifier: 'head-resource/v' },
    method: 'HEAD',
  },
  'getResource permitted_roles': {
    ...variable('permitted'),
    with: { account: 'acct', kind: 'variable', identifier: 'permitted/v' },
    query: { permitted_roles: 'true', privilege: 'execute' },
  },
  'getRole graph': roleView('graph'),
  'getRole all': roleView('all'),
  'getRole memberships': roleView('memberships'),
  'getRole members': roleView('members'),
  getRole: { policy: '- !group get-role', with: { account: 'acct', kind: 'group', identifier: 'get-role' } },
  addMember: membership('add-member', false),
  removeMember: membership('remove-member', true),
  getPublicKeys: {
    policy: '- !user get-public-keys',
    with: { account: 'acct', kind: 'user', identifier: 'get-public-keys' },
  },
  getSecret: variable('get-secret'),
  getSecrets: {
    ...variable('get-secrets'),
    with: { 'query.variable_ids': 'acct:variable:get-secrets/v' },
    query: { variable_ids: 'acct:variable:get-secrets/v' },
  },
  'getSecret by HEAD': { ...variable('head-secret'), method: 'HEAD' },
  setSecret: {
    with: { account: 'acct', kind: 'variable', identifier: 'set-secret' },
    policy: '- !variable set-secret',
    body: 'another value',
  },
  getPolicy: {
    with: { account: 'acct', identifier: 'get-policy' },
    policy: '- !group get-policy-owners\n- !policy { id: get-policy, owner: !group get-policy-owners }',
  },
  loadPolicy: { ...policy('load-policy'), body: '- !variable another' },
  'loadPolicy dryRun': { ...policy('dry-run'), query: { dryRun: 'true' }, body: '- !variable another' },
  updatePolicy: { ...policy('update-policy'), body: '- !variable another' },
  replacePolicy: { ...policy('replace-policy'), body: '- !variable v' },
  getApiKeyTimestamp: keyOf('get-api-key'),
  rotateApiKey: keyOf('rotate-api-key'),
  'rotateApiKey of oneself': {
    policy: '- !user rotate-own',
    with: { authenticator: 'authn', account: 'acct' },
    attempts: async ({ apiKey, adminKeyOfOther, nobody }) => {
      const by = (secret: string) => ({ headers: basicHeader('rotate-own', secret) });
      return {
        none: {},
        garbage: by('x'.repeat(40)),
        foreign: by(adminKeyOfOther),
        // A token does not suffice for one's own key.
        nobody: { headers: tokenHeader(nobody.token) },
        right: by(apiKey('user:rotate-own')),
      };
    },
  },
  createHostFactoryTokens: {
    policy: hostFactory('create-tokens'),
    with: { 'body.host_factory': 'acct:host_factory:create-tokens/f' },
    body: new URLSearchParams({ host_factory: 'acct:host_factory:create-tokens/f', expiration: farFuture }),
  },
  deleteHostFactoryToken: {
    policy: hostFactory('delete-token'),
    resources: { 'host factory of {token}': 'host_factory:delete-token/f' },
    prepare: async ({ admin }) => ({ token: await makeToken(admin, 'delete-token/f') }),
  },
  createHost: {
    policy: hostFactory('create-host'),
    body: new URLSearchParams({ id: 'made-by-matrix' }),
    attempts: async ({ admin }) => {
      const token = await makeToken(admin, 'create-host/f');
      const header = (text: string) => ({ headers: { authorization: `Token token="${text}"` } });
      return {
        none: {},
        garbage: header('3k2w6h13jzk5eh1k7v9hm1qmvqvf3hyrjm73s3n1t2gfkn1z1yy4t3d'),
        foreign: header(Buffer.from(admin.token).toString('base64')),
        right: header(token),
      };
    },
  },
  signCertificate: {
    with: { account: 'acct', service: 'mesh' },
    policy: `
- !policy
  id: conjur/mesh/ca
  body:
  - !variable private-key
  - !variable cert-chain
  - !webservice
    annotations:
      ca/private-key: conjur/mesh/ca/private-key
      ca/certificate-chain: conjur/mesh/ca/cert-chain
      ca/max_ttl: P30D`,
    prepare: async ({ admin }) => {
      const { chain, privateKey } = await newAuthority({ kind: 'P-256' });
      await setSecret(admin, 'conjur/mesh/ca/private-key', privateKey);
      await setSecret(admin, 'conjur/mesh/ca/cert-chain', chain);
      return { csr: await newRequest('matrix', { kind: 'P-256' }) };
    },
    body: { csr: '{csr}', ttl: 'PT2H' },
  },
  listAccounts: { account: '!' },
  createAccount: { account: '!', body: new URLSearchParams({ id: 'made-by-matrix' }) },
  deleteAccount: { account: '!', with: { id: 'removed-by-matrix' } },
  listIssuers: { with: { account: 'acct' } },
  createIssuer: { with: { account: 'acct' }, body: newIssuer('created') },
  getIssuer: existingIssuer('shown'),
  updateIssuer: { ...existingIssuer('updated'), body: { max_ttl: 4_000 } },
  deleteIssuer: existingIssuer('deleted'),
};

function roleView(view: string): Row {
  const id = `role-${view}`;
  return {
    policy: `- !group ${id}`,
    with: { account: 'acct', kind: 'group', identifier: id },
    query: { [view]: '' },
  };
}

function keyOf(id: string): Row {
  const role = `acct:user:${id}`;
  return {
    policy: `- !user ${id}`,
    with: { authenticator: 'authn', account: 'acct', 'query.role': role },
    query: { role },
  };
}

function hostFactory(id: string): string {
  return `- !policy { id: ${id}, body: [!layer l, !host-factory { id: f, layers: [!layer l] }] }`;
}

function existingIssuer(id: string): Row {
  return { before: (admin) => makeIssuer(admin, id), with: { account: 'acct', identifier: id } };
}
