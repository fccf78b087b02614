import type { AccountState } from '../accounts/account-state.ts';
import { partsOf, type Account, type ResourceId } from '../ids.ts';
import { removeNamed } from '../policy/cascade.ts';
import { descendantsOf } from '../policy/descendants.ts';
import type { LoadServices } from '../policy/load-request.ts';
import { planEdit } from '../policy/plan.ts';
import { decide } from '../rbac/check.ts';
import { recordMissing } from '../record-missing.ts';
import type { ActorRequest } from '../request.ts';
import { commitAt, requireBranch, requireParent } from './branch.ts';
import { branchMissing, isRoot } from './names.ts';

/**
 * Removes a branch and everything below it, whoever owns it and whichever policy defined it, with
 * values, credentials and what hangs on it. Users are not below a branch, whatever their ids.
 *
 * @throws LatchkeyError `RESOURCE_NOT_FOUND`: the branch is missing or the role lacks `update` on it, or on
 *   something below it, which then is named; always for the root
 * @throws LatchkeyError `STORE_BUSY`
 * @see Conjur: DELETE /branches/{account}/{identifier}
 */
export async function deleteBranch(
  services: LoadServices,
  request: ActorRequest,
  account: Account,
  path: string,
): Promise<void> {
  if (isRoot(path)) throw branchMissing(account, path);
  await commitAt(services, request, account, path, (state) => {
    const policy = requireBranch(state, request, path, 'update');
    requireParent(state, path);
    const below = descendantsOf(state.graph, policy).filter((resource) => partsOf(resource).kind !== 'user');
    const resources = sameNameAs(state, policy).concat(below);
    requireUpdate(state, request, resources);
    const plan = planEdit(state.graph, (draft) => {
      removeNamed(draft, state.graph, resources);
    });
    return { plan, result: undefined };
  });
}

/** The policy, and whatever else has its identifier. */
function sameNameAs({ graph, account }: AccountState, policy: ResourceId): ResourceId[] {
  const end = `:${partsOf(policy).identifier}`;
  const found: ResourceId[] = [];
  for (const resource of graph.resources()) {
    if (!resource.endsWith(end) || !resource.startsWith(`${account}:`)) continue;
    const { kind, identifier } = partsOf(resource);
    if (identifier === end.slice(1) && kind !== 'user') found.push(resource);
  }
  return found;
}

/** What is deepest is named first, so that a message leads to the culprit itself. */
function requireUpdate(
  { graph }: AccountState,
  { actor }: ActorRequest,
  resources: readonly ResourceId[],
): void {
  const refused = resources
    .filter((resource) => !decide(graph, actor.role, 'update', resource).allowed)
    .sort((one, other) => other.length - one.length || (one < other ? -1 : 1));
  const [first] = refused;
  if (first === undefined) return;
  throw recordMissing(first);
}
