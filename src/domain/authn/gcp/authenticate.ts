/** authn-gcp: an identity token of a Google Cloud workload for an access token. */
import type { IssuerSettings } from '../../../ports/id-token-verifier.ts';
import { LatchkeyError } from '../../errors.ts';
import type { Account } from '../../ids.ts';
import type { RequestContext } from '../../request.ts';
import type { Services } from '../../services.ts';
import { authenticateAt, type AuthenticationServices } from '../authenticate-at.ts';
import { federatedRole } from '../federated-role.ts';
import { presentedJwt } from '../jwt/presented-token.ts';
import { requiredClaim } from '../required-claim.ts';
import type { StatusRequest } from '../status-request.ts';
import { checkGcpRestrictions } from './restrictions.ts';

/**
 * Trades a Google identity token for an access token. Its audience, `conjur/<account>/<login>`, which
 * the workload asks Google for, names the role; the role's annotations must agree with its claims.
 *
 * @param jwt the form field `jwt`
 * @returns the access token's JSON text
 * @throws LatchkeyError those of {@link authenticateAt}, `REQUEST_FIELD_MISSING`, `JWT_MISSING`, the
 *   `ID_TOKEN_*` and `ISSUER_*` errors, `JWT_CLAIM_MISSING`, `GCP_*`, `RESTRICTION*`, `CLAIM_KIND_REFUSED`,
 *   `ADMIN_REFUSED`
 * @see Conjur: POST /authn-gcp/{account}/authenticate
 */
export async function authenticateByGcpToken(
  services: AuthenticationServices & Pick<Services, 'idTokens'>,
  request: RequestContext,
  account: Account,
  jwt: string | undefined,
): Promise<string> {
  const name = { kind: 'authn-gcp', serviceId: undefined };
  return authenticateAt(services, request, account, name, async () => {
    const claims = await services.idTokens.verify(presentedJwt(jwt), issuerOf(services));
    const audience = requiredClaim(claims, 'aud');
    requiredClaim(claims, 'sub');
    const role = federatedRole(account, loginIn(audience, account), name.kind);
    return {
      role,
      restrict: (present) => {
        checkGcpRestrictions(present, role, claims);
      },
    };
  });
}

/**
 * Whether Google, or what the settings put in its place, can be reached.
 * @throws LatchkeyError `ISSUER_*`
 */
export async function checkGcpService({ services }: StatusRequest): Promise<readonly string[]> {
  await services.idTokens.check(issuerOf(services));
  return [];
}

function issuerOf({ settings }: Pick<Services, 'settings'>): IssuerSettings {
  return { providerUri: settings.gcpIssuer, issuers: [settings.gcpIssuer] };
}

/** The login of `conjur/<account>/<login>`. What the token says is not repeated: it may name anything. */
function loginIn(audience: string, account: Account): string {
  const [, named, login] = /^conjur\/([^/]*)\/(.+)$/s.exec(audience) ?? [];
  if (named === undefined || login === undefined) {
    throw new LatchkeyError('GCP_AUDIENCE_INVALID', {
      detail:
        "'audience' token claim (withheld) is invalid. " +
        "The format should be 'conjur/<account-name>/<host-id>'",
    });
  }
  if (named === account) return login;
  throw new LatchkeyError('GCP_ACCOUNT_MISMATCH', {
    detail:
      "'audience' token claim '(withheld)' is invalid. The account in the audience '(withheld)' " +
      `does not match the account in the URL request '${account}'`,
  });
}
