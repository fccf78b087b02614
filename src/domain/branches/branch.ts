/** What a branch shows, and who may see and change it. */
import type { AccountState } from '../accounts/account-state.ts';
import { inAccount } from '../accounts/in-account.ts';
import { partsOf, roleOf, type Account, type ResourceId, type RoleId } from '../ids.ts';
import { commitSmallPolicy, type SmallPolicy } from '../policy/commit-plan.ts';
import type { LoadServices } from '../policy/load-request.ts';
import { decide } from '../rbac/check.ts';
import type { AccessGraph } from '../rbac/graph.ts';
import { recordMissing } from '../record-missing.ts';
import type { ActorRequest } from '../request.ts';
import {
  branchMissing,
  identifierOf,
  isRoot,
  lastElementOf,
  parentOf,
  resourceAt,
  type NamedRole,
} from './names.ts';

/** A policy in the versioned API. */
export interface Branch {
  /** The last element of its identifier. */
  readonly name: string;
  /** The identifier of the branch that it stands in, `/` at the top. */
  readonly branch: string;
  readonly owner: NamedRole;
  readonly annotations: ReadonlyMap<string, string>;
}

/** What owners may be. */
export const ownerKinds = ['host', 'user', 'group', 'policy'] as const;

/** A policy as a branch. The owner and annotations may be given where they are about to change. */
export function branchOf(
  graph: AccessGraph,
  policy: ResourceId,
  changed: { readonly owner?: NamedRole; readonly annotations?: ReadonlyMap<string, string> } = {},
): Branch {
  const { identifier } = partsOf(policy);
  return {
    name: lastElementOf(identifier),
    branch: parentOf(identifier),
    owner: changed.owner ?? ownerOf(graph, policy),
    annotations: new Map([
      ...graph.annotationsOf(policy).map(({ name, value }) => [name, value] as const),
      ...(changed.annotations ?? []),
    ]),
  };
}

function ownerOf(graph: AccessGraph, policy: ResourceId): NamedRole {
  const row = graph.resource(policy);
  if (row === undefined) return { kind: '', id: '' };
  const { kind, identifier } = partsOf(row.owner);
  return { kind, id: identifier };
}

/**
 * The policy of a branch that the role has these privileges on.
 * @throws LatchkeyError `RESOURCE_NOT_FOUND`: no such branch, or a privilege is missing; a caller
 *   cannot tell which
 */
export function requireBranch(
  { account, graph }: AccountState,
  { actor }: ActorRequest,
  path: string,
  ...privileges: readonly string[]
): ResourceId {
  const policy = resourceAt(account, 'policy', path);
  const allowed =
    policy !== undefined &&
    privileges.every((privilege) => decide(graph, actor.role, privilege, policy).allowed);
  if (!allowed) throw branchMissing(account, path);
  return policy;
}

/**
 * Checks that what a branch stands in is there.
 * @throws LatchkeyError `RESOURCE_NOT_FOUND`, naming the parent
 */
export function requireParent({ account, graph }: AccountState, path: string): void {
  if (isRoot(path)) return;
  const parent = parentOf(identifierOf(path));
  const policy = resourceAt(account, 'policy', parent);
  if (policy === undefined || !graph.hasResource(policy)) throw branchMissing(account, parent);
}

/**
 * As {@link commitSmallPolicy}; in an account that was never made there is no branch of this path.
 * @throws LatchkeyError `RESOURCE_NOT_FOUND`, and those of `commitSmallPolicy`
 */
export async function commitAt<Result>(
  services: LoadServices,
  request: ActorRequest,
  account: Account,
  path: string,
  planAgainst: (state: AccountState) => SmallPolicy<Result>,
): Promise<Result> {
  return inAccount(commitSmallPolicy(services, request, account, planAgainst), () => {
    throw branchMissing(account, path);
  });
}

/**
 * The role that a request names as an owner. Whether the caller may know of it does not matter, as
 * in a policy.
 * @throws LatchkeyError `RESOURCE_NOT_FOUND`
 */
export function requireRole(
  { account, graph }: Pick<AccountState, 'account' | 'graph'>,
  { kind, id }: NamedRole,
): RoleId {
  const resource = resourceAt(account, kind, id);
  if (resource === undefined || !graph.hasRole(roleOf(resource))) {
    throw recordMissing(`${account}:${kind}:${identifierOf(id)}`);
  }
  return roleOf(resource);
}
