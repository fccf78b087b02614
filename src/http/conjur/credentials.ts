/** Login, passwords and API keys. */
import { isUtf8 } from 'node:buffer';
import { changePassword } from '../../domain/authn/change-password.ts';
import type { Caller } from '../../domain/authn/credential-subject.ts';
import { login } from '../../domain/authn/login.ts';
import { apiKeyAge, rotateApiKey } from '../../domain/authn/rotate-api-key.ts';
import { LatchkeyError } from '../../domain/errors.ts';
import type { Services } from '../../domain/services.ts';
import { readBody } from '../body.ts';
import type { RequestContextOf } from '../context.ts';
import { sendText } from './access-token.ts';
import { basicCredentials } from './basic-credentials.ts';
import { sendJson } from './json.ts';
import { accountOf, queryParameter } from './path.ts';
import type { Handler, Route } from './routing.ts';

const maxCredentialBytes = 64 * 1024;

/** The rotation of keys answers under the name of whatever authenticator one logged in with. */
export function credentialRoutes(services: Services): readonly Route[] {
  return [
    ['get', '/authn/:account/login', getLogin(services)],
    ['put', '/authn/:account/password', putPassword(services)],
    ['put', '/:authenticator/:account/api_key', putApiKey(services)],
    ['get', '/:authenticator/:account/api_key', getApiKey(services)],
  ];
}

/** GET /authn/:account/login */
function getLogin(services: Services): Handler {
  return async (ctx, params) => {
    const presented = basicCredentials(ctx.req.headers.authorization);
    if (presented === undefined) throw new LatchkeyError('CREDENTIALS_MISSING');
    sendText(ctx, await login(services, ctx.state.request, accountOf(params.account), presented));
  };
}

/** PUT /authn/:account/password */
function putPassword(services: Services): Handler {
  return async (ctx, params) => {
    const account = accountOf(params.account);
    const caller = callerOf(ctx);
    const body = await readBody(ctx, maxCredentialBytes);
    const password = isUtf8(body) ? body.toString() : undefined;
    const named = queryParameter(ctx, 'role');
    await changePassword(services, ctx.state.request, account, caller, named, password);
    ctx.status = 204;
  };
}

/** PUT /:authenticator/:account/api_key */
function putApiKey(services: Services): Handler {
  return async (ctx, params) => {
    const named = queryParameter(ctx, 'role');
    const account = accountOf(params.account);
    sendText(ctx, await rotateApiKey(services, ctx.state.request, account, callerOf(ctx), named));
  };
}

/** GET /:authenticator/:account/api_key */
function getApiKey(services: Services): Handler {
  return async (ctx, params) => {
    const named = queryParameter(ctx, 'role');
    const account = accountOf(params.account);
    const { role, changedAt } = await apiKeyAge(services, ctx.state.request, account, callerOf(ctx), named);
    sendJson(ctx, { role, timestamp: changedAt === undefined ? '' : timeInSeconds(changedAt) });
  };
}

/** ISO 8601 without a fraction, as Conjur has it here alone. */
function timeInSeconds(time: number): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, 'Z');
}

/** @throws LatchkeyError `CREDENTIALS_MISSING`: neither a password or API key, nor an access token */
function callerOf(ctx: RequestContextOf): Caller {
  const presented = basicCredentials(ctx.req.headers.authorization);
  if (presented !== undefined) return { proof: 'credential', presented };
  const { actor } = ctx.state;
  if (actor === undefined) throw new LatchkeyError('CREDENTIALS_MISSING');
  return { proof: 'token', actor };
}
