/** What the annotations of a role demand of a Google identity token. */
import type { Claims } from '../../../ports/id-token-verifier.ts';
import type { AccountState } from '../../accounts/account-state.ts';
import { LatchkeyError } from '../../errors.ts';
import type { RoleId } from '../../ids.ts';
import { claimAt } from '../jwt/claim-names.ts';
import { permitOnly, requireAny, requireMatch, restrictionsOf } from '../restrictions.ts';

/** The claims by the names that annotations use for them. */
const claimOf: ReadonlyMap<string, string> = new Map([
  ['project-id', 'google/compute_engine/project_id'],
  ['service-account-id', 'sub'],
  ['service-account-email', 'email'],
  ['instance-name', 'google/compute_engine/instance_name'],
]);
/** An instance's name alone says too little: anybody can name an instance so in a project of their own. */
const sufficient = ['project-id', 'service-account-id', 'service-account-email'];

/**
 * Compares the annotations `authn-gcp/<name>` of a role with the token.
 * @throws LatchkeyError `RESTRICTIONS_ANY_REQUIRED`, `RESTRICTIONS_UNSUPPORTED`
 * @throws LatchkeyError `GCP_CLAIM_MISSING`, `RESTRICTION_MISMATCH`
 */
export function checkGcpRestrictions(state: AccountState, role: RoleId, claims: Claims): void {
  const demanded = restrictionsOf(state, role, 'authn-gcp');
  requireAny(demanded, sufficient);
  permitOnly(demanded, [...claimOf.keys()]);
  for (const [name, value] of demanded) {
    const stated = claimAt(claims, claimOf.get(name) ?? name);
    if (stated === undefined || stated === '') {
      throw new LatchkeyError('GCP_CLAIM_MISSING', {
        detail:
          `Claim '${name}' is missing from Google's JWT token. ` +
          'Verify that you configured the host with permitted restrictions. ' +
          "In case of Compute Engine token, verify that you requested the token using 'format=full'",
      });
    }
    requireMatch(name, value, stated);
  }
}
