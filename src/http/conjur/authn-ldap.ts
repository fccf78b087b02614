/** authn-ldap: a directory's password for an API key, and either of them for an access token. */
import { authenticateByLdap, loginByLdap } from '../../domain/authn/ldap/authenticate.ts';
import { LatchkeyError } from '../../domain/errors.ts';
import type { Services } from '../../domain/services.ts';
import { readBody } from '../body.ts';
import { sendText, sendToken } from './access-token.ts';
import { basicCredentials } from './basic-credentials.ts';
import { accountOf } from './path.ts';
import type { Handler, Route } from './routing.ts';

const maxCredentialBytes = 64 * 1024;

/** The routes of authn-ldap, with and without a service. */
export function ldapRoutes(services: Services): readonly Route[] {
  const login = getLogin(services);
  const authenticate = postAuthenticate(services);
  return [
    ['get', '/authn-ldap/:account/login', login],
    ['get', '/authn-ldap/:service/:account/login', login],
    ['post', '/authn-ldap/:account/:login/authenticate', authenticate],
    ['post', '/authn-ldap/:service/:account/:login/authenticate', authenticate],
  ];
}

/** GET /authn-ldap(/:service)/:account/login */
function getLogin(services: Services): Handler {
  return async (ctx, params) => {
    const account = accountOf(params.account);
    const presented = basicCredentials(ctx.req.headers.authorization);
    if (presented === undefined) throw new LatchkeyError('CREDENTIALS_MISSING');
    sendText(ctx, await loginByLdap(services, ctx.state.request, account, params.service, presented));
  };
}

/** POST /authn-ldap(/:service)/:account/:login/authenticate: the body is an API key or a password */
function postAuthenticate(services: Services): Handler {
  return async (ctx, params) => {
    const account = accountOf(params.account);
    const secret = await readBody(ctx, maxCredentialBytes);
    const presented = { login: params.login ?? '', secret };
    sendToken(ctx, await authenticateByLdap(services, ctx.state.request, account, params.service, presented));
  };
}
