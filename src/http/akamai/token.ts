/** `POST /{customerId}/login/token`. */
import { LatchkeyError } from '../../domain/errors.ts';
import {
  requestConfigurationToken,
  type TokenParameters,
} from '../../domain/provider/akamai/token-request.ts';
import type { Services } from '../../domain/services.ts';
import type { RequestContextOf } from '../context.ts';
import type { Engine } from '../engine/engine-types.ts';
import { sendJson } from './errors.ts';
import { readForm, type Form } from './form.ts';
import { serveIssuer } from './issuer.ts';
import type { Handler } from './routing.ts';

/** The grants of clients that sign people in. */
const signInGrants = new Set(['authorization_code', 'refresh_token']);

/** Configuration clients get their tokens from the domain, all others from the engine. */
export function postToken(services: Services, engine: Engine): Handler {
  return async (ctx, { customerId = '' }) => {
    const reading = readForm(ctx);
    const form = await reading.catch(() => undefined);
    if (form !== undefined && signInGrants.has(form.get('grant_type') ?? '')) {
      // Where the engine looks for what was read already.
      Object.assign(ctx.request, { body: Object.fromEntries(form) });
      await serveIssuer(services, engine, ctx, customerId, 'token');
      return;
    }
    const request = { ...ctx.state.request, customerId };
    const token = await requestConfigurationToken(services, request, async (identified) => {
      const parameters = parametersOf(ctx, await reading);
      identified(parameters.clientId);
      return parameters;
    });
    ctx.set('Pragma', 'no-cache');
    sendJson(ctx, {
      access_token: token.accessToken,
      expires_in: token.lifetimeSeconds,
      token_type: 'Bearer',
      scope: token.scopes.join(' '),
    });
  };
}

function parametersOf(ctx: RequestContextOf, form: Form): TokenParameters {
  const credentials = credentialsOf(ctx.req.headers.authorization, form);
  const grantType = form.get('grant_type');
  if (grantType === undefined) throw invalidRequest('grant_type is missing');
  return { ...credentials, grantType, scope: form.get('scope') };
}

/**
 * The client's credentials: Basic, or in the body, but not both (RFC 6749 section 2.3.1).
 * @throws LatchkeyError `OAUTH_INVALID_CLIENT`: there are none, or they cannot be read
 * @throws LatchkeyError `OAUTH_INVALID_REQUEST`: there are two
 */
function credentialsOf(
  authorization: string | undefined,
  form: Form,
): Pick<TokenParameters, 'clientId' | 'clientSecret'> {
  const [id, secret] = [form.get('client_id'), form.get('client_secret')];
  if (authorization === undefined) {
    if (id === undefined) throw invalidClient('no credentials were sent');
    return { clientId: id, clientSecret: secret ?? '' };
  }
  if (secret !== undefined) throw invalidRequest('Client credentials are in the header and in the body');
  const basic = basicCredentials(authorization);
  if (id !== undefined && id !== basic.clientId) throw invalidRequest('client_id is not that of the header');
  return basic;
}

/** Both parts are encoded as in a form (RFC 6749 section 2.3.1), which changes none of ours. */
function basicCredentials(authorization: string): Pick<TokenParameters, 'clientId' | 'clientSecret'> {
  const encoded = /^Basic +([A-Za-z0-9+/=_-]+) *$/i.exec(authorization)?.[1];
  const text = encoded === undefined ? '' : Buffer.from(encoded, 'base64').toString();
  const colon = text.indexOf(':');
  if (colon === -1) throw invalidClient('the Authorization header holds no Basic credentials');
  return { clientId: formDecoded(text.slice(0, colon)), clientSecret: formDecoded(text.slice(colon + 1)) };
}

function formDecoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw invalidClient('the Basic credentials are not encoded as in a form');
  }
}

function invalidClient(detail: string): LatchkeyError {
  return new LatchkeyError('OAUTH_INVALID_CLIENT', { detail });
}

function invalidRequest(advice: string): LatchkeyError {
  return new LatchkeyError('OAUTH_INVALID_REQUEST', { detail: advice, advice });
}
