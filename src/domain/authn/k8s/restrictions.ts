/** What the annotations of a role demand of a Kubernetes service-account token. */
import type { Claims } from '../../../ports/id-token-verifier.ts';
import type { AccountState } from '../../accounts/account-state.ts';
import type { RoleId } from '../../ids.ts';
import { claimAt } from '../jwt/claim-names.ts';
import { permitOnly, requireExactlyOne, requireMatch, restrictionsOf } from '../restrictions.ts';

/** The claims, as Kubernetes projects them, by the names that annotations use for them. */
const claimOf: ReadonlyMap<string, string> = new Map([
  ['namespace', 'kubernetes.io/namespace'],
  ['service-account', 'kubernetes.io/serviceaccount/name'],
  ['pod', 'kubernetes.io/pod/name'],
]);
/** Says where a certificate would be put. There is none here. */
const containerName = 'authentication-container-name';

/**
 * Compares the annotations `authn-k8s/<name>` and `authn-k8s/<service>/<name>` with the token. What only
 * the Kubernetes API knows (labels, deployments, stateful sets) cannot be judged by a token, so that
 * a role that demands it is refused.
 *
 * @throws LatchkeyError `RESTRICTIONS_EXACTLY_ONE`: not exactly one of `namespace` and `namespace-label-selector`
 * @throws LatchkeyError `RESTRICTIONS_UNSUPPORTED`, `RESTRICTION_MISMATCH`
 */
export function checkKubernetesRestrictions(
  state: AccountState,
  role: RoleId,
  serviceId: string,
  claims: Claims,
): void {
  const demanded = restrictionsOf(state, role, 'authn-k8s', serviceId);
  requireExactlyOne(demanded, ['namespace', 'namespace-label-selector']);
  permitOnly(demanded, [...claimOf.keys(), containerName]);
  for (const [name, value] of demanded) {
    const claim = claimOf.get(name);
    if (claim !== undefined) requireMatch(name, value, claimAt(claims, claim));
  }
}
