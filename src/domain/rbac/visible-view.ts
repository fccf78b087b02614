/** How use cases look at one resource for an actor: what it may not know of is not found. */
import { viewAround } from '../actor-view.ts';
import type { AccountView } from '../accounts/authority.ts';
import type { RecordKey, ResourceId } from '../ids.ts';
import { recordMissing } from '../record-missing.ts';
import type { Actor } from '../request.ts';
import type { Services } from '../services.ts';
import { visible } from './check.ts';

/**
 * Reads records of a resource's account, provided that the resource is visible to the actor.
 * @throws LatchkeyError `RESOURCE_NOT_FOUND`: missing or invisible, or there is no such account
 * @throws LatchkeyError `ACCESS_TOKEN_ROLE_GONE`, `ACCESS_TOKEN_INVALID`
 */
export async function visibleView(
  services: Pick<Services, 'authority'>,
  actor: Actor,
  resource: ResourceId,
  keys: readonly RecordKey[] = [],
): Promise<AccountView> {
  const view = await viewAround(services, actor, resource, keys);
  if (!visible(view.state.graph, actor.role, resource)) throw recordMissing(resource);
  return view;
}
