/** A load that is planned, told, and not done. */
import { audited } from '../audited.ts';
import type { ResourceId } from '../ids.ts';
import { occurrence } from '../occurrence.ts';
import type { ActorRequest } from '../request.ts';
import type { Services } from '../services.ts';
import { atOnce } from '../slices.ts';
import { viewForLoad } from './branch-access.ts';
import { differenceOf, type Difference } from './difference.ts';
import { parsePolicy } from './parse.ts';
import { branchOf, planAgainst } from './plan-against.ts';
import type { PlanMode } from './plan.ts';
import type { Meaning } from './reading.ts';
import { resolvePolicy } from './resolve.ts';

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
      await viewForLoad(services, request, policy, mode);
      const statements = parsePolicy(text, { maxBytes: services.settings.maxPolicyBytes });
      // INVARIANT: from here on nothing is awaited, so that plan and difference are about one state.
      const { state } = await viewForLoad(services, request, policy, mode);
      const meaning: Meaning = () => resolvePolicy(statements, branchOf(state, policy));
      const steps = planAgainst(
        state,
        { policy, mode, role },
        meaning,
        services.clock.now(),
        services.settings,
      );
      const { plan, warnings } = atOnce(steps);
      return { difference: differenceOf(state.graph, plan, role), warnings };
    },
  );
}
