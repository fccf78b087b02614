/** authn-azure: an access token of an Azure managed identity for one of ours. */
import type { IssuerSettings } from '../../../ports/id-token-verifier.ts';
import type { Account } from '../../ids.ts';
import type { RequestContext } from '../../request.ts';
import type { Services } from '../../services.ts';
import { authenticateAt, type AuthenticationServices } from '../authenticate-at.ts';
import { claimedRole, federatedRole } from '../federated-role.ts';
import { audienceWarning, type PresentedJwt } from '../jwt/authenticate.ts';
import { presentedJwt } from '../jwt/presented-token.ts';
import { requiredClaim } from '../required-claim.ts';
import { itemsOf, settingsReader } from '../service-settings.ts';
import type { StatusRequest } from '../status-request.ts';
import { checkAzureRestrictions } from './restrictions.ts';

/** The issuer is the tenant's address with a slash at its end, as Azure writes it into tokens. */
const issuerOf = settingsReader<'provider-uri' | 'audience', IssuerSettings>(
  { required: ['provider-uri'], optional: ['audience'] },
  ({ values }) => {
    const providerUri = `${(values.get('provider-uri') ?? '').trim().replace(/\/$/, '')}/`;
    const audience = values.get('audience');
    return {
      providerUri,
      issuers: [providerUri],
      ...(audience === undefined ? {} : { audiences: itemsOf(audience) }),
    };
  },
);

/**
 * Trades an Azure AD access token of a managed identity for an access token. The URL names the role,
 * whose annotations must agree with the token's claims `xms_mirid` and `oid`.
 *
 * @returns the access token's JSON text
 * @throws LatchkeyError those of {@link authenticateAt}, `REQUEST_FIELD_MISSING`, `JWT_MISSING`,
 *   `SERVICE_VARIABLE_MISSING`, `SERVICE_VARIABLE_EMPTY`, the `ID_TOKEN_*` and `ISSUER_*` errors,
 *   `JWT_CLAIM_MISSING`, `AZURE_*`, `RESTRICTION*`, `CLAIM_KIND_REFUSED`, `ADMIN_REFUSED`
 * @see Conjur: POST /authn-azure/{service}/{account}/{login}/authenticate
 */
export async function authenticateByAzureToken(
  services: AuthenticationServices & Pick<Services, 'idTokens'>,
  request: RequestContext,
  account: Account,
  serviceId: string | undefined,
  presented: Required<PresentedJwt>,
): Promise<string> {
  const name = { kind: 'authn-azure', serviceId };
  return authenticateAt(services, request, account, name, async (attempt) => {
    const { state, webservice } = attempt;
    attempt.identify(claimedRole(account, presented.login));
    const token = presentedJwt(presented.jwt);
    const issuer = await issuerOf(services, request, state, webservice);
    const claims = await services.idTokens.verify(token, issuer);
    const azure = { xmsMirid: requiredClaim(claims, 'xms_mirid'), oid: requiredClaim(claims, 'oid') };
    const role = federatedRole(account, presented.login, name.kind);
    return {
      role,
      restrict: (present) => {
        checkAzureRestrictions(present, role, serviceId ?? '', azure);
      },
    };
  });
}

/**
 * Whether a service can take tokens: its variables, and its issuer and keys, fetched just now.
 * @throws LatchkeyError `SERVICE_VARIABLE_*`, `ISSUER_*`
 */
export async function checkAzureService({
  services,
  request,
  state,
  webservice,
}: StatusRequest): Promise<readonly string[]> {
  const issuer = await issuerOf(services, request, state, webservice);
  await services.idTokens.check(issuer);
  return issuer.audiences === undefined ? [audienceWarning] : [];
}
