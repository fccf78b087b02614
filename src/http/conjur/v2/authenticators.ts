/** Authenticators: made, shown, switched and removed without a policy. */
import { createAuthenticator } from '../../../domain/authenticator-management/create.ts';
import { deleteAuthenticator } from '../../../domain/authenticator-management/delete.ts';
import { switchAuthenticator } from '../../../domain/authenticator-management/enable.ts';
import { gcpName } from '../../../domain/authenticator-management/kinds.ts';
import { redactedRequest } from '../../../domain/authenticator-management/settings.ts';
import { listAuthenticators, showAuthenticator } from '../../../domain/authenticator-management/show.ts';
import { LatchkeyError } from '../../../domain/errors.ts';
import { pageFault, readPage } from '../../../domain/paging.ts';
import type { Services } from '../../../domain/services.ts';
import { accountOf, queryParameter } from '../path.ts';
import type { Handler, Params, Route } from '../routing.ts';
import { objectIn, type JsonBody } from './json-body.ts';
import { managed, onOneLine, type Trail } from './managed.ts';

export function managedAuthenticatorRoutes(services: Services): readonly Route[] {
  const one = '/authenticators/:account/:type{/:service}';
  return [
    ['get', '/authenticators/:account', getAll(services)],
    ['post', '/authenticators/:account', post(services)],
    ['get', one, getOne(services)],
    ['patch', one, patch(services)],
    ['delete', one, remove(services)],
  ];
}

function getAll(services: Services): Handler {
  return managed(services, 'authenticators', 'list', async ({ ctx, request, params }) => {
    const given = { limit: queryParameter(ctx, 'limit'), offset: queryParameter(ctx, 'offset') };
    const page = readPage(given, pageInvalid);
    const type = queryParameter(ctx, 'type');
    const account = accountOf(params.account);
    return { status: 200, body: await listAuthenticators(services, request, account, type, page) };
  });
}

function post(services: Services): Handler {
  return managed(services, 'authenticator', 'create', async ({ request, params, text, trail }) => {
    const body = readBody(text);
    trail.body = redactedRequest(body);
    nameCreated(trail, body);
    const account = accountOf(params.account);
    return { status: 201, body: await createAuthenticator(services, request, account, body) };
  });
}

function getOne(services: Services): Handler {
  return managed(services, 'authenticator', 'get', async ({ request, params, trail }) => {
    const { type, name } = nameOf(params, trail);
    const account = accountOf(params.account);
    return { status: 200, body: await showAuthenticator(services, request, account, type, name) };
  });
}

function patch(services: Services): Handler {
  return managed(services, 'authenticator', 'enable', async ({ request, params, text, trail }) => {
    const { type, name } = nameOf(params, trail);
    const body = readBody(text);
    const plain = Object.keys(body).every((field) => field === 'enabled');
    trail.body = plain ? onOneLine(text) : redactedRequest(body);
    const account = accountOf(params.account);
    return {
      status: 200,
      body: await switchAuthenticator(services, request, account, type, name, body),
    };
  });
}

function remove(services: Services): Handler {
  return managed(services, 'authenticator', 'delete', async ({ request, params, trail }) => {
    const { type, name } = nameOf(params, trail);
    await deleteAuthenticator(services, request, accountOf(params.account), type, name);
    return { status: 204 };
  });
}

/** Which authenticator a path names. The one of GCP needs no name. */
function nameOf(params: Params, trail: Trail): { readonly type: string; readonly name: string } {
  const { type = '', service = type === 'gcp' ? gcpName : undefined } = params;
  if (service === undefined) throw new LatchkeyError('ROUTE_NOT_FOUND');
  if (isMessageId(type)) trail.resourceType = `authn-${type}`;
  trail.name = service;
  return { type, name: service };
}

function nameCreated(trail: Trail, body: JsonBody): void {
  const type = Object.hasOwn(body, 'type') ? body['type'] : undefined;
  const name = Object.hasOwn(body, 'name') ? body['name'] : undefined;
  if (typeof type === 'string' && isMessageId(type)) trail.resourceType = type;
  if (typeof name === 'string') trail.name = name;
}

/** Whether a type that somebody sent can be the message id of a record (RFC 5424 section 6.2.7). */
function isMessageId(type: string): boolean {
  return /^[a-z0-9-]{1,20}$/.test(type);
}

/** @throws LatchkeyError `AUTHENTICATOR_BODY_INVALID` */
function readBody(text: string): JsonBody {
  if (text.trim() === '') {
    throw new LatchkeyError('AUTHENTICATOR_BODY_INVALID', { detail: 'Request body is empty' });
  }
  const body = objectIn(text);
  if (body === undefined) throw new LatchkeyError('AUTHENTICATOR_BODY_INVALID');
  return body;
}

/** Here a mistake is one of the parameters of a request like any other. */
function pageInvalid(parameter: 'limit' | 'offset'): LatchkeyError {
  return new LatchkeyError('PARAMETER_INVALID', { detail: pageFault(parameter) });
}
