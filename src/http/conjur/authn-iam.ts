/** authn-iam: a request signed with the credentials of an AWS role, for an access token. */
import { authenticateByIam } from '../../domain/authn/iam/authenticate.ts';
import type { Services } from '../../domain/services.ts';
import { readBody } from '../body.ts';
import { sendToken } from './access-token.ts';
import { accountOf } from './path.ts';
import type { Handler, Route } from './routing.ts';

const maxHeadersBytes = 64 * 1024;

/** The routes of authn-iam, with and without a service. */
export function iamRoutes(services: Services): readonly Route[] {
  const authenticate = postAuthenticate(services);
  return [
    ['post', '/authn-iam/:account/:login/authenticate', authenticate],
    ['post', '/authn-iam/:service/:account/:login/authenticate', authenticate],
  ];
}

/** POST /authn-iam(/:service)/:account/:login/authenticate: the body is a JSON object of signed headers */
function postAuthenticate(services: Services): Handler {
  return async (ctx, params) => {
    const account = accountOf(params.account);
    const body = (await readBody(ctx, maxHeadersBytes)).toString();
    sendToken(
      ctx,
      await authenticateByIam(services, ctx.state.request, account, params.service, params.login ?? '', body),
    );
  };
}
