/** The requests of the hot paths: whole HTTP/1.1 messages, made before anything is measured. */
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { once } from 'node:events';
import { AnswerReader } from './answer-reader.ts';
import { audience, type Algorithm, type Issuer } from './issuer.ts';
import {
  account,
  authenticate,
  inParallel,
  loadPolicy,
  secretPath,
  setSecrets,
  tokenHeader,
  type ApiKeys,
  type Service,
} from './service.ts';

const applications = 100;
const secretsOfApplication = 10;
const hosts = 200;
const users = 200;
/** More than any cache should hold on to; each is used a few times in a whole run. */
const idTokens = 4_000;
const services = { RS256: 'issuer-rs256', ES256: 'issuer-es256' } as const satisfies Record<
  Algorithm,
  string
>;

/** What the services that are measured have enabled. */
export const authenticators = ['authn', ...Object.values(services).map((id) => `authn-oidc/${id}`)].join(',');

const variables = Array.from({ length: applications }, (_, application) =>
  Array.from(
    { length: secretsOfApplication },
    (__, secret) => `app-${String(application)}/database/password-${String(secret)}`,
  ),
).flat();

function policy(): string {
  const hostIds = Array.from({ length: hosts }, (_, host) => `host-${String(host)}`);
  const userIds = Array.from({ length: users }, (_, user) => `user-${String(user)}`);
  return [
    ...userIds.map((user) => `- !user ${user}\n`),
    '- !group people\n- !grant\n  role: !group people\n  members:\n',
    ...userIds.map((user) => `  - !user ${user}\n`),
    '- !policy\n  id: prod\n  body:\n  - &variables\n',
    ...variables.map((variable) => `    - !variable ${variable}\n`),
    ...hostIds.map((host) => `  - !host ${host}\n`),
    '  - !layer\n  - !grant\n    role: !layer\n    members:\n',
    ...hostIds.map((host) => `    - !host ${host}\n`),
    '  - !group readers\n  - !grant { role: !group readers, member: !layer "" }\n',
    '  - !permit { role: !group readers, privileges: [ read, execute ], resources: *variables }\n',
    ...Object.values(services).map(authenticatorPolicy),
  ].join('');
}

function authenticatorPolicy(id: string): string {
  return `- !policy
  id: conjur/authn-oidc/${id}
  body:
  - !webservice
  - !variable provider-uri
  - !variable id-token-user-property
  - !variable audience
  - !group users
  - !permit { role: !group users, privileges: [ read, authenticate ], resource: !webservice "" }
- !grant { role: !group conjur/authn-oidc/${id}/users, member: !group people }
`;
}

/** Loads what the requests need: a thousand secrets, hosts that may fetch them, users who may sign in. */
export async function populate(service: Service, issuer: Issuer): Promise<ApiKeys> {
  const keys = await loadPolicy(service, policy());
  const values = new Map(variables.map((variable, index) => [`prod/${variable}`, secretValue(index)]));
  for (const id of Object.values(services)) {
    values.set(`conjur/authn-oidc/${id}/provider-uri`, issuer.url);
    values.set(`conjur/authn-oidc/${id}/id-token-user-property`, 'preferred_username');
    values.set(`conjur/authn-oidc/${id}/audience`, audience);
  }
  await setSecrets(service, values);
  return keys;
}

/** 64 characters. */
function secretValue(index: number): string {
  return `value-${String(index).padStart(6, '0')}-`.padEnd(64, 'abcdefghijklmnopqrstuvwxyz');
}

/** Every host reads secrets of every application, each with its own token. */
export async function fetchRequests(service: Service, keys: ApiKeys): Promise<readonly string[]> {
  const logins = [...keys.keys()].filter((login) => login.startsWith('host/'));
  const headers = await inParallel(logins, async (login) =>
    tokenHeader(await authenticate(service.url, login, keys.get(login) ?? '')),
  );
  return Array.from({ length: 2_000 }, (_, index) => {
    const variable = variables[(index * 7) % variables.length] ?? '';
    const header = headers[index % headers.length] ?? '';
    return `GET ${secretPath(`prod/${variable}`)} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: ${header}\r\nAccept: */*\r\n\r\n`;
  });
}

/** More than the service remembers. */
const spellings = 25_000;

/** The same requests over and over, each with its token spelled in another way, so that none is known by its hash. */
export function withNewTokens(requests: readonly string[]): readonly string[] {
  return Array.from({ length: spellings }, (_, index) => {
    const request = requests[index % requests.length] ?? '';
    return request.replace(/token="([^"]*)"/, (__, encoded: string) => {
      const token = JSON.parse(Buffer.from(encoded, 'base64').toString()) as object;
      const spelled = JSON.stringify({ ...token, spelling: String(index).padStart(6, '0') });
      return `token="${Buffer.from(spelled).toString('base64')}"`;
    });
  });
}

export function authenticateRequests(issuer: Issuer, algorithm: Algorithm): readonly string[] {
  const path = `/authn-oidc/${services[algorithm]}/${account}/authenticate`;
  return Array.from({ length: idTokens }, (_, index) => {
    const body = `id_token=${issuer.idToken(algorithm, `user-${String(index % users)}`)}`;
    return (
      `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n` +
      `Content-Length: ${String(body.length)}\r\nAccept: */*\r\n\r\n${body}`
    );
  });
}

/** Writes requests as a load generator reads them. */
export function writeRequests(file: string, requests: readonly string[]): string {
  writeFileSync(file, requests.map((request) => `${request}\0`).join(''));
  return file;
}

/**
 * Sends one request and answers how many bytes came back, head included.
 * @throws Error the answer is not a 2xx
 */
export async function answerBytes(port: number, request: string): Promise<number> {
  return (await exchange(port, request)).length;
}

/**
 * Sends one request and answers the body that came back.
 * @throws Error the answer is not a 2xx
 */
export async function answerTo(port: number, request: string): Promise<string> {
  const answer = await exchange(port, request);
  return answer.toString('utf8', answer.indexOf('\r\n\r\n') + 4);
}

async function exchange(port: number, request: string): Promise<Buffer> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const reader = new AnswerReader();
  socket.write(request);
  const chunks: Buffer[] = [];
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    reader.push(chunk);
    if (reader.failures > 0) throw new Error(`a request was refused: ${chunk.toString('latin1', 0, 300)}`);
    if (reader.answers > 0) break;
  }
  socket.destroy();
  if (reader.answers === 0) throw new Error('the server closed the connection');
  return Buffer.concat(chunks);
}
