/** A plain HTTP client for tests: Conjur's API without any convenience of a real client. */
import assert from 'node:assert/strict';
import { checkAnswer } from './openapi.ts';
import { observedFetch } from './planted/planted.ts';
import type { TestService } from './service.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly bytes: Buffer;
  json(): unknown;
}

/**
 * Sends a request.
 * @throws Error the answer is not what the OpenAPI document states for the operation
 */
export async function send(
  url: string,
  method: string,
  init: Omit<RequestInit, 'method'> = {},
): Promise<Answer> {
  const response = await observedFetch(url, { redirect: 'manual', ...init, method });
  const bytes = Buffer.from(await response.arrayBuffer());
  const text = bytes.toString();
  const answer: Answer = {
    status: response.status,
    headers: response.headers,
    text,
    bytes,
    json: () => JSON.parse(text) as unknown,
  };
  checkAnswer(method, url, answer);
  return answer;
}

/** The `Authorization` header of an access token. */
export function tokenHeader(token: string): { readonly authorization: string } {
  return { authorization: `Token token="${Buffer.from(token).toString('base64')}"` };
}

export function basicHeader(login: string, secret: string): { readonly authorization: string } {
  return { authorization: `Basic ${Buffer.from(`${login}:${secret}`).toString('base64')}` };
}

/** One role's requests to one service. */
export interface Session {
  readonly service: TestService;
  readonly token: string;
  send(
    method: string,
    path: string,
    body?: string | Uint8Array,
    headers?: Record<string, string>,
  ): Promise<Answer>;
}

/** A session with a token that is already there. */
export function sessionOf(service: TestService, token: string): Session {
  return {
    service,
    token,
    send: (method, path, body, headers = {}) =>
      send(service.url + path, method, {
        headers: { ...tokenHeader(token), ...headers },
        ...(body === undefined ? {} : { body }),
      }),
  };
}

/** Authenticates with an API key. */
export async function signIn(
  service: TestService,
  login = 'admin',
  apiKey = service.adminKey,
): Promise<Session> {
  const path = `/authn/${service.account}/${encodeURIComponent(login)}/authenticate`;
  const answer = await send(service.url + path, 'POST', { body: apiKey });
  assert.equal(answer.status, 200, `sign-in of ${login}: ${answer.text}`);
  return sessionOf(service, answer.text);
}

/** What a policy load answers. */
export interface Loaded {
  readonly created_roles: Readonly<Record<string, { readonly id: string; readonly api_key: string }>>;
  readonly version: number;
  readonly warnings?: readonly string[];
}

/** Loads a policy and insists that it was accepted. */
export async function load(
  session: Session,
  text: string,
  branch = 'root',
  method = 'POST',
): Promise<Loaded> {
  const path = `/policies/${session.service.account}/policy/${encodeURIComponent(branch)}`;
  const answer = await session.send(method, path, text);
  assert.equal(answer.status, 201, answer.text);
  return answer.json() as Loaded;
}

/** Signs in the users, and the hosts (`host/…`), that a load made. */
export function signInAs(
  service: TestService,
  { created_roles: created }: Loaded,
): (login: string) => Promise<Session> {
  return (login) => {
    const id = login.startsWith('host/') ? login.replace('/', ':') : `user:${login}`;
    return signIn(service, login, created[`${service.account}:${id}`]?.api_key);
  };
}

/** The path of a variable's value. */
export function secretPath(service: TestService, identifier: string): string {
  return `/secrets/${service.account}/variable/${encodeURIComponent(identifier)}`;
}

/** Sets a value and insists that it was taken. */
export async function setSecret(
  session: Session,
  identifier: string,
  value: string | Uint8Array,
): Promise<void> {
  const answer = await session.send('POST', secretPath(session.service, identifier), value);
  assert.equal(answer.status, 201, answer.text);
}
