/** A load that is planned, told, and not done. */
import type { AccountState } from '../accounts/account-state.ts';
import { audited } from '../audited.ts';
import type { ResourceId } from '../ids.ts';
import { occurrence } from '../occurrence.ts';
import type { ActorRequest } from '../request.ts';
import type { Services } from '../services.ts';
import { atOnce, inSlices, type Steps } from '../slices.ts';
import { viewForLoad } from './branch-access.ts';
import { differenceOf, type Difference } from './difference.ts';
import { branchOf, planAgainst, type PlannedLoad } from './plan-against.ts';
import type { PlanMode } from './plan.ts';
import { readText, type Meaning } from './reading.ts';

/** The last one is made in one piece, which no change can come into. */
const maxAttempts = 5;

export interface Rehearsal {
  readonly difference: Difference;
  readonly warnings: readonly string[];
}

/**
 * Tells what a load would do, from the plan that the load itself would carry out. Nothing is
 * written and no version is used. It takes the same privileges, fails for the same reasons with
 * the same errors, and is audited as `validate` (as the load, where it fails).
 *
 * @throws LatchkeyError whatever a load (`loadPolicy`) throws, but for `POLICY_CONFLICT`
 * @see Conjur: `?dryRun=true`
 */
export async function rehearseLoad(
  services: Pick<Services, 'authority' | 'clock' | 'audit' | 'settings'>,
  request: ActorRequest,
  policy: ResourceId,
  mode: PlanMode,
  text: Uint8Array,
): Promise<Rehearsal> {
  const { role } = request.actor;
  return audited(
    services.audit,
    (failure) => ({
      type: 'policy',
      ...occurrence(services, request, failure),
      role,
      policy,
      operation: failure === undefined ? 'validate' : mode === 'create' ? 'create' : 'update',
    }),
    async () => {
      const { state: first } = await viewForLoad(services, request, policy, mode);
      const read = readText(text, { maxBytes: services.settings.maxPolicyBytes });
      let branch = branchOf(first, policy);
      let meaning = await read.meaningIn(branch);
      for (let attempt = 1; ; attempt += 1) {
        const { state } = await viewForLoad(services, request, policy, mode);
        const present = branchOf(state, policy);
        if (present.branchOwner !== branch.branchOwner) {
          branch = present;
          meaning = await read.meaningIn(branch);
          continue;
        }
        const steps = rehearse(services, state, { policy, mode, role }, meaning);
        // INVARIANT: plan and difference are about one state.
        const { epoch } = state;
        const rehearsed =
          attempt < maxAttempts ? await inSlices(steps, () => state.epoch === epoch) : atOnce(steps);
        if (rehearsed !== undefined) return rehearsed;
      }
    },
  );
}

function* rehearse(
  { clock, settings }: Pick<Services, 'clock' | 'settings'>,
  state: AccountState,
  load: PlannedLoad,
  meaning: Meaning,
): Steps<Rehearsal> {
  const { plan, warnings } = yield* planAgainst(state, load, meaning, clock.now(), settings);
  yield;
  return { difference: yield* differenceOf(state.graph, plan, load.role), warnings };
}
