import type { AccountState } from '../accounts/account-state.ts';
import { inAccount } from '../accounts/in-account.ts';
import { LatchkeyError } from '../errors.ts';
import { roleOf, toResourceId, type Account, type ResourceId } from '../ids.ts';
import { removeNamed, removeWithOwned } from '../policy/cascade.ts';
import { commitSmallPolicy } from '../policy/commit-plan.ts';
import { descendantsOf } from '../policy/descendants.ts';
import type { LoadServices } from '../policy/load-request.ts';
import { planEdit, type Plan } from '../policy/plan.ts';
import { decide } from '../rbac/check.ts';
import type { ActorRequest } from '../request.ts';
import { identifierOf, isOnlyOne, nameOfWebservice, type ManagedName } from './kinds.ts';
import { authenticatorMissing, findAuthenticator } from './show.ts';

/**
 * Removes an authenticator: its policy, what that owns, and everything below it, with values. The
 * policy of its kind stays.
 *
 * @throws LatchkeyError `AUTHENTICATOR_NOT_FOUND`: missing, or its webservice is invisible to the role
 * @throws LatchkeyError `AUTHENTICATOR_FORBIDDEN`: no `delete` on its policy
 * @throws LatchkeyError `STORE_BUSY`
 * @see Conjur: DELETE /authenticators/{account}/{type}/{name}
 */
export async function deleteAuthenticator(
  services: LoadServices,
  request: ActorRequest,
  account: Account,
  type: string,
  name: string,
): Promise<void> {
  const commit = commitSmallPolicy(services, request, account, (state) => {
    const webservice = findAuthenticator(state, request, type, name);
    const named = webservice === undefined ? undefined : nameOfWebservice(webservice);
    if (webservice === undefined || named === undefined) throw authenticatorMissing(account, name);
    const policy = toResourceId(account, 'policy', identifierOf(named));
    if (!decide(state.graph, request.actor.role, 'delete', policy).allowed) {
      throw new LatchkeyError('AUTHENTICATOR_FORBIDDEN', { subject: policy });
    }
    return { plan: planRemoval(state, named, policy, webservice), result: undefined };
  });
  await inAccount(commit, () => {
    throw authenticatorMissing(account, name);
  });
}

function planRemoval(
  { graph }: AccountState,
  { managed }: ManagedName,
  policy: ResourceId,
  webservice: ResourceId,
): Plan {
  // The policy of a kind that has but one authenticator stays; what it owns goes.
  const owned = isOnlyOne(managed)
    ? graph.owned(roleOf(policy)).filter((resource) => resource !== policy)
    : [policy];
  return planEdit(graph, (draft) => {
    for (const resource of owned) removeWithOwned(draft, roleOf(resource));
    removeNamed(draft, graph, [webservice, ...descendantsOf(graph, policy)]);
  });
}
