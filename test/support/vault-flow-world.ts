/** A provider of Vault's dialect with its key, client, scopes and people, on a running service. */
import assert from 'node:assert/strict';
import * as oidc from 'openid-client';
import { load, send, signIn, signInAs, type Answer, type Session } from './client.ts';
import type { TestService } from './service.ts';

/** What Vault's API is asked with: a token, and JSON. */
export interface VaultApi {
  write(path: string, body?: unknown): Promise<Answer>;
  read(path: string): Promise<Answer>;
  remove(path: string): Promise<Answer>;
  /** The members of `data` of what is there. */
  data(path: string): Promise<Readonly<Record<string, unknown>>>;
}

export interface Client {
  readonly id: string;
  readonly secret: string;
}

export interface FlowWorld {
  readonly service: TestService;
  readonly admin: Session;
  /** The administrator's Vault API. */
  readonly vault: VaultApi;
  /** The value of `X-Vault-Token` of a login, just signed in. */
  tokenOf(login: string): Promise<string>;
  /** Makes a client; what is left out is as in the fixture. */
  client(name: string, changes?: Readonly<Record<string, unknown>>): Promise<Client>;
  /** Makes the provider `all`, which serves every client. */
  provideForAll(): Promise<void>;
  /** Ids by role: `user:end-user`, `group:engineering`. */
  idOf(role: string): string;
  issuer(provider?: string): string;
  readonly main: Client;
}

export const callback = 'https://localhost:8251/callback';
export const verifier = '43_char_min_abcdefghijklmnopqrstuvwxyzabcde';
export const challenge = 'hMn-5TBH-t3uN00FEaGsQtYPhyC4Otbx-9vDcPTYHmc';

const policy = `
- !user
  id: end-user
  annotations:
    email: vault@hashicorp.com
    phone_number: 123-456-7890
- !user outsider
- !host machine
- !group engineering
- !group company
- !group unknown
- !grant { role: !group engineering, member: !user end-user }
- !grant { role: !group company, member: !group engineering }
`;

const testScope =
  '{ "username": {{identity.entity.name}}, "groups": {{identity.entity.groups.names}}, "contact": {"email": {{identity.entity.metadata.email}}, "phone_number": {{identity.entity.metadata.phone_number}}} }';
const conflictScope = '{ "username": "x", "contact": {} }';

export function vaultApi(service: TestService, token: string): VaultApi {
  const ask = (method: string, path: string, body?: unknown): Promise<Answer> =>
    send(`${service.url}/v1/${path}`, method, {
      headers: { 'x-vault-token': token },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  return {
    write: async (path, body = {}) => {
      const answer = await ask('POST', path, body);
      assert.ok(answer.status === 204 || answer.status === 200, `${path}: ${answer.text}`);
      return answer;
    },
    read: (path) => ask('GET', path),
    remove: (path) => ask('DELETE', path),
    data: async (path) => {
      const answer = await ask('GET', path);
      assert.equal(answer.status, 200, `${path}: ${answer.text}`);
      return (answer.json() as { data: Readonly<Record<string, unknown>> }).data;
    },
  };
}

/** A session's access token as Vault's dialect takes it. */
export function vaultTokenOf(session: Session): string {
  return Buffer.from(session.token).toString('base64');
}

export async function flowWorld(service: TestService): Promise<FlowWorld> {
  const admin = await signIn(service);
  const loaded = await load(admin, policy);
  const sessionOf = signInAs(service, loaded);
  const vault = vaultApi(service, vaultTokenOf(admin));
  const ids = new Map<string, string>();
  for (const [kind, name] of [
    ['user', 'end-user'],
    ['user', 'outsider'],
    ['group', 'engineering'],
    ['group', 'company'],
    ['group', 'unknown'],
  ] as const) {
    const path = kind === 'user' ? `identity/entity/name/${name}` : `identity/group/name/${name}`;
    ids.set(`${kind}:${name}`, String((await vault.data(path))['id']));
  }
  const idOf = (role: string): string => ids.get(role) ?? assert.fail(role);
  const client = async (name: string, changes: Readonly<Record<string, unknown>> = {}): Promise<Client> => {
    const path = `identity/oidc/client/${name}`;
    await vault.write(path, {
      key: 'test-key',
      redirect_uris: [callback],
      assignments: ['test-assignment'],
      id_token_ttl: '24h',
      access_token_ttl: '24h',
      ...changes,
    });
    const { client_id: id, client_secret: secret } = await vault.data(path);
    return { id: String(id), secret: typeof secret === 'string' ? secret : '' };
  };
  await vault.write('identity/oidc/key/test-key', { algorithm: 'RS256', allowed_client_ids: ['*'] });
  await vault.write('identity/oidc/assignment/test-assignment', {
    entity_ids: [idOf('user:end-user')],
    group_ids: [idOf('group:engineering')],
  });
  await vault.write('identity/oidc/scope/test-scope', { template: testScope });
  await vault.write('identity/oidc/scope/conflict', { template: conflictScope });
  const main = await client('test-client');
  await vault.write('identity/oidc/provider/test-provider', {
    allowed_client_ids: [main.id],
    scopes_supported: ['test-scope', 'conflict'],
  });
  return {
    service,
    admin,
    vault,
    tokenOf: async (login) => vaultTokenOf(await sessionOf(login)),
    client,
    provideForAll: async () => {
      const provider = { allowed_client_ids: ['*'], scopes_supported: ['test-scope'] };
      await vault.write('identity/oidc/provider/all', provider);
    },
    idOf,
    issuer: (provider = 'test-provider') => `${service.url}/v1/identity/oidc/provider/${provider}`,
    main,
  };
}

export type Parameters = Readonly<Record<string, string | undefined>>;

function given(parameters: Parameters): URLSearchParams {
  const present = Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as [string, string]],
  );
  return new URLSearchParams(present);
}

