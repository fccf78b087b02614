/** The token endpoint (RFC 6749 section 3.2). */
import type Provider from 'oidc-provider';
import { LatchkeyError } from '../../domain/errors.ts';
import type { RequestContextOf } from '../context.ts';
import { throughLibrary } from './bridge.ts';
import { rawBasicInBody } from './basic-credentials.ts';
import { clientIn, exchangeOf, type Exchange, type Issuer } from './exchange.ts';
import { asLibraryError } from './failures.ts';
import { authorizationCode } from './grants/authorization-code.ts';
import { clientCredentials } from './grants/client-credentials.ts';
import { refreshToken } from './grants/refresh-token.ts';
import { tokenExchange, tokenExchangeType } from './grants/token-exchange.ts';
import { libraryRoutes } from './library.ts';
import { formParameters, joinRepeated } from './parameters.ts';
import type { Serving } from './serving.ts';
import type { ClientGrant } from '../../domain/provider/registry/records.ts';
import type { GrantHandler, IssuerEngine } from './types.ts';

/** The grants of the engine, by the names that clients' records have for them. */
const clientGrants: Readonly<Record<string, ClientGrant>> = {
  authorization_code: 'authorization_code',
  refresh_token: 'refresh_token',
  client_credentials: 'client_credentials',
  [tokenExchangeType]: 'token_exchange',
};

export async function serveToken(serving: Serving): Promise<void> {
  const { ctx, issuer, provider, exchange } = serving;
  const { spec } = issuer;
  if (ctx.method === 'OPTIONS') {
    await throughLibrary(provider, ctx, { method: 'OPTIONS', path: libraryRoutes.token }, spec.origin);
    return;
  }
  const parameters = await formParameters(ctx);
  const without =
    spec.rawBasicCredentials === true ? rawBasicInBody(ctx, issuer, exchange.view, parameters) : [];
  noteClient(ctx, exchange, parameters);
  exchange.grantType = (parameters.get('grant_type') ?? '').slice(0, maxAuditedLength);
  joinRepeated(parameters, handlersOf(issuer)[exchange.grantType]?.repeatable ?? []);
  const form = parameters.toString();
  await throughLibrary(
    provider,
    ctx,
    { method: 'POST', path: libraryRoutes.token, form, without },
    spec.origin,
  );
  if (spec.rawBasicCredentials === true && ctx.status === 401) ctx.set('WWW-Authenticate', 'Basic');
  ctx.set('Pragma', 'no-cache');
}

const maxAuditedLength = 256;

/** The client as it calls itself, for the audit, before it is known whether it is that. */
export function noteClient(ctx: RequestContextOf, exchange: Exchange, parameters: URLSearchParams): void {
  const basic = /^basic +([A-Za-z0-9+/]+=*)$/i.exec(ctx.req.headers.authorization ?? '')?.[1];
  const [user = ''] = basic === undefined ? [] : Buffer.from(basic, 'base64').toString('utf8').split(':', 1);
  exchange.clientId = (user === '' ? (parameters.get('client_id') ?? '') : user).slice(0, maxAuditedLength);
}

/** Has the grants of an issuer handled: the dialect's own before the engine's. */
export function registerGrants(provider: Provider, issuer: Issuer, engine: () => IssuerEngine): void {
  for (const [grantType, handler] of Object.entries(handlersOf(issuer))) {
    const handle = async (ctx: RequestContextOf): Promise<void> => {
      await handleGrant(ctx, issuer, engine(), grantType, handler);
    };
    provider.registerGrantType(grantType, handle, [...handler.parameters]);
  }
}

function handlersOf(issuer: Issuer): Readonly<Record<string, GrantHandler>> {
  return {
    authorization_code: authorizationCode(issuer),
    refresh_token: refreshToken(issuer),
    client_credentials: clientCredentials(issuer),
    [tokenExchangeType]: tokenExchange(issuer),
    ...issuer.spec.grants,
  };
}

async function handleGrant(
  ctx: RequestContextOf,
  issuer: Issuer,
  engine: IssuerEngine,
  grantType: string,
  handler: GrantHandler,
): Promise<void> {
  const exchange = exchangeOf(ctx);
  if (exchange === undefined)
    throw new LatchkeyError('INTERNAL', { detail: 'a grant outside of an exchange' });
  const { oidc } = ctx as unknown as { readonly oidc: LibraryContext };
  try {
    const client = clientIn(issuer, exchange.view, oidc.client.clientId);
    if (client === undefined)
      throw new LatchkeyError('OAUTH_INVALID_CLIENT', { detail: 'the client is gone' });
    exchange.clientId = client.clientId;
    requireGrant(client, grantType, handler);
    ctx.body = await handler.handle({
      ctx,
      view: exchange.view,
      issuer: engine,
      client,
      parameters: oidc.params,
      about: (role, scopes) => {
        if (role !== undefined) exchange.role = role;
        if (scopes !== undefined) exchange.scopes = scopes;
      },
    });
  } catch (error) {
    exchange.failure = error;
    throw asLibraryError(error);
  }
}

interface LibraryContext {
  readonly client: { readonly clientId: string };
  readonly params: Readonly<Record<string, string | undefined>>;
}

/** A dialect that knows no other grant calls one that the client may not use unsupported, as it always did. */
function requireGrant(
  { grants, dialect }: { readonly grants: readonly ClientGrant[]; readonly dialect: string },
  grantType: string,
  { forEveryClient }: GrantHandler,
): void {
  const needed = clientGrants[grantType];
  if (forEveryClient === true || (needed !== undefined && grants.includes(needed))) return;
  const detail = `the client may not use the grant ${grantType}`;
  if (dialect === 'vault') throw new LatchkeyError('OAUTH_UNSUPPORTED_GRANT_TYPE', { detail });
  throw new LatchkeyError('OAUTH_UNAUTHORIZED_CLIENT', {
    detail,
    advice: 'this grant is not allowed for the client',
  });
}
