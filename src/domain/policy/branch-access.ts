/** Whether a role may load to a policy. */
import { viewAround } from '../actor-view.ts';
import type { AccountView } from '../accounts/authority.ts';
import { LatchkeyError } from '../errors.ts';
import type { ResourceId } from '../ids.ts';
import { decide } from '../rbac/check.ts';
import { recordMissing } from '../record-missing.ts';
import type { ActorRequest } from '../request.ts';
import type { Services } from '../services.ts';
import { descendantsOf } from './descendants.ts';
import type { PlanMode } from './plan.ts';

/**
 * The account of a policy as it is now, for a role that may load to the policy in this mode: POST
 * takes `create`, PATCH `update`, PUT `update` on all that lies below, too.
 * @throws LatchkeyError `RESOURCE_NOT_FOUND`: the policy is missing, or invisible to the role
 * @throws LatchkeyError `PRIVILEGE_MISSING`
 */
export async function viewForLoad(
  services: Pick<Services, 'authority'>,
  request: ActorRequest,
  policy: ResourceId,
  mode: PlanMode,
): Promise<AccountView> {
  const view = await viewAround(services, request.actor, policy);
  const { graph } = view.state;
  const { role } = request.actor;
  const privilege = mode === 'create' ? 'create' : 'update';
  const decision = decide(graph, role, privilege, policy);
  if (!decision.allowed) {
    if (decision.reason !== 'privilege_missing') throw recordMissing(policy);
    throw new LatchkeyError('PRIVILEGE_MISSING', {
      subject: policy,
      detail: `CONJ00006E '${role}' does not have '${privilege}' privilege on ${policy}`,
    });
  }
  if (mode === 'replace') {
    const kept = descendantsOf(graph, policy).find(
      (resource) => !decide(graph, role, 'update', resource).allowed,
    );
    if (kept !== undefined) {
      throw new LatchkeyError('PRIVILEGE_MISSING', {
        subject: policy,
        detail: `CONJ00136E '${role}' does not have 'update' privilege on some children of ${policy}: ${kept}`,
      });
    }
  }
  return view;
}
