/** Loading a policy: from text to one commit. */
import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { actorView } from '../actor-view.ts';
import { audited } from '../audited.ts';
import type { AccountState } from '../accounts/account-state.ts';
import type { AccountView } from '../accounts/authority.ts';
import { isFailure, LatchkeyError } from '../errors.ts';
import { partsOf, storedAccount, type ResourceId, type RoleId } from '../ids.ts';
import { occurrence } from '../occurrence.ts';
import { decide } from '../rbac/check.ts';
import type { ActorRequest } from '../request.ts';
import { applyPlan } from './apply-plan.ts';
import { descendantsOf } from './descendants.ts';
import { recordChanges } from './load-changes.ts';
import { recordPlan } from './load-events.ts';
import type { CreatedRole, LoadRequest, LoadServices } from './load-request.ts';
import { parsePolicy } from './parse.ts';
import { planLoad, type Plan, type PlanMode } from './plan.ts';
import { resolvePolicy } from './resolve.ts';
import type { ResolvedPolicy } from './statements.ts';

/** What a load did. */
export interface LoadedPolicy {
  /** The users and hosts that it made, each with its API key: shown this once. */
  readonly createdRoles: readonly CreatedRole[];
  /** Of the policy, counted from 1. */
  readonly version: number;
  readonly warnings: readonly string[];
}

const maxAttempts = 5;

/**
 * Loads a policy text: all of it in one commit, or nothing.
 *
 * The load is planned against the account as it is and committed on condition that it still is;
 * a load that lost such a race is planned again, a few times. Every row that it adds, changes or
 * removes is audited before this settles; so is a load that failed.
 *
 * @param mode `create` only adds; `update` also changes and deletes what is named; `replace` also
 *   removes what the policy defined before and no longer does
 * @throws LatchkeyError `RESOURCE_NOT_FOUND`: the policy is missing, or invisible to the role
 * @throws LatchkeyError `PRIVILEGE_MISSING`: no `create` (or, for the other modes, `update`) on it;
 *   for `replace` also no `update` on something below it
 * @throws LatchkeyError `POLICY_TEXT_MISSING`, `POLICY_TEXT_DELETES`, `POLICY_TOO_LARGE`, `POLICY_INVALID`
 *   (with line and column)
 * @throws LatchkeyError `POLICY_CONFLICT`: other changes kept coming in between
 * @see Conjur: POST, PATCH and PUT /policies/{account}/policy/{identifier}
 */
export async function loadPolicy(
  services: LoadServices,
  request: ActorRequest,
  policy: ResourceId,
  mode: PlanMode,
  text: Uint8Array,
): Promise<LoadedPolicy> {
  const { role } = request.actor;
  return auditedFailure(services, request, policy, mode, async () => {
    requireAllowed(await viewFor(services, request, policy), role, policy, mode);
    const statements = parsePolicy(text, { maxBytes: services.settings.maxPolicyBytes });
    const sha256 = createHash('sha256').update(text).digest('hex');
    // Reading a large text has held up other requests for long enough.
    await nextTurn();
    for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
      const loaded = await tryToLoad(services, request, { policy, mode, text, sha256, statements });
      if (loaded !== undefined) return loaded;
    }
    throw new LatchkeyError('POLICY_CONFLICT');
  });
}

/** Plans against the present state and commits; undefined when the state changed in between. */
async function tryToLoad(
  services: LoadServices,
  request: ActorRequest,
  load: LoadRequest,
): Promise<LoadedPolicy | undefined> {
  const { state } = requireAllowed(
    await viewFor(services, request, load.policy),
    request.actor.role,
    load.policy,
    load.mode,
  );
  const { epoch } = state;
  const { resolved, plan } = planAgainst(state, load, services.clock.now());
  const recorded = await recordChanges(services, request, state, plan, load);
  const { changes, expectRevisions } = recorded;
  const result = await services.authority.commit(
    state.account,
    { changes, authority: true, expectEpoch: epoch, expectRevisions },
    (graph) => {
      applyPlan(graph, plan);
    },
  );
  if (!result.committed) return undefined;
  await recordPlan(services, request, load.policy, recorded.version, plan);
  return { createdRoles: recorded.createdRoles, version: recorded.version, warnings: resolved.warnings };
}

/** @throws LatchkeyError `POLICY_UNRESOLVED`: well formed, but it means nothing here */
function planAgainst(
  { account, graph }: AccountState,
  { policy, statements, mode }: LoadRequest,
  now: number,
): { readonly resolved: ResolvedPolicy; readonly plan: Plan } {
  const branch = graph.resource(policy);
  if (branch === undefined) throw new LatchkeyError('RESOURCE_NOT_FOUND', { subject: policy });
  try {
    const resolved = resolvePolicy(statements, { account, branch: policy, branchOwner: branch.owner });
    return { resolved, plan: planLoad(graph, resolved, mode, now) };
  } catch (error) {
    if (!isFailure(error, 'POLICY_INVALID')) throw error;
    const at = error.at === undefined ? {} : { at: error.at };
    throw new LatchkeyError('POLICY_UNRESOLVED', { detail: error.message, ...at });
  }
}

async function viewFor(
  services: LoadServices,
  request: ActorRequest,
  policy: ResourceId,
): Promise<AccountView> {
  return actorView(services, request.actor, storedAccount(partsOf(policy).account), []).catch(
    (error: unknown) => {
      if (isFailure(error, 'ACCOUNT_NOT_FOUND'))
        throw new LatchkeyError('RESOURCE_NOT_FOUND', { subject: policy });
      throw error;
    },
  );
}

/** Refuses an unprivileged caller before the text is looked at. */
function requireAllowed(view: AccountView, role: RoleId, policy: ResourceId, mode: PlanMode): AccountView {
  const { graph } = view.state;
  const decision = decide(graph, role, mode === 'create' ? 'create' : 'update', policy);
  if (!decision.allowed) {
    const reason = decision.reason === 'privilege_missing' ? 'PRIVILEGE_MISSING' : 'RESOURCE_NOT_FOUND';
    throw new LatchkeyError(reason, { subject: policy });
  }
  if (mode === 'replace') {
    const kept = descendantsOf(graph, policy).find(
      (resource) => !decide(graph, role, 'update', resource).allowed,
    );
    if (kept !== undefined) {
      throw new LatchkeyError('PRIVILEGE_MISSING', {
        subject: policy,
        detail: `no update privilege on ${kept}`,
      });
    }
  }
  return view;
}

/** Records a load that failed; one that succeeded is recorded row by row. */
async function auditedFailure(
  services: LoadServices,
  request: ActorRequest,
  policy: ResourceId,
  mode: PlanMode,
  act: () => Promise<LoadedPolicy>,
): Promise<LoadedPolicy> {
  return audited(
    services.audit,
    (failure) =>
      failure === undefined
        ? undefined
        : {
            type: 'policy',
            ...occurrence(services, request, failure),
            role: request.actor.role,
            policy,
            operation: mode === 'create' ? 'create' : 'update',
          },
    act,
  );
}
