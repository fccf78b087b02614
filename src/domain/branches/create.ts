import type { AccountState } from '../accounts/account-state.ts';
import { LatchkeyError } from '../errors.ts';
import { adminOf, partsOf, roleOf, type Account, type RoleId } from '../ids.ts';
import type { SmallPolicy } from '../policy/commit-plan.ts';
import { composedPolicy, composedRecord } from '../policy/compose.ts';
import type { LoadServices } from '../policy/load-request.ts';
import { planLoad } from '../policy/plan.ts';
import type { ActorRequest } from '../request.ts';
import { readBranchAnnotations } from './annotations.ts';
import {
  branchOf,
  commitAt,
  ownerKinds,
  requireBranch,
  requireParent,
  requireRole,
  type Branch,
} from './branch.ts';
import {
  branchMissing,
  branchPathFaults,
  identifierOf,
  isRoot,
  nameFaults,
  pathIn,
  requireIdentifier,
  requireNamedRole,
  requireNoFaults,
  resourceAt,
  type NamedRole,
} from './names.ts';

/** A branch as a request describes it. */
export interface NewBranch {
  readonly name: string;
  /** The path of the branch that it is to stand in. */
  readonly branch: string;
  /** By default the branch that it stands in; the account's administrator at the top. */
  readonly owner?: NamedRole;
  readonly annotations: ReadonlyMap<string, unknown>;
}

/**
 * Makes an empty branch: a policy with its owner and annotations, as if the branch around it had
 * been loaded with it.
 *
 * @throws LatchkeyError `FIELD_INVALID`: a name, a path or an annotation that may not be
 * @throws LatchkeyError `RESOURCE_NOT_FOUND`: the branch around it is missing or the role lacks `create`
 *   on it; what that stands in is missing; the owner is missing
 * @throws LatchkeyError `BRANCH_EXISTS`: also where the role may not know of it
 * @throws LatchkeyError `STORE_BUSY`
 * @see Conjur: POST /branches/{account}
 */
export async function createBranch(
  services: LoadServices,
  request: ActorRequest,
  account: Account,
  wanted: NewBranch,
): Promise<Branch> {
  if (wanted.owner !== undefined) requireNamedRole(wanted.owner, ownerKinds, 'owner');
  const annotations = readBranchAnnotations(wanted.annotations);
  const path = pathIn(wanted.branch, wanted.name);
  requireIdentifier(path);
  requireNoFaults([...nameFaults(wanted.name), ...branchPathFaults(wanted.branch)]);
  return commitAt(services, request, account, wanted.branch, (state) =>
    planBranch(state, request, wanted, annotations, services.clock.now()),
  );
}

function planBranch(
  state: AccountState,
  request: ActorRequest,
  wanted: NewBranch,
  annotations: ReadonlyMap<string, string>,
  now: number,
): SmallPolicy<Branch> {
  const { account, graph } = state;
  const around = requireBranch(state, request, wanted.branch, 'create');
  const identifier = identifierOf(pathIn(wanted.branch, wanted.name));
  const policy = resourceAt(account, 'policy', identifier);
  if (policy === undefined) throw new LatchkeyError('FIELD_INVALID', { detail: 'The full id is too long' });
  if (graph.hasResource(policy)) {
    const subject = `${account}:branch:${identifier}`;
    throw new LatchkeyError('BRANCH_EXISTS', { subject, detail: `Branch "${subject}" already exists` });
  }
  const owner = ownerFor(state, wanted);
  requireParent(state, wanted.branch);
  const definitions = [composedRecord('policy', policy, owner, annotations)];
  const plan = planLoad(graph, composedPolicy(account, around, { definitions }), 'create', now);
  const { kind, identifier: id } = partsOf(owner);
  return { plan, result: branchOf(graph, policy, { owner: { kind, id }, annotations }) };
}

function ownerFor({ account, graph }: AccountState, { owner, branch }: NewBranch): RoleId {
  if (owner !== undefined) return requireRole({ account, graph }, owner);
  if (isRoot(branch)) return adminOf(account);
  const around = resourceAt(account, 'policy', branch);
  if (around === undefined) throw branchMissing(account, branch);
  return roleOf(around);
}
