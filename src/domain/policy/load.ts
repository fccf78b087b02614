/** Loading a policy: from text to one commit. */
import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { audited } from '../audited.ts';
import { LatchkeyError } from '../errors.ts';
import type { ResourceId } from '../ids.ts';
import { occurrence } from '../occurrence.ts';
import type { ActorRequest } from '../request.ts';
import type { Services } from '../services.ts';
import { applyPlan } from './apply-plan.ts';
import { viewForLoad } from './branch-access.ts';
import { recordChanges } from './load-changes.ts';
import { recordPlan } from './load-events.ts';
import type { CreatedRole, LoadRequest, LoadServices } from './load-request.ts';
import { parsePolicy } from './parse.ts';
import { planAgainst } from './plan-against.ts';
import type { PlanMode } from './plan.ts';
import { passwordHash } from './user-passwords.ts';

/** What a load did. */
export interface LoadedPolicy {
  /** The users and hosts that it made, each with its API key: shown this once. */
  readonly createdRoles: readonly CreatedRole[];
  /** Of the policy, counted from 1. */
  readonly version: number;
  readonly warnings: readonly string[];
}

/** A load that lost this many races is given up, earlier if that has taken long: to plan again costs time, too. */
const maxAttempts = 20;
const maxAttemptsMs = 10_000;

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
 * @throws LatchkeyError `POLICY_TEXT_MISSING`, `POLICY_TEXT_DELETES`, `POLICY_TOO_LARGE`
 * @throws LatchkeyError `POLICY_INVALID`, `POLICY_UNRESOLVED`: the text cannot be read, or it means nothing
 *   here or is not allowed by the settings; with line and column
 * @throws LatchkeyError `PASSWORD_WEAK`: the one that the settings give to a user
 * @throws LatchkeyError `POLICY_CONFLICT`: other changes kept coming in between
 * @see Conjur: POST, PATCH and PUT /policies/{account}/policy/{identifier}
 */
export async function loadPolicy(
  services: LoadServices & Pick<Services, 'passwords'>,
  request: ActorRequest,
  policy: ResourceId,
  mode: PlanMode,
  text: Uint8Array,
): Promise<LoadedPolicy> {
  return auditedFailure(services, request, policy, mode, async () => {
    await viewForLoad(services, request, policy, mode);
    const statements = parsePolicy(text, { maxBytes: services.settings.maxPolicyBytes });
    const sha256 = createHash('sha256').update(text).digest('hex');
    // Reading a large text has held up other requests for long enough.
    await nextTurn();
    const giveUpAt = services.clock.now() + maxAttemptsMs;
    for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
      const loaded = await tryToLoad(services, request, { policy, mode, text, sha256, statements });
      if (loaded !== undefined) return loaded;
      if (services.clock.now() > giveUpAt) break;
      // Whoever was faster may have more to do in this turn.
      await nextTurn();
    }
    throw new LatchkeyError('POLICY_CONFLICT');
  });
}

/** Plans against the present state and commits; undefined when the state changed in between. */
async function tryToLoad(
  services: LoadServices & Pick<Services, 'passwords'>,
  request: ActorRequest,
  load: LoadRequest,
): Promise<LoadedPolicy | undefined> {
  // INVARIANT: the epoch of the read, not of the state, which may have moved on since the decision.
  const { state, epoch } = await viewForLoad(services, request, load.policy, load.mode);
  const planned = planAgainst(
    state,
    { ...load, role: request.actor.role },
    services.clock.now(),
    services.settings,
  );
  const { plan, passwords, warnings } = planned;
  const recorded = await recordChanges(services, request, state, plan, load, {
    roles: [...passwords.keys()],
    hash: (role, present) => passwordHash(services.passwords, passwords.get(role) ?? '', present),
  });
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
  return { createdRoles: recorded.createdRoles, version: recorded.version, warnings };
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
