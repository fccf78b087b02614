/** authn-oidc: an ID token for an access token. */
import type { Account } from '../../ids.ts';
import type { RequestContext } from '../../request.ts';
import type { Services } from '../../services.ts';
import { authenticateAt, type AuthenticationServices } from '../authenticate-at.ts';
import { mapClaim } from './map-claim.ts';
import { compactFormOf } from './presented-token.ts';
import { oidcServiceOf } from './service.ts';

/**
 * Trades an ID token for an access token.
 *
 * Between the checks that every authenticator makes: the service's variables have values;
 * the token is well formed, signed by its issuer and valid now; the claim names a role.
 *
 * @param presented the ID token, as it is or in base64 once more
 * @returns the access token's JSON text
 * @throws LatchkeyError those of {@link authenticateAt}, `SERVICE_VARIABLE_MISSING`,
 *   `SERVICE_VARIABLE_EMPTY`, `REQUEST_FIELD_MISSING`, the `ID_TOKEN_*` and `ISSUER_*` errors,
 *   `ADMIN_REFUSED`, `CLAIM_KIND_REFUSED`
 * @see Conjur: POST /authn-oidc/{service}/{account}/authenticate
 */
export async function authenticateByIdToken(
  services: AuthenticationServices & Pick<Services, 'idTokens'>,
  request: RequestContext,
  account: Account,
  serviceId: string | undefined,
  presented: string | undefined,
): Promise<string> {
  const name = { kind: 'authn-oidc', serviceId };
  return authenticateAt(services, request, account, name, async ({ state, webservice }) => {
    const service = await oidcServiceOf(services, request, state, webservice);
    const claims = await services.idTokens.verify(compactFormOf(presented), service.issuer);
    return { role: mapClaim(account, claims, service.idTokenUserProperty) };
  });
}
