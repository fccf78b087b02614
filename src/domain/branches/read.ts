import { actorView } from '../actor-view.ts';
import type { AccountView } from '../accounts/authority.ts';
import { inAccount } from '../accounts/in-account.ts';
import { compareIds } from '../collation.ts';
import { partsOf, rootPolicyOf, type Account } from '../ids.ts';
import { partOn, type Page } from '../paging.ts';
import { decide } from '../rbac/check.ts';
import type { ActorRequest } from '../request.ts';
import type { Services } from '../services.ts';
import { branchOf, requireBranch, requireParent, type Branch } from './branch.ts';
import { branchMissing, parentOf, resourceAt } from './names.ts';

/** One page of a list, and how many there are on all pages. */
export interface BranchList {
  readonly branches: readonly Branch[];
  readonly count: number;
}

/**
 * Shows one branch.
 * @throws LatchkeyError `RESOURCE_NOT_FOUND`: missing, or the role lacks `read`; or what it stands in
 *   is missing, which then is named
 * @see Conjur: GET /branches/{account}/{identifier}
 */
export async function showBranch(
  services: Pick<Services, 'authority'>,
  request: ActorRequest,
  account: Account,
  path: string,
): Promise<Branch> {
  const { state } = await inAccount(actorView(services, request.actor, account, []), () => {
    throw branchMissing(account, path);
  });
  const policy = requireBranch(state, request, path, 'read');
  requireParent(state, path);
  return branchOf(state.graph, policy);
}

/**
 * The branches that the role has `read` on, by their ids, without the root and without those
 * that stand in what is not there. An account that does not exist has none.
 * @see Conjur: GET /branches/{account}
 */
export async function listBranches(
  services: Pick<Services, 'authority'>,
  request: ActorRequest,
  account: Account,
  page: Page,
): Promise<BranchList> {
  const view = await inAccount(actorView(services, request.actor, account, []), () => undefined);
  if (view === undefined) return { branches: [], count: 0 };
  const { graph } = view.state;
  const policies = readablePolicies(view, request);
  return {
    branches: partOn(policies, page).map((policy) => branchOf(graph, policy)),
    count: policies.length,
  };
}

function readablePolicies({ state: { account, graph } }: AccountView, { actor }: ActorRequest) {
  const root = rootPolicyOf(account);
  return graph
    .visibleTo(actor.role)
    .filter((resource) => {
      const { kind, identifier } = partsOf(resource);
      if (kind !== 'policy' || resource === root) return false;
      if (!decide(graph, actor.role, 'read', resource).allowed) return false;
      const parent = resourceAt(account, 'policy', parentOf(identifier));
      return parent !== undefined && graph.hasResource(parent);
    })
    .sort(compareIds);
}
