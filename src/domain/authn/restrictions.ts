/**
 * What the annotations of a role demand of a token, for authenticators that compare claims with
 * annotations: which of them count, and which combinations may be there.
 */
import type { AccountState } from '../accounts/account-state.ts';
import { LatchkeyError } from '../errors.ts';
import { resourceOf, type RoleId } from '../ids.ts';

/** The values that a role's annotations demand, by the names of the restrictions. */
export type Restrictions = ReadonlyMap<string, string>;

/**
 * The restrictions that an authenticator places on a role: of the annotations `authn-x/<name>` and
 * `authn-x/<service>/<name>` the one with the service wins. Empty ones do not count.
 * @see Conjur: resource restrictions of authn-azure, authn-gcp and authn-k8s
 */
export function restrictionsOf(
  state: AccountState,
  role: RoleId,
  kind: string,
  serviceId?: string,
): Restrictions {
  const found = new Map<string, string>();
  for (const prefix of serviceId === undefined ? [`${kind}/`] : [`${kind}/`, `${kind}/${serviceId}/`]) {
    for (const [name, value] of annotationsUnder(state, role, prefix))
      if (value.trim() !== '' && name !== '' && !name.includes('/')) found.set(name, value);
  }
  return found;
}

/** The annotations of a role whose names begin with a prefix, without it. */
export function annotationsUnder(state: AccountState, role: RoleId, prefix: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const { name, value } of state.graph.annotationsOf(resourceOf(role)))
    if (name.startsWith(prefix)) found.set(name.slice(prefix.length), value);
  return found;
}

/** @throws LatchkeyError `RESTRICTIONS_REQUIRED`: one of these is not there */
export function requireEach(restrictions: Restrictions, required: readonly string[]): void {
  const missing = required.filter((name) => !restrictions.has(name));
  if (missing.length === 0) return;
  throw new LatchkeyError('RESTRICTIONS_REQUIRED', {
    detail: `Role does not have the required constraints: '${listed(missing)}'`,
  });
}

/** @throws LatchkeyError `RESTRICTIONS_ANY_REQUIRED`: none of these is there */
export function requireAny(restrictions: Restrictions, candidates: readonly string[]): void {
  if (candidates.some((name) => restrictions.has(name))) return;
  throw new LatchkeyError('RESTRICTIONS_ANY_REQUIRED', {
    detail: `Role must have at least one of the following constraints: ${listed(candidates)}`,
  });
}

/** @throws LatchkeyError `RESTRICTIONS_EXACTLY_ONE`: none of these is there, or several are */
export function requireExactlyOne(restrictions: Restrictions, candidates: readonly string[]): void {
  const given = candidates.filter((name) => restrictions.has(name));
  if (given.length === 1) return;
  throw new LatchkeyError('RESTRICTIONS_EXACTLY_ONE', {
    detail:
      `Role must have exactly one of the following required constraints: ${listed(candidates)}. ` +
      `Role configured with ${listed(given)}`,
  });
}

/** @throws LatchkeyError `RESTRICTIONS_UNSUPPORTED`: something else than these is there */
export function permitOnly(restrictions: Restrictions, permitted: readonly string[]): void {
  const others = [...restrictions.keys()].filter((name) => !permitted.includes(name));
  if (others.length === 0) return;
  throw new LatchkeyError('RESTRICTIONS_UNSUPPORTED', {
    detail:
      `Resource restrictions '${listed(others)}' are not supported. ` +
      `The supported resources are '${listed(permitted)}'`,
  });
}

/** @throws LatchkeyError `RESTRICTIONS_CONFLICT`: several of these are there */
export function permitOne(restrictions: Restrictions, exclusive: readonly string[]): void {
  const given = exclusive.filter((name) => restrictions.has(name));
  if (given.length < 2) return;
  throw new LatchkeyError('RESTRICTIONS_CONFLICT', {
    detail: `Resource restrictions include an illegal combination of resource constraints - '${listed(given)}'`,
  });
}

/** @throws LatchkeyError `RESTRICTION_MISMATCH`: the token says something else than the annotation */
export function requireMatch(name: string, demanded: string, stated: unknown): void {
  if (stated === demanded) return;
  throw new LatchkeyError('RESTRICTION_MISMATCH', {
    detail: `Resource restriction '${name}' does not match with the corresponding value in the request`,
  });
}

/** Names as Conjur's messages list them. */
export function listed(names: readonly string[]): string {
  return `[${names.map((name) => JSON.stringify(name)).join(', ')}]`;
}