/** Asks for a code; the fixture's client, unless `changes` say otherwise. Undefined leaves a parameter out. */
export async function authorize(
  world: FlowWorld,
  token: string,
  changes: Parameters = {},
  {
    provider = 'test-provider',
    method = 'GET',
  }: { readonly provider?: string; readonly method?: string } = {},
): Promise<Answer> {
  const parameters = given({
    client_id: world.main.id,
    redirect_uri: callback,
    response_type: 'code',
    scope: 'openid test-scope',
    state: 'abcdefg',
    nonce: 'hijklmn',
    ...changes,
  });
  const url = `${world.issuer(provider)}/authorize`;
  const headers = { 'x-vault-token': token };
  if (method === 'GET') return send(`${url}?${parameters.toString()}`, 'GET', { headers });
  return send(url, method, { headers, body: JSON.stringify(Object.fromEntries(parameters)) });
}

/** A code that was granted. */
export async function codeOf(
  world: FlowWorld,
  token: string,
  changes: Parameters = {},
  provider = 'test-provider',
): Promise<string> {
  const answer = await authorize(world, token, changes, { provider });
  assert.equal(answer.status, 200, answer.text);
  return String((answer.json() as { code: unknown }).code);
}

export interface TokenRequest {
  readonly provider?: string;
  /** `basic` unless stated; `none` sends no credentials at all. */
  readonly by?: 'basic' | 'post' | 'json' | 'none';
  readonly client?: Client;
}

/** Asks the token endpoint; a code's redemption unless `parameters` say otherwise. */
export async function askTokens(
  world: FlowWorld,
  parameters: Parameters,
  { provider = 'test-provider', by = 'basic', client = world.main }: TokenRequest = {},
): Promise<Answer> {
  const own = by === 'post' || by === 'json' ? { client_id: client.id, client_secret: client.secret } : {};
  const body = given({ grant_type: 'authorization_code', redirect_uri: callback, ...own, ...parameters });
  const basic = Buffer.from(`${client.id}:${client.secret}`).toString('base64');
  return send(`${world.issuer(provider)}/token`, 'POST', {
    headers: by === 'basic' ? { authorization: `Basic ${basic}` } : {},
    body: by === 'json' ? JSON.stringify(Object.fromEntries(body)) : body,
  });
}

export interface Tokens {
  readonly token_type: string;
  readonly access_token: string;
  readonly id_token: string;
  readonly expires_in: number;
  readonly refresh_token?: string;
}

export function tokensIn(answer: Answer): Tokens {
  assert.equal(answer.status, 200, answer.text);
  return answer.json() as Tokens;
}

export async function askUserinfo(
  world: FlowWorld,
  accessToken: string,
  {
    provider = 'test-provider',
    method = 'GET',
  }: { readonly provider?: string; readonly method?: string } = {},
): Promise<Answer> {
  return send(`${world.issuer(provider)}/userinfo`, method, {
    headers: { authorization: `Bearer ${accessToken}` },
  });
}

/** The payload of a signed token, unverified. */
export function claimsIn(token: string): Readonly<Record<string, unknown>> {
  return partIn(token, 1);
}

export function headerIn(token: string): Readonly<Record<string, unknown>> {
  return partIn(token, 0);
}

function partIn(token: string, index: number): Readonly<Record<string, unknown>> {
  const part = token.split('.')[index] ?? '';
  return JSON.parse(Buffer.from(part, 'base64url').toString()) as Readonly<Record<string, unknown>>;
}

/** Holds a refusal: its status and `error`, and that it says why without anything that was sent. */
export function assertRefused(answer: Answer, status: number, error: string): void {
  const body = answer.json() as Readonly<Record<string, unknown>>;
  assert.deepEqual([answer.status, body['error']], [status, error], answer.text);
  assert.equal(typeof body['error_description'], 'string');
}

/** The first member of an object that has one. */
export function first<T>(members: Readonly<Record<string, T>>): readonly [name: string, value: T] {
  return Object.entries(members)[0] ?? assert.fail('it has none');
}

/** Lets the library speak to a service on loopback, which has no TLS; it is marked there so as to stand out. */
export const withoutTls: (configuration: oidc.Configuration) => void = Reflect.get(
  oidc,
  'allowInsecureRequests',
);
