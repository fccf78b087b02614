/** Requests in the words of the versioned API, and the policies that its scenarios start from. */
import assert from 'node:assert/strict';
import type { Answer, Session } from './client.ts';

export const v2 = 'application/x.secretsmgr.v2beta+json';
export const versionMissing =
  'CONJ00194W The api belongs to v2 APIs but it missing the version "application/x.secretsmgr.v2beta+json" in the Accept header';

/** Sends with the version in `Accept`; an object as JSON, a text as it is. */
export async function sendV2(
  session: Session,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  return session.send(method, path, text, { accept: v2, 'content-type': 'application/json', ...headers });
}

/** An answer with a body, in the media type that was asked for. */
export function assertAnswer(answer: Answer, status: number, body: unknown): void {
  assert.equal(answer.status, status, answer.text);
  assert.equal(answer.headers.get('content-type'), v2);
  assert.deepEqual(answer.json(), body);
}

/** An error: its code is its status, as text. */
export function assertRefused(answer: Answer, status: number, message: string): void {
  assertAnswer(answer, status, { code: String(status), message });
}

/** An owner, as bodies have it. */
export function owner(kind: string, id: string): { readonly kind: string; readonly id: string } {
  return { kind, id };
}

/** What the scenarios of branches and group members start from. */
export const branchPolicy = `
- !group Conjur_Issuers_Admins
- !group Conjur_Admins
- !user bob
- !grant { role: !group Conjur_Issuers_Admins, member: !group Conjur_Admins }
- !policy data_default_owner
- !policy
  id: some_branch
  owner: !user bob
  body:
    - !policy
      id: branch_own_owner
      owner: !policy branch_own_owner
      body:
        - !host myhost
    - !permit
      role: !user /bob
      privileges: [read, update]
      resource: !policy branch_own_owner
    - !permit
      role: !user /bob
      privileges: [read, update]
      resource: !host branch_own_owner/myhost
- !policy
  id: data
  owner: !group /Conjur_Admins
  body:
    - !host myhost
    - !group data-group
    - !group vault-admins
    - !policy { id: dynamic, owner: !group /Conjur_Issuers_Admins }
    - !policy { id: vault, owner: !group vault-admins }
    - !policy
      id: Applications
      body:
        - !policy App-A
    - !policy
      id: safe1
      body:
        - !user alice
        - !group mygroup1
        - !policy alice-read-only
        - !policy alice-execute-only
        - !variable safe1-var1
        - !policy
          id: branch1
          owner: !group ../data-group
          annotations:
            branch1-ann-1: Foo bar
            branch1-ann-2: 123
          body:
            - !variable { id: alice-var, owner: !user ../alice }
            - !policy
              id: alice-branch
              owner: !user ../alice
              annotations:
                alice-ann-1: Alice notes 1
                alice-ann-2: Alice notes 2
            - !permit { role: !user ../alice, privileges: [execute], resource: !variable alice-var }
            - !permit { role: !user ../alice, privileges: [update], resource: !policy alice-branch }
        - !permit
          role: !user alice
          privileges: [create, read, update, execute]
          resource: !policy branch1
        - !permit { role: !user alice, privileges: [read], resource: !policy alice-read-only }
        - !permit { role: !user alice, privileges: [execute], resource: !policy alice-execute-only }
    - !permit { role: !host myhost, privileges: [read, update], resource: !policy safe1/branch1 }
`;

/** The branches of {@link branchPolicy}, in the order of a list. */
export const allBranches = [
  { name: 'data', branch: '/', owner: owner('group', 'Conjur_Admins'), annotations: {} },
  { name: 'Applications', branch: 'data', owner: owner('policy', 'data'), annotations: {} },
  {
    name: 'App-A',
    branch: 'data/Applications',
    owner: owner('policy', 'data/Applications'),
    annotations: {},
  },
  { name: 'data_default_owner', branch: '/', owner: owner('user', 'admin'), annotations: {} },
  { name: 'dynamic', branch: 'data', owner: owner('group', 'Conjur_Issuers_Admins'), annotations: {} },
  { name: 'safe1', branch: 'data', owner: owner('policy', 'data'), annotations: {} },
  { name: 'alice-execute-only', branch: 'data/safe1', owner: owner('policy', 'data/safe1'), annotations: {} },
  { name: 'alice-read-only', branch: 'data/safe1', owner: owner('policy', 'data/safe1'), annotations: {} },
  {
    name: 'branch1',
    branch: 'data/safe1',
    owner: owner('group', 'data/data-group'),
    annotations: { 'branch1-ann-1': 'Foo bar', 'branch1-ann-2': '123' },
  },
  {
    name: 'alice-branch',
    branch: 'data/safe1/branch1',
    owner: owner('user', 'alice@data-safe1'),
    annotations: { 'alice-ann-1': 'Alice notes 1', 'alice-ann-2': 'Alice notes 2' },
  },
  { name: 'vault', branch: 'data', owner: owner('group', 'data/vault-admins'), annotations: {} },
  { name: 'some_branch', branch: '/', owner: owner('user', 'bob'), annotations: {} },
  {
    name: 'branch_own_owner',
    branch: 'some_branch',
    owner: owner('policy', 'some_branch/branch_own_owner'),
    annotations: {},
  },
] as const;

/** The policies of all kinds of authenticator, and users with different privileges on the one of JWT. */
export const authenticatorPolicy = `
${['jwt', 'oidc', 'azure', 'gcp', 'k8s', 'ldap', 'iam'].map((type) => `- !policy conjur/authn-${type}`).join('\n')}
- !user maker
- !user reader
- !user outsider
- !user app
- !permit { role: !user maker, privileges: [create], resource: !policy conjur/authn-jwt }
- !permit { role: !user reader, privileges: [read], resource: !policy conjur/authn-jwt }
`;

/** The settings of an authenticator with a secret among them. */
export const codeFlow = {
  provider_uri: 'https://id.example',
  client_id: 'app',
  client_secret: 'kept for oneself',
  redirect_uri: 'https://app.example/callback',
  claim_mapping: 'email',
};
