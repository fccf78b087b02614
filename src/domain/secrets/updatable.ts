import { viewAround } from '../actor-view.ts';
import type { AccountView } from '../accounts/authority.ts';
import { LatchkeyError } from '../errors.ts';
import type { RecordKey, ResourceId } from '../ids.ts';
import { decide } from '../rbac/check.ts';
import { recordMissing } from '../record-missing.ts';
import type { ActorRequest } from '../request.ts';
import type { Services } from '../services.ts';

/**
 * Reads records of a resource for a role that may change its value.
 * @throws LatchkeyError `RESOURCE_NOT_FOUND`: missing, or invisible to the role
 * @throws LatchkeyError `PRIVILEGE_MISSING`: visible, but the role lacks `update`
 */
export async function updatableView(
  services: Pick<Services, 'authority'>,
  { actor }: ActorRequest,
  resource: ResourceId,
  keys: readonly RecordKey[],
): Promise<AccountView> {
  const view = await viewAround(services, actor, resource, keys);
  const decision = decide(view.state.graph, actor.role, 'update', resource);
  if (!decision.allowed) {
    const refused = new LatchkeyError('PRIVILEGE_MISSING', { subject: resource });
    if (decision.reason === 'privilege_missing') throw refused;
    throw recordMissing(resource, decision.reason === 'invisible' ? refused : undefined);
  }
  return view;
}
