/** A small stand-in for the service: one account, a few roles, answers in the shapes of the public API. */
import type { ServerResponse } from 'node:http';
import type { Handler, SeenRequest } from './support.ts';

export const adminKey = '3h9p1a2adminkey0000000000000000000000000000000000001';
export const adminPassword = 'Correct-Horse-22';
export const hostKey = '1hostkey00000000000000000000000000000000000000000001';
export const rotatedKey = '2rotated0000000000000000000000000000000000000000001';
export const idToken = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl';

export interface FakeService {
  readonly handler: Handler;
  /** By variable id; the newest value. */
  readonly values: Map<string, Buffer>;
  readonly keys: Map<string, string>;
  /** Seconds; of the tokens that are issued. */
  lifetimeSeconds: number;
}

export function tokenFor(
  login: string,
  lifetimeSeconds = 480,
  issuedAt = Math.floor(Date.now() / 1_000),
): string {
  const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64');
  const payload = encode({ sub: login, iat: issuedAt, exp: issuedAt + lifetimeSeconds });
  return JSON.stringify({ protected: encode({ alg: 'HS256', kid: 'k' }), payload, signature: 'c2ln' });
}

function reply(
  response: ServerResponse,
  status: number,
  body: unknown = '',
  headers: Record<string, string> = {},
): void {
  const text = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
  response.writeHead(status, headers).end(text);
}

function basicOf(request: SeenRequest): readonly [string, string] {
  const [, encoded = ''] = /^Basic (.+)$/.exec(request.headers.authorization ?? '') ?? [];
  const text = Buffer.from(encoded, 'base64').toString();
  return [text.slice(0, text.indexOf(':')), text.slice(text.indexOf(':') + 1)];
}

function userOf(request: SeenRequest): string | undefined {
  const [, encoded] = /^Token token="(.*)"$/.exec(request.headers.authorization ?? '') ?? [];
  if (encoded === undefined) return undefined;
  const token = JSON.parse(Buffer.from(encoded, 'base64').toString()) as { readonly payload: string };
  return (JSON.parse(Buffer.from(token.payload, 'base64').toString()) as { readonly sub: string }).sub;
}

function notFound(id: string): unknown {
  return {
    error: { code: 'not_found', message: `CONJ00076E Variable acme:variable:${id} is empty or not found.` },
  };
}

export function fakeService(): FakeService {
  const service: FakeService = {
    values: new Map(),
    keys: new Map([
      ['admin', adminKey],
      ['host/app/one', hostKey],
    ]),
    lifetimeSeconds: 480,
    handler: (request, response) => {
      const url = new URL(request.target, 'http://x');
      const path = url.pathname.split('/').slice(1).map(decodeURIComponent);
      if (!answerAsNobody(service, request, response, path))
        answerAsUser(service, request, response, url, path);
    },
  };
  return service;
}

/** The paths that need no access token. */
function answerAsNobody(
  service: FakeService,
  request: SeenRequest,
  response: ServerResponse,
  path: readonly string[],
): boolean {
  const shape = `${request.method} /${path.join('/')}`;
  const [login, password] = basicOf(request);
  const known =
    login !== '' &&
    (password === service.keys.get(login) || (login === 'admin' && password === adminPassword));
  const issue = (role: string): void => {
    const token = Buffer.from(tokenFor(role, service.lifetimeSeconds)).toString('base64');
    reply(response, 200, token, { 'content-encoding': 'base64', 'content-type': 'text/plain' });
  };
  if (shape === 'GET /') reply(response, 200, { version: '1.24.0-1' });
  else if (shape === 'GET /authn/acme/login') {
    if (known) reply(response, 200, service.keys.get(login));
    else reply(response, 401);
  } else if (request.method === 'POST' && path[0] === 'authn' && path[3] === 'authenticate') {
    const role = path[2] ?? '';
    if (service.keys.get(role) === request.body.toString()) issue(role);
    else reply(response, 401);
  } else if (shape === 'POST /authn-oidc/okta/acme/authenticate') {
    if (new URLSearchParams(request.body.toString()).get('id_token') === idToken) issue('alice');
    else reply(response, 401);
  } else if (shape === 'PUT /authn/acme/api_key' && login !== '') {
    if (known) service.keys.set(login, rotatedKey);
    reply(response, known ? 200 : 401, known ? rotatedKey : '');
  } else if (shape === 'PUT /authn/acme/password') {
    if (!known) reply(response, 401);
    else if (request.body.length >= 12) reply(response, 204);
    else
      reply(response, 422, { error: { code: 'validation_failed', message: 'password CONJ00046E too weak' } });
  } else return false;
  return true;
}

function answerAsUser(
  service: FakeService,
  request: SeenRequest,
  response: ServerResponse,
  url: URL,
  path: readonly string[],
): void {
  const user = userOf(request);
  const id = path.slice(3).join('/');
  const shape = `${request.method} /${path[0] ?? ''}`;
  if (user === undefined) reply(response, 401, 'Authorization missing');
  else if (shape === 'GET /whoami') {
    const when = '2025-01-02T03:04:05.000+00:00';
    reply(response, 200, {
      client_ip: '127.0.0.1',
      user_agent: null,
      account: 'acme',
      username: user,
      token_issued_at: when,
    });
  } else if (shape === 'GET /secrets') {
    const value = url.searchParams.get('version') === '9' ? undefined : service.values.get(id);
    if (value === undefined) reply(response, 404, notFound(id));
    else reply(response, 200, value);
  } else if (shape === 'POST /secrets') {
    if (user !== 'admin') reply(response, 403);
    else reply(response, 201);
    if (user === 'admin') service.values.set(id, request.body);
  } else if (path[0] === 'policies') {
    const roles = { 'acme:host:app/one': { id: 'acme:host:app/one', api_key: hostKey } };
    if (request.body.toString().includes('!bad')) {
      reply(response, 422, {
        error: { code: 'policy_invalid', message: 'Error at line 1, column 3 in policy : no such tag.' },
      });
    } else reply(response, 201, { created_roles: roles, version: 3 });
  } else if (shape === 'PUT /authn') reply(response, 200, rotatedKey);
  else if (request.method === 'PATCH') reply(response, path[1] === 'okta' ? 204 : 401);
  else if (path.at(-1) === 'status') {
    if (path[1] === 'okta') reply(response, 200, { status: 'ok' });
    else reply(response, 500, { status: 'error', error: '#<Errors::X: CONJ00004E not enabled>' });
  } else reply(response, 404);
}
