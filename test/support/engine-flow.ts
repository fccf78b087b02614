/** Requests of a relying party at the issuers of an engine server, one by one. */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, type JWTPayload } from 'jose';
import { CookieBrowser } from './cookie-browser.ts';
import type { EngineServer } from './engine-server.ts';
import { observedFetch } from './planted/planted.ts';

export const callback = 'https://app.example/callback';
export const verifier = randomBytes(32).toString('base64url');
export const challenge = createHash('sha256').update(verifier).digest('base64url');

export type Form = Readonly<Record<string, string | undefined>>;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
}

/** The authorization request of a client, with PKCE, unless said otherwise; undefined leaves a parameter out. */
export function authorizePath(issuer: string, clientId: string, changes: Form = {}): string {
  const parameters = {
    client_id: clientId,
    response_type: 'code',
    redirect_uri: callback,
    scope: 'openid profile',
    state: 'st',
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...changes,
  };
  return `/pages/${issuer}/authorize?${queryOf(parameters)}`;
}

export function queryOf(parameters: Form): string {
  const given = Object.entries(parameters).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return new URLSearchParams(given).toString();
}

/** Follows redirects of the server until one leads away from it, signing in as `login` and agreeing where asked. */
export async function follow(
  server: EngineServer,
  browser: CookieBrowser,
  path: string,
  login: string,
): Promise<URL> {
  let next = path;
  for (let step = 0; step < 6; step += 1) {
    const response = next.startsWith('/sign-in/')
      ? await answerPage(browser, next, login)
      : await browser.request(next);
    const location = response.headers.get('location');
    if (location === null) assert.fail(`${String(response.status)}: ${await response.text()}`);
    const url = new URL(location, server.url);
    if (!/^\/(pages|sign-in)\//.test(url.pathname)) return url;
    next = url.pathname + url.search;
  }
  return assert.fail('the redirects have no end');
}

async function answerPage(browser: CookieBrowser, page: string, login: string): Promise<Response> {
  const { prompt } = (await (await browser.request(page)).json()) as { readonly prompt: string };
  const answer = prompt === 'consent' ? 'agree' : `as=${login}`;
  return browser.request(`${page}?${answer}`, { method: 'POST' });
}

/** A code for a login at a client. */
export async function codeFor(
  server: EngineServer,
  clientId: string,
  options: {
    readonly issuer?: string;
    readonly login?: string;
    readonly browser?: CookieBrowser;
    readonly changes?: Form;
  } = {},
): Promise<string> {
  const { issuer = 'one', login = 'alice', changes = {} } = options;
  const browser = options.browser ?? new CookieBrowser(server.url);
  const url = await follow(server, browser, authorizePath(issuer, clientId, changes), login);
  const code = url.searchParams.get('code');
  if (code === null) assert.fail(`no code: ${url.search}`);
  return code;
}

/** A POST of a form with a client's credentials: in Basic, or with `secret: undefined` in the form alone. */
export async function post(
  server: EngineServer,
  path: string,
  form: Form | string,
  client?: { readonly id: string; readonly secret?: string },
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const basic = client === undefined ? {} : { authorization: basicOf(client.id, client.secret ?? 'secret') };
  const response = await observedFetch(server.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...basic, ...headers },
    body: typeof form === 'string' ? form : queryOf(form),
  });
  return answerOf(response);
}

function basicOf(id: string, secret: string): string {
  return `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
}

export async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  const body = (text === '' ? {} : JSON.parse(text)) as Readonly<Record<string, unknown>>;
  return { status: response.status, headers: response.headers, body };
}

/** Redeems a code as a confidential client does. */
export function redeem(
  server: EngineServer,
  clientId: string,
  code: string,
  changes: Form = {},
  issuer = 'one',
): Promise<Answer> {
  const form = {
    grant_type: 'authorization_code',
    code,
    redirect_uri: callback,
    code_verifier: verifier,
    ...changes,
  };
  return post(server, `/api/${issuer}/token`, form, { id: clientId });
}

/** The tokens of a whole sign-in. */
export async function tokensFor(
  server: EngineServer,
  clientId: string,
  options: NonNullable<Parameters<typeof codeFor>[2]> = {},
): Promise<Readonly<Record<string, string>>> {
  const answer = await redeem(
    server,
    clientId,
    await codeFor(server, clientId, options),
    {},
    options.issuer ?? 'one',
  );
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return answer.body as Readonly<Record<string, string>>;
}

export async function userinfo(server: EngineServer, token: string, issuer = 'one'): Promise<Answer> {
  const headers = { authorization: `Bearer ${token}` };
  return answerOf(await observedFetch(`${server.url}/api/${issuer}/userinfo`, { headers }));
}

export function claimsOf(token: unknown): JWTPayload {
  return decodeJwt(String(token));
}

export function headerOf(token: unknown): ReturnType<typeof decodeProtectedHeader> {
  return decodeProtectedHeader(String(token));
}

/** Why the last request was refused, as the audit has it. */
export function lastReason(server: EngineServer): string | undefined {
  const event = server.audit.events.at(-1);
  return event !== undefined && 'error' in event ? event.error : undefined;
}
