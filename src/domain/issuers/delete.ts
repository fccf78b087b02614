import type { AccountState } from '../accounts/account-state.ts';
import { partsOf, roleOf, toRoleId, type Account, type ResourceId, type RoleId } from '../ids.ts';
import { occurrence } from '../occurrence.ts';
import { removeWithDependents, removeWithOwned } from '../policy/cascade.ts';
import { commitSmallPolicy } from '../policy/commit-plan.ts';
import type { LoadServices } from '../policy/load-request.ts';
import { planEdit, type Plan } from '../policy/plan.ts';
import type { GraphRow } from '../records/rows.ts';
import type { ActorRequest } from '../request.ts';
import { auditedIssuers, recordRows } from './audited-issuers.ts';
import { variablesOf } from './dynamic-variables.ts';
import { withAdministrator, issuerMissing, requireIssuer, requireOnBase } from './issuer.ts';

interface Removal {
  readonly plan: Plan;
  readonly variables: readonly ResourceId[];
}

/**
 * Removes an issuer with its policy, and the dynamic variables that name it, whoever owns them: one
 * commit. The attempt is audited, and so is every variable and every row of policy that goes.
 *
 * @param keepSecrets leaves the variables
 * @throws LatchkeyError `ISSUER_NOT_FOUND`: missing, or `conjur/issuers` is invisible to the role
 * @throws LatchkeyError `PRIVILEGE_MISSING`: no `update` on `conjur/issuers`
 * @throws LatchkeyError `RESOURCE_NOT_FOUND`: there is no such account
 * @throws LatchkeyError `STORE_BUSY`
 * @see Conjur: DELETE /issuers/{account}/{identifier}
 */
export async function deleteIssuer(
  services: LoadServices,
  request: ActorRequest,
  account: Account,
  id: string,
  keepSecrets: boolean,
): Promise<void> {
  await auditedIssuers(services, request, account, { operation: 'remove', issuer: id }, async () => {
    const commit = commitSmallPolicy(services, request, account, (state) => {
      requireOnBase(state, request, 'update', (missing) => issuerMissing(id, missing));
      const { policy } = requireIssuer(state, id);
      const variables = keepSecrets ? [] : variablesOf(state.graph, account, id);
      const plan = planRemoval(state, policy, variables);
      return { plan, result: { plan, variables } };
    });
    await recordRemoval(services, request, account, id, await withAdministrator(account, commit));
  });
}

/** As deleting the policies by name would, and the variables as resources. */
function planRemoval({ graph }: AccountState, policy: ResourceId, variables: readonly ResourceId[]): Plan {
  const { account, identifier } = partsOf(policy);
  const named: readonly RoleId[] = [
    toRoleId(account, 'group', `${identifier}/delegation/consumers`),
    toRoleId(account, 'policy', `${identifier}/delegation`),
    roleOf(policy),
  ];
  const rows: GraphRow[] = variables.flatMap((variable) => graph.resource(variable) ?? []);
  return planEdit(graph, (draft) => {
    for (const role of named) removeWithOwned(draft, role);
    removeWithDependents(draft, rows);
  });
}

async function recordRemoval(
  services: LoadServices,
  request: ActorRequest,
  account: Account,
  issuer: string,
  { plan, variables }: Removal,
): Promise<void> {
  const gone = new Set<string>(variables);
  await recordRows(
    services,
    request,
    'remove',
    plan.removals.map(({ row }) => row).filter((row) => !('resource' in row && gone.has(row.resource))),
  );
  await Promise.all(
    variables.map((resource) =>
      services.audit.record({
        type: 'variable',
        ...occurrence(services, request, undefined),
        role: request.actor.role,
        account,
        issuer,
        resource,
      }),
    ),
  );
}
