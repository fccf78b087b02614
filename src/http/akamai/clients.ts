/** Clients and their secrets. */
import {
  changeClient,
  createClient,
  deleteClient,
  listClients,
  showClient,
} from '../../domain/provider/akamai/clients.ts';
import {
  addSecret,
  changeSecret,
  deleteSecret,
  listSecrets,
  resetSecret,
  type MadeSecret,
} from '../../domain/provider/akamai/secrets.ts';
import type { Services } from '../../domain/services.ts';
import type { RequestContextOf } from '../context.ts';
import { sendJson } from './errors.ts';
import { clientJson, hrefOf, listJson, secretJson } from './render.ts';
import { bodyOf, configurationRequest } from './request.ts';
import type { Handler, Route } from './routing.ts';

export function clientRoutes(services: Services): readonly Route[] {
  const clients = '/:customerId/config/clients';
  return [
    ['get', clients, getClients(services)],
    ['post', clients, postClient(services)],
    ['get', `${clients}/:id`, getClient(services)],
    ['put', `${clients}/:id`, modifyClient(services, 'PUT')],
    ['patch', `${clients}/:id`, modifyClient(services, 'PATCH')],
    ['delete', `${clients}/:id`, removeClient(services)],
    ['post', `${clients}/:id/secret`, postReset(services)],
    ['get', `${clients}/:id/secrets`, getSecrets(services)],
    ['post', `${clients}/:id/secrets`, postSecret(services)],
    ['patch', `${clients}/:id/secrets/:secretId`, patchSecret(services)],
    ['delete', `${clients}/:id/secrets/:secretId`, removeSecret(services)],
  ];
}

function getClients(services: Services): Handler {
  return async (ctx, { customerId = '' }) => {
    const clients = await listClients(services, configurationRequest(ctx, customerId));
    const items = clients.map(({ clientId, name, type }) => ({ id: clientId, name, type }));
    sendJson(ctx, listJson(customerId, 'clients', items));
  };
}

function postClient(services: Services): Handler {
  return async (ctx, { customerId = '' }) => {
    const body = bodyOf(ctx);
    const { client, secret } = await createClient(services, configurationRequest(ctx, customerId), body);
    ctx.status = 201;
    ctx.set('Location', hrefOf(customerId, 'clients', client.clientId));
    sendJson(ctx, { ...clientJson(customerId, client), ...(secret === undefined ? {} : { secret }) });
  };
}

function getClient(services: Services): Handler {
  return async (ctx, { customerId = '', id = '' }) => {
    const client = await showClient(services, configurationRequest(ctx, customerId), id);
    sendJson(ctx, clientJson(customerId, client));
  };
}

function modifyClient(services: Services, method: 'PUT' | 'PATCH'): Handler {
  return async (ctx, { customerId = '', id = '' }) => {
    const body = bodyOf(ctx);
    const client = await changeClient(services, configurationRequest(ctx, customerId), method, id, body);
    sendJson(ctx, clientJson(customerId, client));
  };
}

function removeClient(services: Services): Handler {
  return async (ctx, { customerId = '', id = '' }) => {
    await deleteClient(services, configurationRequest(ctx, customerId), id);
    ctx.status = 204;
  };
}

function getSecrets(services: Services): Handler {
  return async (ctx, { customerId = '', id = '' }) => {
    const secrets = await listSecrets(services, configurationRequest(ctx, customerId), id);
    sendJson(ctx, { total: secrets.length, _embedded: { secrets: secrets.map(secretJson) } });
  };
}

function postSecret(services: Services): Handler {
  return async (ctx, { customerId = '', id = '' }) => {
    const body = bodyOf(ctx, {});
    sendMade(ctx, await addSecret(services, configurationRequest(ctx, customerId), id, body));
  };
}

function postReset(services: Services): Handler {
  return async (ctx, { customerId = '', id = '' }) => {
    const body = bodyOf(ctx, {});
    sendMade(ctx, await resetSecret(services, configurationRequest(ctx, customerId), id, body));
  };
}

function sendMade(ctx: RequestContextOf, { record, secret }: MadeSecret): void {
  ctx.status = 201;
  sendJson(ctx, { ...secretJson(record), secret });
}

function patchSecret(services: Services): Handler {
  return async (ctx, { customerId = '', id = '', secretId = '' }) => {
    const body = bodyOf(ctx);
    const request = configurationRequest(ctx, customerId);
    sendJson(ctx, secretJson(await changeSecret(services, request, id, secretId, body)));
  };
}

function removeSecret(services: Services): Handler {
  return async (ctx, { customerId = '', id = '', secretId = '' }) => {
    await deleteSecret(services, configurationRequest(ctx, customerId), id, secretId);
    ctx.status = 204;
  };
}
