/** Conjur's API: the whole table of its URLs. */
import type { Middleware } from 'koa';
import type { Services } from '../../domain/services.ts';
import type { RequestState } from '../context.ts';
import {
  getAuthenticators,
  getLogin,
  getStatus,
  patchAuthenticator,
  postAuthenticate,
  postAuthenticateOidc,
  putApiKey,
  putPassword,
  refuseAuthenticate,
} from './authn.ts';
import { gate } from './gate.ts';
import { load } from './policies.ts';
import { notServed, routesByFamily, type Route } from './routing.ts';
import { getSecret, getSecrets, postSecret } from './secrets.ts';
import { getRoot, getWhoami } from './status.ts';

/** The routes, by the first segment of their path; every `authn…` segment is one family. */
export function conjurRoutes(services: Services): Readonly<Record<string, readonly Route[]>> {
  return {
    '': [['get', '/', getRoot()]],
    whoami: [['get', '/whoami', getWhoami(services)]],
    authenticators: [['get', '/authenticators', getAuthenticators(services)]],
    authn: [
      ['get', '/authn/:account/login', getLogin(services)],
      ['put', '/authn/:account/password', putPassword(services)],
      ['put', '/:authenticator/:account/api_key', putApiKey(services)],
      ['post', '/authn-oidc/:account/authenticate', postAuthenticateOidc(services)],
      ['post', '/authn/:account/:login/authenticate', postAuthenticate(services)],
      ['post', '/authn-oidc/:service/:account/authenticate', postAuthenticateOidc(services)],
      ['post', '/authn/*login/authenticate', refuseAuthenticate()],
      ['get', '/:authenticator/:account/status', getStatus(services)],
      ['get', '/:authenticator/:service/:account/status', getStatus(services)],
      ['patch', '/:authenticator/:account', patchAuthenticator(services)],
      ['patch', '/:authenticator/:service/:account', patchAuthenticator(services)],
    ],
    secrets: [
      ['get', '/secrets', getSecrets(services)],
      ['get', '/secrets/:account/variable/*identifier', getSecret(services)],
      ['post', '/secrets/:account/variable/*identifier', postSecret(services, 'variable')],
      ['post', '/secrets/:account/public_key/*identifier', postSecret(services, 'public_key')],
    ],
    policies: [
      ['post', '/policies/:account/policy/*identifier', load(services, 'create')],
      ['patch', '/policies/:account/policy/*identifier', load(services, 'update')],
      ['put', '/policies/:account/policy/*identifier', load(services, 'replace')],
    ],
    // Clients read a 404 of these as the answer "no".
    resources: [['get', '/resources{/*identifier}', notServed()]],
    roles: [['get', '/roles/*identifier', notServed()]],
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
