/** Conjur's API: the whole table of its URLs. */
import type { Middleware } from 'koa';
import type { Services } from '../../domain/services.ts';
import type { RequestState } from '../context.ts';
import { accountRoutes } from './accounts.ts';
import {
  getAuthenticators,
  getStatus,
  patchAuthenticator,
  postAuthenticate,
  refuseAuthenticate,
} from './authn.ts';
import { jwtRoutes } from './authn-jwt.ts';
import { iamRoutes } from './authn-iam.ts';
import { ldapRoutes } from './authn-ldap.ts';
import { oidcRoutes } from './authn-oidc.ts';
import { credentialRoutes } from './credentials.ts';
import { caRoutes } from './ca.ts';
import { gate } from './gate.ts';
import { hostFactoryRoutes, hostFactoryTokenRoutes } from './host-factories.ts';
import { issuerRoutes } from './issuers.ts';
import { policyRoutes } from './policies.ts';
import { publicKeyRoutes } from './public-keys.ts';
import { resourceRoutes } from './resources.ts';
import { roleRoutes } from './roles.ts';
import { routesByFamily, type Route } from './routing.ts';
import { getSecret, getSecrets, postSecret } from './secrets.ts';
import { getRoot, getWhoami } from './status.ts';
import { managedAuthenticatorRoutes } from './v2/authenticators.ts';
import { branchRoutes } from './v2/branches.ts';
import { groupRoutes } from './v2/groups.ts';

/** The routes, by the first segment of their path; every `authn…` segment is one family. */
export function conjurRoutes(services: Services): Readonly<Record<string, readonly Route[]>> {
  return {
    '': [['get', '/', getRoot()]],
    accounts: accountRoutes(services),
    whoami: [['get', '/whoami', getWhoami(services)]],
    authenticators: [
      ['get', '/authenticators', getAuthenticators(services)],
      ...managedAuthenticatorRoutes(services),
    ],
    branches: branchRoutes(services),
    groups: groupRoutes(services),
    authn: [
      ...credentialRoutes(services),
      ...oidcRoutes(services),
      ...ldapRoutes(services),
      ...iamRoutes(services),
      ...jwtRoutes(services),
      ['post', '/authn/:account/:login/authenticate', postAuthenticate(services)],
      ['post', '/authn/*login/authenticate', refuseAuthenticate()],
      ['get', '/:authenticator/:account/status', getStatus(services)],
      ['get', '/:authenticator/:service/:account/status', getStatus(services)],
      ['patch', '/:authenticator/:account', patchAuthenticator(services)],
      ['patch', '/:authenticator/:service/:account', patchAuthenticator(services)],
    ],
    secrets: [
      ['get', '/secrets', getSecrets(services)],
      ['get', '/secrets/:account/variable/*identifier', getSecret(services)],
      ['post', '/secrets/:account/:kind/*identifier', postSecret(services)],
    ],
    policies: policyRoutes(services),
    ca: caRoutes(services),
    issuers: issuerRoutes(services),
    host_factory_tokens: hostFactoryTokenRoutes(services),
    host_factories: hostFactoryRoutes(services),
    resources: resourceRoutes(services),
    roles: roleRoutes(services),
    public_keys: publicKeyRoutes(services),
  };
}

function familyOf(path: string): string {
  const end = path.indexOf('/', 1);
  const segment = end === -1 ? path.slice(1) : path.slice(1, end);
  return segment.startsWith('authn') ? 'authn' : segment;
}

/** The face, in order: who must carry a token, then the routes. */
export function conjurFace(services: Services): readonly Middleware<RequestState>[] {
  return [gate(services), routesByFamily(conjurRoutes(services), familyOf)];
}
