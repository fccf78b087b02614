/** authn-k8s by service-account token: what Kubernetes projects into a pod for an access token. */
import type { JwtSettings } from '../../../ports/id-token-verifier.ts';
import { LatchkeyError } from '../../errors.ts';
import type { Account } from '../../ids.ts';
import type { RequestContext } from '../../request.ts';
import type { Services } from '../../services.ts';
import { authenticateAt, type AuthenticationServices } from '../authenticate-at.ts';
import { claimedRole, federatedRole } from '../federated-role.ts';
import type { PresentedJwt } from '../jwt/authenticate.ts';
import { presentedJwt } from '../jwt/presented-token.ts';
import { verificationOf, verificationVariables, type VerificationVariable } from '../jwt/verification.ts';
import { settingsReader } from '../service-settings.ts';
import type { StatusRequest } from '../status-request.ts';
import { checkKubernetesRestrictions } from './restrictions.ts';

/** The audience is required: a token that was made for the cluster's own API must not open this one. */
const verificationAt = settingsReader<VerificationVariable, JwtSettings>(
  { required: ['audience'], optional: verificationVariables.filter((name) => name !== 'audience') },
  ({ webservice, values }) => verificationOf(webservice, values),
);

/**
 * Trades a projected service-account token for an access token. The URL names the role, whose annotations
 * must agree with the token's namespace, service account and pod. The keys are the cluster's; the variables
 * are those of authn-jwt. Conjur's own flow, by client certificates, is not there.
 *
 * @returns the access token's JSON text
 * @throws LatchkeyError those of {@link authenticateAt}; `KUBERNETES_CERTIFICATE_MISSING`: no token, which is how
 *   a client of that flow looks; `JWT_MISSING`, `SERVICE_VARIABLE_*` and the errors of the settings, the
 *   `ID_TOKEN_*`, `ISSUER_*`, `JWKS_*` and `JWT_*` errors, `RESTRICTION*`, `CLAIM_KIND_REFUSED`, `ADMIN_REFUSED`
 */
export async function authenticateByServiceAccount(
  services: AuthenticationServices & Pick<Services, 'idTokens'>,
  request: RequestContext,
  account: Account,
  serviceId: string | undefined,
  presented: Required<PresentedJwt>,
): Promise<string> {
  const name = { kind: 'authn-k8s', serviceId };
  return authenticateAt(services, request, account, name, async (attempt) => {
    const { state, webservice } = attempt;
    attempt.identify(claimedRole(account, presented.login));
    if (presented.jwt === undefined) throw new LatchkeyError('KUBERNETES_CERTIFICATE_MISSING');
    const token = presentedJwt(presented.jwt);
    const verification = await verificationAt(services, request, state, webservice);
    const claims = await services.idTokens.verifyJwt(token, verification);
    const role = federatedRole(account, presented.login, name.kind);
    return {
      role,
      restrict: (present) => {
        checkKubernetesRestrictions(present, role, serviceId ?? '', claims);
      },
    };
  });
}

/**
 * Whether a service can take tokens: its settings, and its keys, fetched just now.
 * @throws LatchkeyError those of the settings, `ISSUER_*`, `JWKS_*`, `JWT_PUBLIC_KEYS_INVALID`
 */
export async function checkKubernetesService({
  services,
  request,
  state,
  webservice,
}: StatusRequest): Promise<readonly string[]> {
  const { keys, issuer } = await verificationAt(services, request, state, webservice);
  await services.idTokens.checkJwtKeys(keys, issuer);
  return [];
}
