/** Accounts: listed, made and removed by a role of the pseudo-account `!`. */
import { addAccount, listAccounts, removeAccount } from '../../domain/accounts/administer.ts';
import type { Services } from '../../domain/services.ts';
import { sendJson } from './json.ts';
import { bodyParameters } from './parameters.ts';
import { actorRequest, type Handler, type Route } from './routing.ts';

const maxBytes = 64 * 1024;

export function accountRoutes(services: Services): readonly Route[] {
  return [
    ['get', '/accounts', getAccounts(services)],
    ['post', '/accounts', postAccount(services)],
    ['delete', '/accounts/:account', deleteAccount(services)],
  ];
}

/** GET /accounts */
function getAccounts(services: Services): Handler {
  return async (ctx) => {
    sendJson(ctx, await listAccounts(services, actorRequest(ctx)));
  };
}

/** POST /accounts: `id=` as a form, as JSON or in the query */
function postAccount(services: Services): Handler {
  return async (ctx) => {
    const readName = async (): Promise<string | undefined> =>
      (await bodyParameters(ctx, { maxBytes })).text('id');
    const { account, apiKey } = await addAccount(services, actorRequest(ctx), readName);
    ctx.status = 201;
    sendJson(ctx, { id: account, api_key: apiKey });
  };
}

/** DELETE /accounts/:id */
function deleteAccount(services: Services): Handler {
  return async (ctx, params) => {
    await removeAccount(services, actorRequest(ctx), params.account ?? '');
    ctx.status = 204;
  };
}
