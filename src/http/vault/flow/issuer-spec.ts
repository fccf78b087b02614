/** A provider of Vault's dialect as the engine serves it. */
import type { AccountView } from '../../../domain/accounts/authority.ts';
import { keyAllows, keyNamed } from '../../../domain/provider/keys/ring.ts';
import type { ProviderRecord } from '../../../domain/provider/registry/records.ts';
import { randomBase62 } from '../../../domain/provider/random-text.ts';
import { clientIn, keysOf, mayUse, providerWithId } from '../../../domain/provider/vault/flow/lookup.ts';
import { redirectUriRegistered } from '../../../domain/provider/engine/redirect-uri.ts';
import { claimsOfClient, claimsOfRole } from '../../../domain/provider/vault/flow/scope-claims.ts';
import { issuerOf, providerAllows, providerNamed } from '../../../domain/provider/vault/providers.ts';
import type { Services } from '../../../domain/services.ts';
import type { Authorization, IssuerSpec, JwtParts } from '../../engine/types.ts';

type SpecServices = Pick<Services, 'publicOrigin' | 'clock'>;

const idPrefix = 'vault.';

/** As long as Vault's. */
const codeTtlSeconds = 5 * 60;
const codeLength = 32;
const tokenLength = 64;

/** Keeps the claims of templates apart from the protocol's until both are there. */
const scopeClaims = 'vault_scope_claims';

/** The provider that an issuer's id names; undefined once it is gone. */
export function providerOfIssuer(view: AccountView, issuerId: string): ProviderRecord | undefined {
  return issuerId.startsWith(idPrefix) ? providerWithId(view, issuerId.slice(idPrefix.length)) : undefined;
}

/** Describes a provider to the engine. Everything that may change without it is looked up when it is asked for. */
export function issuerSpec(services: SpecServices, provider: ProviderRecord): IssuerSpec {
  const { id, name } = provider;
  const issuer = issuerOf(services, provider);
  const current = ({ state }: AccountView): ProviderRecord => {
    const named = providerNamed(state, name);
    return named?.id === id ? named : { ...provider, allowedClientIds: [] };
  };
  return {
    id: `${idPrefix}${id}`,
    dialect: 'vault',
    issuer,
    origin: new URL(issuer).origin,
    pagePath: `/ui/vault/identity/oidc/provider/${name}`,
    apiPath: `/v1/identity/oidc/provider/${name}`,
    paths: {
      authorization: '/authorize',
      endSession: '/logout',
      token: '/token',
      userinfo: '/userinfo',
      jwks: '/.well-known/keys',
      introspection: '/introspect',
      revocation: '/revoke',
    },
    scopesSupported: provider.scopesSupported,
    openidRequired: true,
    consent: false,
    plainCodeChallenges: true,
    authTimeOnRequestOnly: true,
    rawBasicCredentials: true,
    codeTtlSeconds,
    tokenValue,
    client: (view, clientId) => {
      const client = clientIn(view, clientId);
      return client !== undefined && providerAllows(current(view), clientId) ? client : undefined;
    },
    mayUse: (view, { role, client }) => {
      if (role === undefined || mayUse(view, role, client)) return { allowed: true };
      return { allowed: false, reason: 'no assignment of the client names the role or a group of it' };
    },
    claims: (view, authorization, use) => {
      const claims = claimsFor(services, view, current(view), authorization);
      return use === 'userinfo' ? claims : { namespace: 'root', [scopeClaims]: claims };
    },
    // Nobody is sent anywhere for a client that may not use codes.
    redirectAllowed: ({ redirectUris, grants }, redirectUri) =>
      grants.includes('authorization_code') && redirectUriRegistered(redirectUri, redirectUris),
    keyAllowed: ({ state }, { key, clientId }) => {
      const ring = keyNamed(state, key);
      return ring !== undefined && keyAllows(ring, clientId);
    },
    publishedKeys: (view) => keysOf(view, current(view), services.clock.now()),
    shape: vaultShape,
  };
}

/** Codes of 32 letters and digits, access tokens with Vault's prefix. */
function tokenValue(kind: 'code' | 'access_token' | 'refresh_token'): string {
  if (kind === 'code') return randomBase62(codeLength);
  return kind === 'access_token' ? `b.${randomBase62(tokenLength)}` : `r.${randomBase62(tokenLength)}`;
}

function claimsFor(
  { clock }: SpecServices,
  view: AccountView,
  provider: ProviderRecord,
  { role, scopes }: Authorization,
): Readonly<Record<string, unknown>> {
  const nowSeconds = Math.floor(clock.now() / 1_000);
  if (role === undefined) return claimsOfClient(view, provider, scopes, nowSeconds);
  return claimsOfRole(view, provider, scopes, { role, nowSeconds });
}

const vaultClaims = {
  id_token: [
    'iss',
    'namespace',
    'sub',
    'aud',
    'iat',
    'exp',
    'auth_time',
    'nonce',
    'at_hash',
    'c_hash',
    'sid',
  ],
  access_token: ['iss', 'namespace', 'sub', 'iat', 'exp', 'jti'],
} as const;

/**
 * A token as Vault writes it: of the protocol's claims those that Vault has, `aud` as one text, and beside
 * them whatever the templates say. A signed access token of a user or host is the engine's: Vault has none.
 */
function vaultShape(
  use: 'id_token' | 'access_token',
  { header, claims }: JwtParts,
  { role, client }: Authorization,
): JwtParts {
  const ofTemplates = claims[scopeClaims] as Readonly<Record<string, unknown>> | undefined;
  if (use === 'access_token' && role !== undefined) {
    return { header, claims: { ...ofTemplates, ...claims, [scopeClaims]: undefined } };
  }
  const shaped: Record<string, unknown> = { ...ofTemplates };
  for (const name of vaultClaims[use]) if (Object.hasOwn(claims, name)) shaped[name] = claims[name];
  shaped['aud'] = client.clientId;
  return { header, claims: shaped };
}
