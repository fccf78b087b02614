/** What the annotations of a role demand of a JWT. */
import type { Claims } from '../../../ports/id-token-verifier.ts';
import type { AccountState } from '../../accounts/account-state.ts';
import { LatchkeyError } from '../../errors.ts';
import type { RoleId } from '../../ids.ts';
import { annotationsUnder, listed, requireEach, requireMatch } from '../restrictions.ts';
import { claimAt, isClaimName, reservedClaims } from './claim-names.ts';
import { inspected } from './inspected.ts';

export interface RestrictionRules {
  /** The claims for which every role must have an annotation. */
  readonly enforced: readonly string[];
  /** Claims by the names that annotations use for them. */
  readonly claimOf: ReadonlyMap<string, string>;
}

/**
 * Compares the annotations `authn-jwt/<service>/<claim>` of a role with the token. All must hold,
 * and at least one must be there; those without the service, or with another, do not count.
 *
 * @throws LatchkeyError in this order: `RESTRICTION_NAME_INVALID`, `RESTRICTIONS_NONE`,
 *   `RESTRICTIONS_REQUIRED` (an enforced claim without annotation), `RESTRICTION_RESERVED` (a registered
 *   claim, or one that has an alias); then, annotation by annotation, `RESTRICTION_EMPTY`,
 *   `RESTRICTION_CLAIM_MISSING`, `RESTRICTION_MISMATCH`
 */
export function checkRestrictions(
  state: AccountState,
  role: RoleId,
  serviceId: string,
  rules: RestrictionRules,
  claims: Claims,
): void {
  const demanded = annotationsUnder(state, role, `authn-jwt/${serviceId}/`);
  for (const name of demanded.keys()) {
    if (!isClaimName(name)) {
      throw new LatchkeyError('RESTRICTION_NAME_INVALID', {
        detail: `Restriction '${name}' is invalid and not representing claim path in the token`,
      });
    }
  }
  if (demanded.size === 0) throw new LatchkeyError('RESTRICTIONS_NONE');
  const aliasOf = new Map(Array.from(rules.claimOf, ([alias, claim]) => [claim, alias]));
  requireEach(
    demanded,
    rules.enforced.map((claim) => aliasOf.get(claim) ?? claim),
  );
  refuseReserved([...demanded.keys()], [...reservedClaims, ...aliasOf.keys()]);
  for (const [name, value] of demanded) requireClaim(claims, name, value, rules.claimOf.get(name) ?? name);
}

function refuseReserved(names: readonly string[], reserved: readonly string[]): void {
  const given = names.filter((name) => reserved.includes(name));
  if (given.length === 0) return;
  const cause = new LatchkeyError('RESTRICTIONS_NOT_PERMITTED', {
    detail: `Role can't have one of these none permitted restrictions '${listed(given)}'`,
  });
  throw new LatchkeyError('RESTRICTION_RESERVED', {
    detail: `Role can't have registered or aliased claim. Error: '${inspected(cause)}'`,
    cause,
  });
}

function requireClaim(claims: Claims, name: string, demanded: string, claim: string): void {
  if (demanded.trim() === '')
    throw new LatchkeyError('RESTRICTION_EMPTY', { detail: `Annotation, '${name}', is empty` });
  const stated = claimAt(claims, claim);
  if (stated === undefined) {
    const shown = claim === name ? claim : `${claim} (annotation: ${name})`;
    throw new LatchkeyError('RESTRICTION_CLAIM_MISSING', {
      detail:
        `Claim '${shown}' is missing from JWT token. ` +
        'Verify that you configured the host with permitted restrictions.',
    });
  }
  requireMatch(name, demanded, stated);
}
