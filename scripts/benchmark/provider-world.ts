/** What the OpenID Provider is measured with, in Vault's dialect: people, clients, and what they ask. */
import { createHash, randomBytes } from 'node:crypto';
import { Pool } from 'undici';
import type { Algorithm } from './issuer.ts';
import { authenticate, call, inParallel, loadPolicy, type Service } from './service.ts';

const people = 50;
const redirectUri = 'https://application.example.org/callback';
const provider = 'bench';
const scope = 'openid profile';
const verifier = randomBytes(32).toString('base64url');
const challenge = createHash('sha256').update(verifier).digest('base64url');
const profileTemplate =
  '{"username": {{identity.entity.name}}, "groups": {{identity.entity.groups.names}}, "contact": {"email": {{identity.entity.metadata.email}} } }';

const issuerPath = `/v1/identity/oidc/provider/${provider}`;

interface Client {
  readonly id: string;
  readonly secret: string;
}

/** A service with a provider, a client for each algorithm, and people who may sign in there. */
export interface ProviderWorld {
  readonly service: Service;
  /** Mints codes, each of the next person. */
  mintCodes(algorithm: Algorithm, count: number): Promise<readonly string[]>;
  redemption(algorithm: Algorithm, code: string): string;
  clientCredentials(algorithm: Algorithm): string;
  userinfo(accessToken: string): string;
  discovery(): string;
}

const algorithms: readonly Algorithm[] = ['RS256', 'ES256'];

export async function populateProvider(service: Service): Promise<ProviderWorld> {
  const tokens = await loadPeople(service);
  const clients = await registerClients(service);
  const clientOf = (algorithm: Algorithm): Client => clients.get(algorithm) ?? { id: '', secret: '' };
  let turn = 0;
  return {
    service,
    mintCodes: async (algorithm, count) => {
      const pool = new Pool(service.url, { connections: 32 });
      try {
        const { id } = clientOf(algorithm);
        const mintOne = (): Promise<string> => mint(pool, id, tokens[(turn += 1) % tokens.length] ?? '');
        return await inParallel(Array.from({ length: count }), mintOne);
      } finally {
        await pool.close();
      }
    },
    redemption: (algorithm, code) =>
      tokenRequest(clientOf(algorithm), {
        grant_type: 'authorization_code',
        code,
        redirect_uri: redirectUri,
        code_verifier: verifier,
      }),
    clientCredentials: (algorithm) =>
      tokenRequest(clientOf(algorithm), { grant_type: 'client_credentials', scope: 'openid' }),
    userinfo: (accessToken) => get(`${issuerPath}/userinfo`, `Authorization: Bearer ${accessToken}\r\n`),
    discovery: () => get(`${issuerPath}/.well-known/openid-configuration`),
  };
}

/** @returns their access tokens */
async function loadPeople(service: Service): Promise<readonly string[]> {
  const logins = Array.from({ length: people }, (_, person) => `person-${String(person)}`);
  const users = logins.map(
    (login) => `- !user\n  id: ${login}\n  annotations:\n    email: ${login}@example.org\n`,
  );
  const members = logins.map((login) => `  - !user ${login}\n`);
  const group = ['- !group staff\n- !grant\n  role: !group staff\n  members:\n', ...members];
  const keys = await loadPolicy(service, [...users, ...group].join(''));
  return inParallel(logins, async (login) =>
    Buffer.from(await authenticate(service.url, login, keys.get(login) ?? '')).toString('base64'),
  );
}

async function registerClients(service: Service): Promise<ReadonlyMap<Algorithm, Client>> {
  const admin = Buffer.from(service.adminToken).toString('base64');
  const vault = async (path: string, body: object): Promise<void> => {
    const init = { headers: { 'x-vault-token': admin }, body: JSON.stringify(body) };
    await call(`${service.url}/v1/identity/${path}`, 'POST', init);
  };
  const read = async (path: string): Promise<Readonly<Record<string, string>>> => {
    const text = await call(`${service.url}/v1/identity/${path}`, 'GET', {
      headers: { 'x-vault-token': admin },
    });
    return (JSON.parse(text) as { readonly data: Readonly<Record<string, string>> }).data;
  };
  const { id: staff } = await read('group/name/staff');
  await vault('oidc/assignment/staff', { group_ids: [staff] });
  await vault('oidc/scope/profile', { template: profileTemplate });
  const clients = new Map<Algorithm, Client>();
  for (const algorithm of algorithms) {
    await vault(`oidc/key/${algorithm}`, { algorithm, allowed_client_ids: ['*'] });
    await vault(`oidc/client/${algorithm}`, {
      key: algorithm,
      redirect_uris: [redirectUri],
      assignments: ['staff'],
      id_token_ttl: '1h',
      access_token_ttl: '1h',
      client_credentials: true,
    });
    const { client_id: id = '', client_secret: secret = '' } = await read(`oidc/client/${algorithm}`);
    clients.set(algorithm, { id, secret });
  }
  await vault(`oidc/provider/${provider}`, { allowed_client_ids: ['*'], scopes_supported: ['profile'] });
  return clients;
}

async function mint(pool: Pool, clientId: string, token: string): Promise<string> {
  const { statusCode, body } = await pool.request({
    method: 'POST',
    path: `${issuerPath}/authorize`,
    headers: { 'x-vault-token': token },
    body: JSON.stringify({
      client_id: clientId,
      redirect_uri: redirectUri,
      response_type: 'code',
      scope,
      state: 'state',
      nonce: randomBytes(12).toString('base64url'),
      code_challenge: challenge,
      code_challenge_method: 'S256',
    }),
  });
  const text = await body.text();
  if (statusCode !== 200) throw new Error(`a code was refused: ${String(statusCode)} ${text.slice(0, 300)}`);
  return (JSON.parse(text) as { readonly code: string }).code;
}

function get(path: string, header = ''): string {
  return `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${header}Accept: */*\r\n\r\n`;
}

function tokenRequest({ id, secret }: Client, parameters: Readonly<Record<string, string>>): string {
  const body = new URLSearchParams(parameters).toString();
  const basic = Buffer.from(`${id}:${secret}`).toString('base64');
  return (
    `POST ${issuerPath}/token HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Basic ${basic}\r\n` +
    'Content-Type: application/x-www-form-urlencoded\r\n' +
    `Content-Length: ${String(body.length)}\r\nAccept: */*\r\n\r\n${body}`
  );
}
