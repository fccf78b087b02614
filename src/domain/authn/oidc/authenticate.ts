/** authn-oidc: an ID token for an access token. */
import { audited } from '../../audited.ts';
import { originAllowed } from '../../cidr.ts';
import { isFailure, LatchkeyError } from '../../errors.ts';
import { loginOf, resourceOf, type Account, type ResourceId, type RoleId } from '../../ids.ts';
import { occurrence } from '../../occurrence.ts';
import type { AccountState } from '../../accounts/account-state.ts';
import { decide } from '../../rbac/check.ts';
import type { RequestContext } from '../../request.ts';
import type { Services } from '../../services.ts';
import {
  authenticatorText,
  isEnabled,
  notAuthorized,
  webserviceOf,
  type AuthenticatorName,
} from '../authenticators.ts';
import { mapClaim } from './map-claim.ts';
import { compactFormOf } from './presented-token.ts';
import { oidcServiceOf } from './service.ts';

type OidcServices = Pick<
  Services,
  'authority' | 'keyring' | 'audit' | 'clock' | 'idTokens' | 'tokens' | 'settings'
>;

/**
 * Trades an ID token for an access token.
 *
 * The checks, in this order: the account exists, a service is named, it is enabled, its
 * webservice is in policy, its variables have values; the token is well formed, signed by its
 * issuer and valid now; the claim names a role, which exists, may come from this address, and
 * holds `authenticate` on the webservice. The first that fails is the reason in the audit record.
 *
 * @param presented the ID token, as it is or in base64 once more
 * @returns the access token's JSON text
 * @throws LatchkeyError one of `ACCOUNT_NOT_FOUND`, `SERVICE_ID_MISSING`, `AUTHENTICATOR_NOT_ENABLED`,
 *   `WEBSERVICE_NOT_FOUND`, `SERVICE_VARIABLE_MISSING`, `SERVICE_VARIABLE_EMPTY`, `REQUEST_FIELD_MISSING`,
 *   the `ID_TOKEN_*` and `ISSUER_*` errors, `ADMIN_REFUSED`, `CLAIM_KIND_REFUSED`,
 *   `AUTHENTICATION_ROLE_NOT_FOUND`, `ORIGIN_REFUSED`, `ROLE_NOT_AUTHORIZED`
 * @see Conjur: POST /authn-oidc/{service}/{account}/authenticate
 */
export async function authenticateByIdToken(
  services: OidcServices,
  request: RequestContext,
  account: Account,
  serviceId: string | undefined,
  presented: string | undefined,
): Promise<string> {
  const name: AuthenticatorName = { kind: 'authn-oidc', serviceId };
  const webservice = webserviceOf(account, name);
  let role: RoleId | undefined;
  return audited(
    services.audit,
    (failure) => ({
      type: 'authn',
      operation: 'authenticate',
      ...occurrence(services, request, failure),
      role: role ?? `${account}:user:USERNAME_MISSING`,
      roleExists: role !== undefined && !isFailure(failure, 'AUTHENTICATION_ROLE_NOT_FOUND'),
      authenticator: name.kind,
      service: webservice,
    }),
    async () => {
      const { state } = await services.authority.read(account, []);
      requireService(services, state, name, webservice);
      const service = await oidcServiceOf(services, request, state, webservice);
      const claims = await services.idTokens.verify(compactFormOf(presented), service.issuer);
      role = mapClaim(account, claims, service.idTokenUserProperty);
      // The issuer may have been slow: judge by what this process knows now.
      const present = (await services.authority.recent(account)) ?? state;
      requireRole(present, request, role, webservice);
      return services.tokens.issue(present, role, services.settings.accessTokenTtlSeconds);
    },
  );
}

function requireService(
  services: Pick<Services, 'settings'>,
  state: AccountState,
  name: AuthenticatorName,
  webservice: ResourceId,
): void {
  if (name.serviceId === undefined) throw new LatchkeyError('SERVICE_ID_MISSING');
  if (!isEnabled(services, state, name)) {
    throw new LatchkeyError('AUTHENTICATOR_NOT_ENABLED', {
      detail: `'${authenticatorText(name)}' is not enabled`,
    });
  }
  if (!state.graph.hasResource(webservice)) {
    throw new LatchkeyError('WEBSERVICE_NOT_FOUND', {
      detail: `Webservice '${authenticatorText(name)}' not found`,
    });
  }
}

function requireRole(
  state: AccountState,
  request: RequestContext,
  role: RoleId,
  webservice: ResourceId,
): void {
  const { graph } = state;
  if (!graph.hasRole(role)) {
    throw new LatchkeyError('AUTHENTICATION_ROLE_NOT_FOUND', { detail: `'${loginOf(role)}' not found` });
  }
  if (!originAllowed(graph.restrictedTo(role), request.clientIp)) {
    throw new LatchkeyError('ORIGIN_REFUSED', { subject: resourceOf(role) });
  }
  if (!decide(graph, role, 'authenticate', webservice).allowed) {
    throw notAuthorized(loginOf(role), 'authenticate', webservice);
  }
}
