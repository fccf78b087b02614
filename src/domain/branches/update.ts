import type { AccountState } from '../accounts/account-state.ts';
import type { Account, ResourceId, RoleId } from '../ids.ts';
import type { LoadServices } from '../policy/load-request.ts';
import { mergeRows } from '../policy/plan-merge.ts';
import { planEdit, type Plan } from '../policy/plan.ts';
import type { AnnotationRow } from '../records/rows.ts';
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
import { identifierOf, requireNamedRole, type NamedRole } from './names.ts';

/** What is to change; what is left out stays. */
export interface BranchChange {
  readonly owner?: NamedRole;
  /** These are set, others stay. */
  readonly annotations: ReadonlyMap<string, unknown>;
}

/**
 * Gives a branch another owner, and sets annotations, whichever policy defined them.
 *
 * @throws LatchkeyError `RESOURCE_NOT_FOUND`: missing, or the role lacks `read` or `update`; what it
 *   stands in is missing; the owner is missing
 * @throws LatchkeyError `FIELD_INVALID`: an owner or an annotation that may not be
 * @throws LatchkeyError `STORE_BUSY`
 * @see Conjur: PATCH /branches/{account}/{identifier}
 */
export async function updateBranch(
  services: LoadServices,
  request: ActorRequest,
  account: Account,
  path: string,
  change: BranchChange,
): Promise<Branch> {
  return commitAt(services, request, account, path, (state) => {
    const policy = requireBranch(state, request, path, 'read', 'update');
    if (change.owner !== undefined) requireNamedRole(change.owner, ownerKinds, 'owner');
    const annotations = readBranchAnnotations(change.annotations);
    const owner = change.owner === undefined ? undefined : requireRole(state, change.owner);
    requireParent(state, path);
    const named =
      change.owner === undefined
        ? {}
        : { owner: { kind: change.owner.kind, id: identifierOf(change.owner.id) } };
    return {
      plan: planChange(state, policy, owner, annotations),
      result: branchOf(state.graph, policy, { ...named, annotations }),
    };
  });
}

/**
 * Each row stays with the policy that defined it. A load could not say this: it changes only
 * what the same policy defined before.
 */
function planChange(
  { graph }: AccountState,
  policy: ResourceId,
  owner: RoleId | undefined,
  annotations: ReadonlyMap<string, string>,
): Plan {
  const present = graph.resource(policy);
  const { policy: definedBy } = present ?? {};
  const rows = [...annotations].map(([name, value]): AnnotationRow => {
    const origin = graph.annotation(policy, name) ?? { policy: definedBy };
    const defined = origin.policy === undefined ? {} : { policy: origin.policy };
    return { table: 'annotation', resource: policy, name, value, ...defined };
  });
  const resources = present === undefined || owner === undefined ? [] : [{ ...present, owner }];
  return planEdit(graph, (draft) => {
    mergeRows(draft, { roles: [], resources, memberships: [], permissions: [], annotations: rows }, true);
  });
}
