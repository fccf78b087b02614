/** The authenticators that take a JWT in the form field `jwt`: authn-jwt, authn-gcp, authn-azure, authn-k8s. */
import { authenticateByAzureToken } from '../../domain/authn/azure/authenticate.ts';
import { authenticateByGcpToken } from '../../domain/authn/gcp/authenticate.ts';
import { authenticateByJwt } from '../../domain/authn/jwt/authenticate.ts';
import { authenticateByServiceAccount } from '../../domain/authn/k8s/authenticate.ts';
import { LatchkeyError } from '../../domain/errors.ts';
import type { Services } from '../../domain/services.ts';
import { readBody } from '../body.ts';
import type { RequestContextOf } from '../context.ts';
import { sendToken } from './access-token.ts';
import { accountOf } from './path.ts';
import type { Handler, Route } from './routing.ts';

const maxBodyBytes = 64 * 1_024;

export function jwtRoutes(services: Services): readonly Route[] {
  const [jwt, gcp] = [postJwt(services), postGcp(services)];
  const azure = postAs(services, authenticateByAzureToken);
  const kubernetes = postAs(services, authenticateByServiceAccount);
  return [
    ['post', '/authn-jwt/:account/authenticate', jwt],
    ['post', '/authn-jwt/:service/:account/authenticate', jwt],
    ['post', '/authn-jwt/:service/:account/:login/authenticate', jwt],
    // A login in the URL would let a token of one workload in as another.
    ['post', '/authn-gcp/:account/authenticate', gcp],
    ['post', '/authn-azure/:account/:login/authenticate', azure],
    ['post', '/authn-azure/:service/:account/:login/authenticate', azure],
    ['post', '/authn-k8s/:account/:login/authenticate', kubernetes],
    ['post', '/authn-k8s/:service/:account/:login/authenticate', kubernetes],
    ['post', '/authn-k8s/:service/inject_client_cert', refuseCertificate()],
  ];
}

/** POST /authn-jwt/:service/:account(/:login)/authenticate */
function postJwt(services: Services): Handler {
  return async (ctx, { account, service, login }) => {
    const presented = { jwt: await jwtOf(ctx), ...(login === undefined ? {} : { login }) };
    const { request } = ctx.state;
    sendToken(ctx, await authenticateByJwt(services, request, accountOf(account), service, presented));
  };
}

/** POST /authn-gcp/:account/authenticate */
function postGcp(services: Services): Handler {
  return async (ctx, { account }) => {
    const jwt = await jwtOf(ctx);
    sendToken(ctx, await authenticateByGcpToken(services, ctx.state.request, accountOf(account), jwt));
  };
}

/** POST /authn-azure(/:service)/:account/:login/authenticate, and the same of authn-k8s */
function postAs(
  services: Services,
  authenticate: typeof authenticateByAzureToken | typeof authenticateByServiceAccount,
): Handler {
  return async (ctx, { account, service, login = '' }) => {
    const presented = { jwt: await jwtOf(ctx), login };
    sendToken(ctx, await authenticate(services, ctx.state.request, accountOf(account), service, presented));
  };
}

/** Certificates are put into pods over the Kubernetes API, which this service does not call. */
function refuseCertificate(): Handler {
  return () => {
    throw new LatchkeyError('NOT_SERVED');
  };
}

const plainForm = /^jwt=([\w.-]+)$/;

/** The form field `jwt`, whatever type the body says it has; of several the last. */
async function jwtOf(ctx: RequestContextOf): Promise<string | undefined> {
  const text = (await readBody(ctx, maxBodyBytes)).toString('latin1');
  // What clients send: one field, nothing to decode.
  return plainForm.exec(text)?.[1] ?? new URLSearchParams(text).getAll('jwt').at(-1);
}
