/** The issuer that a customer's confidential and public clients sign people in by: `/{customerId}/login`. */
import { signInScopes } from '../../domain/provider/akamai/fields.ts';
import { issuerOf } from '../../domain/provider/akamai/token-request.ts';
import { requireCustomer } from '../../domain/provider/akamai/access.ts';
import {
  allowedSignInScopes,
  claimsOf,
  signInClient,
  tokenPolicyOf,
} from '../../domain/provider/akamai/people.ts';
import { defaultKeyName, keyNamed, publishedJwks } from '../../domain/provider/keys/ring.ts';
import { ensurePairs } from '../../domain/provider/keys/signing.ts';
import { identifiersIn } from '../../domain/provider/identifiers.ts';
import type { Services } from '../../domain/services.ts';
import type { RequestContextOf } from '../context.ts';
import type { Engine } from '../engine/engine-types.ts';
import type { Endpoint, EndpointPaths, IssuerSpec } from '../engine/types.ts';

const paths = {
  authorization: '/authorize',
  token: '/token',
  userinfo: '/userinfo',
  jwks: '/jwk',
  introspection: '/token/introspect',
  revocation: '/token/revoke',
  endSession: '/logout',
} as const satisfies EndpointPaths;

/** The endpoints by their paths below the issuer; that for tokens is shared with configuration clients. */
export const issuerEndpoints: Readonly<Record<string, Endpoint>> = {
  '/.well-known/openid-configuration': 'discovery',
  [paths.jwks]: 'jwks',
  '/jwks': 'jwks',
  [paths.authorization]: 'authorization',
  [paths.userinfo]: 'userinfo',
  '/profile': 'userinfo',
  [paths.introspection]: 'introspection',
  [paths.revocation]: 'revocation',
  [paths.endSession]: 'endSession',
  [`${paths.endSession}/confirm`]: 'endSessionConfirm',
  [`${paths.endSession}/success`]: 'endSessionSuccess',
};

/** What is at a path below `/{customerId}/login`; undefined: nothing of the engine's, or the token endpoint. */
export function endpointAt(path: string): Endpoint | undefined {
  return /^\/authorize\/[\w-]+$/.test(path) ? 'resume' : issuerEndpoints[path];
}

type IssuerServices = Pick<Services, 'publicOrigin' | 'clock'>;

function issuerSpec(services: IssuerServices, customerId: string): IssuerSpec {
  const path = `/${customerId}/login`;
  return {
    id: `akamai.${customerId}`,
    dialect: 'akamai',
    issuer: issuerOf(services, customerId),
    origin: services.publicOrigin(),
    pagePath: path,
    apiPath: path,
    paths,
    scopesSupported: signInScopes.filter((scope) => scope !== 'openid'),
    consent: false,
    client: signInClient,
    mayUse: (_view, { role }) =>
      role === undefined ? { allowed: false, reason: 'nobody has signed in' } : { allowed: true },
    // The policy may say less by now than when the scopes were granted.
    claims: (view, { role, client, scopes }, use) =>
      role === undefined || use === 'access_token'
        ? {}
        : claimsOf(view, role.role, allowedSignInScopes(view, client, scopes)),
    scopesAllowed: allowedSignInScopes,
    redirectAllowed: ({ redirectUris }, uri) => redirectUris.includes(uri),
    publishedKeys: ({ state }) => {
      const key = keyNamed(state, defaultKeyName);
      return key === undefined ? [] : publishedJwks(key, services.clock.now());
    },
    lifetimes: (view, client) => {
      const policy = tokenPolicyOf(view, client);
      if (policy === undefined) return {};
      const { accessTokenLifetimeSeconds, refreshTokenLifetimeSeconds } = policy;
      return {
        idTokenSeconds: accessTokenLifetimeSeconds,
        accessTokenSeconds: accessTokenLifetimeSeconds,
        refreshTokenSeconds: refreshTokenLifetimeSeconds,
      };
    },
    discovery: (document) => ({
      ...document,
      grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
      scopes_supported: [...signInScopes, 'offline_access'],
    }),
  };
}

/** Has the sign-in pages find the issuer. */
export function registerIssuer(services: IssuerServices, engine: Engine): void {
  engine.register('akamai', (view, id) => {
    const customerId = identifiersIn(view)?.customerId;
    return customerId === undefined || id !== `akamai.${customerId}`
      ? undefined
      : issuerSpec(services, customerId);
  });
}

/**
 * Serves an endpoint of a customer's issuer.
 * @throws LatchkeyError `CUSTOMER_NOT_FOUND`, and what {@link Engine} throws
 */
export async function serveIssuer(
  services: Pick<Services, 'authority' | 'keyring' | 'settings' | 'publicOrigin' | 'clock'>,
  engine: Engine,
  ctx: RequestContextOf,
  customerId: string,
  endpoint: Endpoint,
): Promise<void> {
  const { account } = services.settings;
  // The key's first pair is made when somebody asks for it.
  if (endpoint === 'jwks') await ensurePairs(services, account, defaultKeyName);
  const view = await services.authority.read(account, []);
  requireCustomer(view, customerId);
  const issuer = await engine.issuer(issuerSpec(services, customerId.toLowerCase()), view);
  await issuer.serve(ctx, endpoint);
}
