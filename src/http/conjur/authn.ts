/** Authentication, and the administration of authenticators. */
import {
  enableAuthenticator,
  listAuthenticators,
  type AuthenticatorName,
} from '../../domain/authn/authenticators.ts';
import { authenticateByApiKey } from '../../domain/authn/login.ts';
import { checkAuthenticator } from '../../domain/authn/status.ts';
import { LatchkeyError, type ErrorCode } from '../../domain/errors.ts';
import type { Services } from '../../domain/services.ts';
import { readBody } from '../body.ts';
import { sendToken } from './access-token.ts';
import { sendJson } from './json.ts';
import { accountOf } from './path.ts';
import { actorRequest, type Params, type Handler } from './routing.ts';

const maxCredentialBytes = 64 * 1024;

/** POST /authn/:account/:login/authenticate */
export function postAuthenticate(services: Services): Handler {
  return async (ctx, params) => {
    const secret = await readBody(ctx, maxCredentialBytes);
    const presented = { login: params.login ?? '', secret };
    sendToken(
      ctx,
      await authenticateByApiKey(services, ctx.state.request, accountOf(params.account), presented),
    );
  };
}

/** A login sent with raw slashes names no role. */
export function refuseAuthenticate(): Handler {
  return () => {
    throw new LatchkeyError('CREDENTIALS_INVALID');
  };
}

/** GET /authenticators */
export function getAuthenticators(services: Services): Handler {
  return async (ctx) => {
    sendJson(ctx, await listAuthenticators(services));
  };
}

/** PATCH /:authenticator(/:service)/:account: form `enabled=true`, or JSON */
export function patchAuthenticator(services: Services): Handler {
  return async (ctx, params) => {
    const account = accountOf(params.account);
    const body = await readBody(ctx, maxCredentialBytes);
    if (ctx.state.actor === undefined) throw new LatchkeyError('CREDENTIALS_MISSING');
    const enabled = isSwitchedOn(body.toString(), ctx.req.headers['content-type']);
    try {
      await enableAuthenticator(services, actorRequest(ctx), account, nameOf(params), enabled);
    } catch (error) {
      if (error instanceof LatchkeyError && error.code === 'ACCESS_TOKEN_ROLE_GONE') {
        throw new LatchkeyError('CREDENTIALS_INVALID', { cause: error });
      }
      throw error;
    }
    ctx.status = 204;
  };
}

/** Only `true`, in any case, switches on; everything else switches off. */
function isSwitchedOn(body: string, contentType: string | undefined): boolean {
  if (/^application\/json\b/i.test(contentType ?? '')) {
    let value: unknown;
    try {
      value = JSON.parse(body);
    } catch (error) {
      throw new LatchkeyError('BODY_INVALID', { cause: error });
    }
    const enabled =
      typeof value === 'object' && value !== null && 'enabled' in value ? value.enabled : undefined;
    return enabled === true || (typeof enabled === 'string' && isTrue(enabled));
  }
  return isTrue(new URLSearchParams(body).get('enabled') ?? '');
}

function isTrue(text: string): boolean {
  return text.trim().toLowerCase() === 'true';
}

const statusOfFailure: Partial<Record<ErrorCode, number>> = {
  AUTHENTICATOR_NOT_SUPPORTED: 404,
  WEBSERVICE_NOT_FOUND: 404,
  ROLE_NOT_AUTHORIZED: 403,
  STATUS_NOT_SUPPORTED: 501,
};

/** GET /:authenticator(/:service)/:account/status */
export function getStatus(services: Services): Handler {
  return async (ctx, params) => {
    if (ctx.state.actor === undefined) throw new LatchkeyError('CREDENTIALS_MISSING');
    ctx.state.answerFailure = ({ code, conjurName }) => {
      if (conjurName === undefined) return false;
      ctx.status = statusOfFailure[code] ?? 500;
      sendJson(ctx, { status: 'error', error: conjurName });
      return true;
    };
    const { warnings } = await checkAuthenticator(
      services,
      actorRequest(ctx),
      accountOf(params.account),
      nameOf(params),
    );
    sendJson(ctx, { status: 'ok', ...(warnings.length === 0 ? {} : { warnings }) });
  };
}

/** `authn-oidc` and `okta`, also where a client encoded the slash between them. */
function nameOf(params: Params): AuthenticatorName {
  const [kind = '', ...rest] = (params.authenticator ?? '').split('/');
  const serviceId = [...rest, ...(params.service === undefined ? [] : [params.service])].join('/');
  return { kind, serviceId: serviceId === '' ? undefined : serviceId };
}
