/** The issuer of Akeyless' dialect: one for all apps of the account. */
import { randomUUID } from 'node:crypto';
import type { JWK } from 'jose';
import type { AccountView } from '../../domain/accounts/authority.ts';
import type { AccountState } from '../../domain/accounts/account-state.ts';
import { appKeyName } from '../../domain/provider/akeyless/app.ts';
import { isAssigned } from '../../domain/provider/akeyless/assignment.ts';
import {
  grantedClaims,
  specialScopes,
  subjectOf,
  type Caller,
} from '../../domain/provider/akeyless/caller.ts';
import { grantedScopes, tokenExchange } from '../../domain/provider/akeyless/exchange.ts';
import { shownKeyId } from '../../domain/provider/akeyless/ids.ts';
import { withoutProtocolClaims } from '../../domain/provider/engine/protocol-claims.ts';
import { keyNamed, publishedJwks } from '../../domain/provider/keys/ring.ts';
import type { ClientRecord, IdentifiersRecord } from '../../domain/provider/registry/records.ts';
import type { Services } from '../../domain/services.ts';
import type { Authorization, EndpointPaths, IssuerSpec, JwtParts } from '../engine/types.ts';
import { exchangeGrant } from './exchange.ts';

/** Where the endpoints are, below the issuer. */
export const endpointPaths = {
  authorization: '/oauth2/auth',
  token: '/oauth2/token',
  userinfo: '/userinfo',
  jwks: '/.well-known/jwks.json',
  introspection: '/oauth2/introspect',
  revocation: '/oauth2/revoke',
  endSession: '/oauth2/logout',
} as const satisfies EndpointPaths;

export function issuerPath({ accountId }: Pick<IdentifiersRecord, 'accountId'>): string {
  return `/oidc/provider/${accountId}`;
}

/** The issuer identifier, without a slash at its end. */
export function issuerOf(
  services: Pick<Services, 'publicOrigin'>,
  identifiers: Pick<IdentifiersRecord, 'accountId'>,
): string {
  return services.publicOrigin() + issuerPath(identifiers);
}

/** The issuer as the engine takes it. */
export function issuerSpec(
  services: Services,
  view: AccountView,
  identifiers: Pick<IdentifiersRecord, 'accountId'>,
): IssuerSpec {
  const path = issuerPath(identifiers);
  return {
    id: `akeyless.${identifiers.accountId}`,
    dialect: 'akeyless',
    issuer: issuerOf(services, identifiers),
    origin: services.publicOrigin(),
    pagePath: path,
    apiPath: path,
    paths: endpointPaths,
    scopesSupported: scopesOfApps(view),
    consent: true,
    client: appOf,
    mayUse: ({ state }, authorization) =>
      isPermitted(state, authorization)
        ? { allowed: true }
        : { allowed: false, reason: 'no permission assignment of the app fits the role' },
    subject: ({ state }, authorization) => {
      const caller = callerOf(authorization);
      return caller === undefined ? authorization.client.clientId : subjectOf(state, caller);
    },
    claims: ({ state }, authorization) => {
      const caller = callerOf(authorization);
      return caller === undefined ? {} : grantedClaims(state, caller, authorization.scopes);
    },
    scopesAllowed: (_view, client, scopes) => grantedScopes(client, scopes),
    publishedKeys: ({ state }) => shownKeys(state, services.clock.now()),
    shape,
    discovery: (document) => ({
      ...document,
      grant_types_supported: [tokenExchange, 'authorization_code', 'refresh_token'],
      scopes_supported: ['openid', 'offline_access', 'ClientUniqueId', 'login', 'groups'],
      claims_supported: ['iss', 'sub', 'aud', 'exp', 'iat', 'auth_time', 'ClientUniqueId', 'login', 'groups'],
    }),
    grants: { [tokenExchange]: exchangeGrant(services) },
  };
}

/** What any app may ask for: each app is held to its own. */
function scopesOfApps({ state }: AccountView): readonly string[] {
  const scopes = state.registry.clientsOf('akeyless').flatMap((app) => app.scopes);
  return [...new Set(scopes)].filter((scope) => !specialScopes.includes(scope)).sort();
}

function appOf({ state }: AccountView, clientId: string): ClientRecord | undefined {
  const client = state.registry.get('oidc-client', clientId);
  return client?.dialect === 'akeyless' && !client.disabled ? client : undefined;
}

/** How the role of an authorization proved itself is kept with it; a browser's sign-in says so, too. */
function callerOf({ role, attributes }: Authorization): Caller | undefined {
  if (role === undefined) return undefined;
  const { authenticator } = attributes;
  return { role, authenticator: typeof authenticator === 'string' ? authenticator : undefined };
}

function isPermitted(state: AccountState, authorization: Authorization): boolean {
  const caller = callerOf(authorization);
  return caller !== undefined && isAssigned(state, authorization.client.permissions, caller);
}

function shownKeys(state: AccountState, now: number): readonly JWK[] {
  const key = keyNamed(state, appKeyName);
  if (key === undefined) return [];
  return publishedJwks(key, now).map((jwk) => ({ ...jwk, kid: shownKeyId(jwk.kid ?? '') }));
}

/** What Akeyless' access tokens do not say, or say by another name. */
const left: ReadonlySet<string> = new Set(['client_id', 'scope', 'auth_time']);

/**
 * Tokens as Akeyless makes them: `typ` is JWT in both; an access token has its audiences as a list, empty
 * where none were asked for, its scopes in `scp`, and the granted claims both in `ext` and beside it; an ID
 * token has the client id as its only audience.
 */
function shape(
  use: 'id_token' | 'access_token',
  { header, claims }: JwtParts,
  authorization: Authorization,
): JwtParts {
  const kid = typeof header['kid'] === 'string' ? { kid: shownKeyId(header['kid']) } : {};
  const shown = { ...header, ...kid, typ: 'JWT' };
  if (use === 'id_token') {
    return { header: shown, claims: { jti: randomUUID(), ...claims, aud: [authorization.client.clientId] } };
  }
  const others = Object.fromEntries(Object.entries(claims).filter(([name]) => !left.has(name)));
  const ext = withoutProtocolClaims(others);
  const { scopes, audiences } = authorization;
  return { header: shown, claims: { nbf: claims['iat'], ...others, aud: audiences, scp: scopes, ext } };
}
