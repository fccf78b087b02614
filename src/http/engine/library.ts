/**
 * An issuer in the library. All that differs from its defaults is here, hooks that it does not
 * document included (each has a test in `test/http/engine/hooks.test.ts`): addresses, signatures, clients'
 * secrets and redirect URIs are never the library's to decide.
 */
import { generateKeyPairSync } from 'node:crypto';
import Provider, { type Configuration, type KoaContextWithOIDC } from 'oidc-provider';
import { secretMatches } from '../../domain/provider/engine/client-secret.ts';
import { redirectUriRegistered } from '../../domain/provider/engine/redirect-uri.ts';
import { roleOfSubjectKey } from '../../domain/provider/identity/subject.ts';
import { adapterOf } from './adapter.ts';
import { clientIn, currentExchange, exchangeOf, type Issuer } from './exchange.ts';
import { loadGrant } from './grant.ts';
import { validateIdTokenHint } from './id-token-hint.ts';
import { mayRedirect } from './redirect.ts';
import { signInPolicy } from './sign-in-policy.ts';
import { revokeOnline, tellOfLogout } from './logout.ts';
import { mayIntrospect, mayRevoke } from './introspection.ts';
import {
  defaultCodeTtlSeconds,
  defaultSessionTtlSeconds,
  interactionTtlSeconds,
  leastGrantTtlSeconds,
} from './times.ts';

const cookieNames = {
  session: 'latchkey_session',
  interaction: 'latchkey_sign_in',
  resume: 'latchkey_resume',
};

/** Where the library thinks its endpoints are: the engine sends it there, and tells clients otherwise. */
export const libraryRoutes = {
  authorization: '/authorize',
  token: '/token',
  introspection: '/introspect',
  revocation: '/revoke',
  end_session: '/logout',
};

/** Makes an issuer's Provider. It holds no state but caches, and can be dropped and made again at any time. */
export function makeProvider(issuer: Issuer, cookieKeys: readonly string[]): Provider {
  const provider = new Provider(issuer.spec.issuer, configurationOf(issuer, cookieKeys));
  overrideAddresses(provider, issuer);
  overrideClients(provider, issuer);
  overrideTokens(provider, issuer);
  noteFailures(provider, issuer);
  return provider;
}

function configurationOf(issuer: Issuer, cookieKeys: readonly string[]): Configuration {
  const { spec } = issuer;
  const secure = spec.origin.startsWith('https:');
  const cookie = { httpOnly: true, sameSite: 'lax', secure, signed: true, overwrite: true } as const;
  const prefixed = (name: string): string => (secure ? `__Secure-${name}` : name);
  return {
    adapter: (kind) => adapterOf(issuer, kind),
    jwks: throwawayKeys(),
    routes: libraryRoutes,
    responseTypes: ['code'],
    conformIdTokenClaims: false,
    scopes: ['openid', 'offline_access', ...(spec.scopesSupported ?? [])],
    claims: { openid: ['sub'] },
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'none'],
    enabledJWA: { idTokenSigningAlgValues: ['EdDSA'] },
    clientDefaults: { id_token_signed_response_alg: 'EdDSA' },
    cookies: {
      keys: [...cookieKeys],
      names: {
        session: prefixed(cookieNames.session),
        interaction: prefixed(cookieNames.interaction),
        resume: prefixed(cookieNames.resume),
      },
      long: { ...cookie, path: spec.pagePath },
      short: cookie,
    },
    expiresWithSession: async () => false,
    allowOmittingSingleRegisteredRedirectUri: false,
    pkce: { required: (_ctx, client) => client.tokenEndpointAuthMethod === 'none' },
    renderError: async (ctx, out) => {
      ctx.body = out;
    },
    clientBasedCORS: (_ctx, _origin, client) => client.tokenEndpointAuthMethod === 'none',
    findAccount: (ctx, subjectKey) => findAccount(ctx, subjectKey),
    loadExistingGrant: (ctx) => loadGrant(issuer, ctx),
    interactions: {
      policy: signInPolicy(issuer),
      url: (_ctx, interaction) => `/sign-in/${spec.id}/${interaction.uid}`,
    },
    ttl: {
      AuthorizationCode: spec.codeTtlSeconds ?? defaultCodeTtlSeconds,
      Interaction: interactionTtlSeconds,
      // Nobody's session is there for the question whether to sign out, which anybody may have asked.
      Session: (_ctx, { accountId }) =>
        accountId === undefined
          ? interactionTtlSeconds
          : (spec.sessionTtlSeconds ?? defaultSessionTtlSeconds),
      Grant: leastGrantTtlSeconds,
    },
    features: {
      devInteractions: { enabled: false },
      dPoP: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      resourceIndicators: { enabled: false },
      userinfo: { enabled: false },
      claimsParameter: { enabled: false },
      introspection: {
        enabled: true,
        allowedPolicy: (ctx, client, token) => mayIntrospect(issuer, exchangeOf(ctx), client.clientId, token),
      },
      revocation: {
        enabled: true,
        allowedPolicy: (_ctx, client, token) => mayRevoke(client.clientId, token),
      },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: { enabled: true, logoutSource: emptyPage, postLogoutSuccessSource: emptyPage },
    },
  };
}

