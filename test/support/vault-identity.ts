/** Vault's dialect as its clients speak it, and an account with people, hosts and groups to ask for. */
import assert from 'node:assert/strict';
import { load, send, signIn, type Answer } from './client.ts';
import type { TestService } from './service.ts';

export interface VaultRequest {
  readonly token?: string;
  /** Sent as JSON without a type, as clients in Go do. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

type Members = Readonly<Record<string, unknown>>;

/** One request below `/v1/`. */
export async function vault(
  { url }: Pick<TestService, 'url'>,
  method: string,
  path: string,
  { token, body, headers = {} }: VaultRequest = {},
): Promise<Answer> {
  const bytes = body === undefined ? {} : { body: Buffer.from(JSON.stringify(body)) };
  return send(`${url}/v1/${path}`, method, {
    headers: { ...(token === undefined ? {} : { 'x-vault-token': token }), ...headers },
    ...bytes,
  });
}

/** The `data` of an answer, which has to be a success. */
export function dataOf(answer: Answer): Members {
  assert.equal(answer.status, 200, answer.text);
  return (answer.json() as { readonly data: Members }).data;
}

/** The `auth` of an answer, which has to be a success. */
export function authOf(
  answer: Answer,
): Members & { readonly client_token: string; readonly entity_id: string } {
  assert.equal(answer.status, 200, answer.text);
  return (answer.json() as { readonly auth: Members & { client_token: string; entity_id: string } }).auth;
}

/** The `errors` of a failure. */
export function errorsOf(answer: Answer): readonly string[] {
  assert.ok(answer.status >= 400, `${String(answer.status)} ${answer.text}`);
  assert.equal(answer.headers.get('content-type'), 'application/json');
  return (answer.json() as { readonly errors: readonly string[] }).errors;
}

export async function logIn(
  service: Pick<TestService, 'url'>,
  login: string,
  password: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  return vault(service, 'PUT', `auth/userpass/login/${login}`, { body: { password }, headers });
}

export interface IdentityWorld {
  readonly service: TestService;
  readonly keys: Readonly<Record<string, string>>;
  /** Of the administrator, of alice, and of carol, who may read identities and nothing else. */
  readonly admin: string;
  readonly alice: string;
  readonly carol: string;
}

export const alicePassword = 'Wonderland-12-Xy';

/** `eng` has alice and a host, `ops` has `eng`; there is a group and a layer named `twin`. */
export const identityPolicy = `
- !user
  id: alice
  annotations:
    email: alice@example.com
    vault-reserved: "1"
    "not a name": "2"
- !user
  id: bob
  restricted_to: [ 10.9.9.9 ]
- !user carol
- !group eng
- !group ops
- !group twin
- !layer twin
- !policy
  id: apps
  body:
  - !host app1
- !policy
  id: conjur/oidc/identities
  body:
  - !webservice
- !permit
  role: !user carol
  privileges: [ read ]
  resource: !webservice conjur/oidc/identities
- !grant
  role: !group eng
  members: [ !user alice, !host apps/app1 ]
- !grant
  role: !group ops
  member: !group eng
`;

/** Loads the policy, gives alice a password and logs everybody in. */
export async function identityWorld(service: TestService): Promise<IdentityWorld> {
  const session = await signIn(service);
  const { created_roles: created } = await load(session, identityPolicy);
  const keys = Object.fromEntries(
    Object.entries(created).map(([id, { api_key: key }]) => [id.replace(/^[^:]+:[^:]+:/, ''), key]),
  );
  const basic = `Basic ${Buffer.from(`alice:${keys['alice'] ?? ''}`).toString('base64')}`;
  const set = await send(`${service.url}/authn/${service.account}/password`, 'PUT', {
    headers: { authorization: basic },
    body: alicePassword,
  });
  assert.equal(set.status, 204, set.text);
  const tokenOf = async (login: string, password = ''): Promise<string> =>
    authOf(await logIn(service, login, password)).client_token;
  return {
    service,
    keys,
    admin: await tokenOf('admin', service.adminKey),
    alice: await tokenOf('alice', alicePassword),
    carol: await tokenOf('carol', keys['carol']),
  };
}
