/** What the settings of the service forbid in policies. */
import { adminOf, partsOf, storedRoleId } from '../ids.ts';
import type { DomainSettings } from '../services.ts';
import { invalid } from './invalid.ts';
import type { Definition, ResolvedPolicy } from './statements.ts';

/** By which a host says whether it uses an API key. */
export const apiKeyAnnotation = 'authn/api-key';

/**
 * Checks what a policy defines against the settings.
 *
 * - `usersInRootPolicyOnly`: a user belongs to the account's administrator, as one that is defined at
 *   the root does unless it names another owner.
 * - not `apiKeyByDefault`: a host says by the annotation `authn/api-key` that it uses an API key.
 *
 * @throws LatchkeyError `POLICY_INVALID`, at the definition
 * @see Conjur: `CONJUR_USERS_IN_ROOT_POLICY_ONLY`, `CONJUR_AUTHN_API_KEY_DEFAULT`
 */
export function requireSiteRules(
  policy: ResolvedPolicy,
  settings: Pick<DomainSettings, 'usersInRootPolicyOnly' | 'apiKeyByDefault'>,
): void {
  const admin = adminOf(policy.account);
  for (const definition of policy.definitions) {
    const { tag, owner, at } = definition;
    if (tag === 'user' && settings.usersInRootPolicyOnly && owner !== admin) {
      throw invalid(at, 'User creation is disabled.');
    }
    if (tag === 'host' && !settings.apiKeyByDefault && !saysApiKey(definition)) {
      const { identifier } = partsOf(storedRoleId(definition.id));
      throw invalid(
        at,
        `Host '${identifier}' does not say whether it uses an API key, which is required here`,
        `Give it the annotation '${apiKeyAnnotation}' with the value true`,
      );
    }
  }
}

function saysApiKey({ annotations }: Definition): boolean {
  return usesApiKey(annotations.findLast(({ name }) => name === apiKeyAnnotation)?.value);
}

/** Whether the value of {@link apiKeyAnnotation} says so; undefined where a host has no such annotation. */
export function usesApiKey(value: string | undefined): boolean {
  return value !== undefined && value.toLowerCase() !== 'false';
}