/** What stands there is replaced by a page of the sign-in face. */
async function emptyPage(ctx: KoaContextWithOIDC): Promise<void> {
  ctx.body = '';
}

/**
 * A key that signs nothing: the library does not start without one. Were it to sign all the same, nobody
 * would accept that, as it is never published.
 */
function throwawayKeys(): NonNullable<Configuration['jwks']> {
  const { privateKey } = generateKeyPairSync('ed25519');
  return { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'EdDSA' }] };
}

/** Only whether the role is still there: its claims are for the engine to say. */
function findAccount(ctx: KoaContextWithOIDC, subjectKey: string) {
  const exchange = exchangeOf(ctx);
  const role = exchange === undefined ? undefined : roleOfSubjectKey(exchange.view.state, subjectKey);
  if (exchange === undefined || role === undefined) return undefined;
  exchange.role = role;
  return { accountId: subjectKey, claims: () => ({ sub: subjectKey }) };
}

/** Addresses come from the issuer, whatever the request's Host header says. */
function overrideAddresses(provider: Provider, { spec }: Issuer): void {
  const { origin, pagePath, paths } = spec;
  const endSession = paths.endSession ?? '';
  const pages: Record<string, (options?: Readonly<Record<string, unknown>>) => string> = {
    authorization: () => paths.authorization,
    resume: (options) => `${paths.authorization}/${String(options?.['uid'])}`,
    end_session: () => endSession,
    end_session_confirm: () => `${endSession}/confirm`,
    end_session_success: () => `${endSession}/success`,
  };
  const urlFor = (name: string, options?: Readonly<Record<string, unknown>>): string =>
    `${origin}${pagePath}${pages[name]?.(options) ?? ''}`;
  override(provider.OIDCContext.prototype, 'urlFor', urlFor);
}

function overrideClients(provider: Provider, issuer: Issuer): void {
  const { services, spec } = issuer;
  const recordOf = (clientId: string) => {
    const exchange = currentExchange();
    return exchange === undefined ? undefined : clientIn(issuer, exchange.view, clientId);
  };
  const { prototype } = provider.Client;
  type AnyClient = InstanceType<typeof provider.Client>;
  override(prototype, 'compareClientSecret', function (this: AnyClient, presented: string) {
    const record = recordOf(this.clientId);
    return record !== undefined && secretMatches(services.keyring, record, presented, services.clock.now());
  });
  override(prototype, 'redirectUriAllowed', function (this: AnyClient, uri: string) {
    const record = recordOf(this.clientId);
    return record !== undefined && mayRedirect(spec, record, uri);
  });
  override(prototype, 'postLogoutRedirectUriAllowed', function (this: AnyClient, uri: string) {
    return redirectUriRegistered(uri, recordOf(this.clientId)?.postLogoutRedirectUris ?? []);
  });
  // Which grants a client may use is asked where they are handled.
  override(prototype, 'grantTypeAllowed', () => true);
  override(prototype, 'backchannelLogout', async function (this: AnyClient, subjectKey: string, sid: string) {
    const record = recordOf(this.clientId);
    if (record !== undefined) await tellOfLogout(issuer, record, subjectKey, sid);
  });
}

function overrideTokens(provider: Provider, issuer: Issuer): void {
  const makeValue = issuer.spec.tokenValue;
  if (makeValue !== undefined) {
    override(provider.AuthorizationCode.prototype, 'generateTokenId', () => makeValue('code'));
  }
  override(provider.IdToken, 'validate', async (token: string, client: { readonly clientId: string }) =>
    validateIdTokenHint(issuer, token, client.clientId),
  );
  override(provider.IdToken.prototype, 'issue', () => {
    throw new Error('the library signs nothing');
  });
  overrideSessions(provider, issuer);
}

/** With a session ends what came of it. */
function overrideSessions(provider: Provider, issuer: Issuer): void {
  const { prototype } = provider.Session;
  type AnySession = InstanceType<typeof provider.Session>;
  const before = Object.getOwnPropertyDescriptor(prototype, 'destroy')?.value as (
    this: AnySession,
  ) => Promise<void>;
  override(prototype, 'destroy', async function (this: AnySession) {
    await before.call(this);
    await revokeOnline(issuer, Object.values(this.authorizations ?? {}));
  });
}

/** Sets a member of an instance's own class: each Provider has classes of its own. */
function override(target: object, member: string, value: unknown): void {
  Object.defineProperty(target, member, { value, writable: true, configurable: true });
}

/** Keeps the true reason of each refusal, which the client is not told. */
function noteFailures(provider: Provider, { log }: Issuer): void {
  const note = (ctx: KoaContextWithOIDC, failure: unknown): void => {
    const exchange = exchangeOf(ctx);
    if (exchange !== undefined) exchange.failure ??= failure;
  };
  provider.on('server_error', note);
  provider.on('grant.error', note);
  provider.on('authorization.error', note);
  provider.on('introspection.error', note);
  provider.on('revocation.error', note);
  provider.on('end_session.error', note);
  provider.on('backchannel.error', (_ctx, failure, client) => {
    log.warn({ err: failure, client: client.clientId }, 'a client was not told of a logout');
  });
}
