/** authn-jwt: a JWT of any issuer for an access token. */
import { LatchkeyError } from '../../errors.ts';
import type { Account } from '../../ids.ts';
import type { RequestContext } from '../../request.ts';
import type { Services } from '../../services.ts';
import { authenticateAt, type AuthenticationServices } from '../authenticate-at.ts';
import { claimedRole } from '../federated-role.ts';
import type { StatusRequest } from '../status-request.ts';
import { identityOf, requireIdentityPath } from './identity.ts';
import { presentedJwt } from './presented-token.ts';
import { checkRestrictions } from './restrictions.ts';
import { jwtServiceOf } from './service.ts';

/** What a request to authenticate by a JWT carries. */
export interface PresentedJwt {
  /** The form field `jwt`. */
  readonly jwt: string | undefined;
  /** The login in the URL, where it has one. */
  readonly login?: string;
}

/** What a service without the variable `audience` is told by its status check. */
export const audienceWarning =
  'The variable audience is not set: tokens that the issuer made for any audience are accepted.';

/**
 * Trades a JWT for an access token.
 *
 * Between the checks that every authenticator makes: a token was presented; the service's settings
 * are valid; the token is signed by one of its keys, valid now and for it; it, or the URL, names a role.
 * After them: the role's annotations agree with the token's claims.
 *
 * @returns the access token's JSON text
 * @throws LatchkeyError those of {@link authenticateAt}, `JWT_SERVICE_ID_MISSING`, `REQUEST_FIELD_MISSING`,
 *   `JWT_MISSING`, `SERVICE_VARIABLE_EMPTY` and the errors of the settings, the `ID_TOKEN_*`, `ISSUER_*`,
 *   `JWKS_*` and `JWT_*` errors, `CLAIM_KIND_REFUSED`, `ADMIN_REFUSED`, the `RESTRICTION_*` errors
 * @see Conjur: POST /authn-jwt/{service}/{account}(/{login})/authenticate
 */
export async function authenticateByJwt(
  services: AuthenticationServices & Pick<Services, 'idTokens'>,
  request: RequestContext,
  account: Account,
  serviceId: string | undefined,
  presented: PresentedJwt,
): Promise<string> {
  const name = { kind: 'authn-jwt', serviceId };
  return authenticateAt(services, request, account, name, async (attempt) => {
    const { state, webservice } = attempt;
    if (serviceId === undefined) throw new LatchkeyError('JWT_SERVICE_ID_MISSING');
    const { login } = presented;
    if (login !== undefined) attempt.identify(claimedRole(account, login));
    const token = presentedJwt(presented.jwt);
    const service = await jwtServiceOf(services, request, state, webservice);
    const claims = await services.idTokens.verifyJwt(token, service.verification);
    const role = identityOf(account, login, service, claims);
    return {
      role,
      restrict: (present) => {
        checkRestrictions(present, role, serviceId, service.rules, claims);
      },
    };
  });
}

/**
 * Whether a service can take tokens: its settings, and its keys, fetched just now.
 * @returns what a working service should still be told about
 * @throws LatchkeyError those of the settings, `ISSUER_*`, `JWKS_*`, `JWT_PUBLIC_KEYS_INVALID`
 */
export async function checkJwtService({
  services,
  request,
  state,
  webservice,
}: StatusRequest): Promise<readonly string[]> {
  const { verification, tokenAppProperty } = await jwtServiceOf(services, request, state, webservice);
  await services.idTokens.checkJwtKeys(verification.keys, verification.issuer);
  if (tokenAppProperty !== undefined) requireIdentityPath(tokenAppProperty);
  return verification.audience === undefined ? [audienceWarning] : [];
}
