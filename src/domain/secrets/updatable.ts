import { actorView } from '../actor-view.ts';
import type { AccountView } from '../accounts/authority.ts';
import { isFailure, LatchkeyError } from '../errors.ts';
import { partsOf, storedAccount, type RecordKey, type ResourceId } from '../ids.ts';
import { decide } from '../rbac/check.ts';
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
  const account = storedAccount(partsOf(resource).account);
  const view = await actorView(services, actor, account, keys).catch((error: unknown) => {
    if (isFailure(error, 'ACCOUNT_NOT_FOUND'))
      throw new LatchkeyError('RESOURCE_NOT_FOUND', { subject: resource });
    throw error;
  });
  const decision = decide(view.state.graph, actor.role, 'update', resource);
  if (!decision.allowed) {
    const refused = new LatchkeyError('PRIVILEGE_MISSING', { subject: resource });
    if (decision.reason === 'privilege_missing') throw refused;
    const hidden = decision.reason === 'invisible' ? { cause: refused } : {};
    throw new LatchkeyError('RESOURCE_NOT_FOUND', { subject: resource, ...hidden });
  }
  return view;
}
