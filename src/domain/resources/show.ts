import { audited } from '../audited.ts';
import type { ResourceId } from '../ids.ts';
import { occurrence } from '../occurrence.ts';
import { visibleView } from '../rbac/visible-view.ts';
import { recordMissing } from '../record-missing.ts';
import type { ActorRequest } from '../request.ts';
import type { Services } from '../services.ts';
import { describeResources, type ResourceDetails } from './details.ts';

/**
 * Shows a resource to whoever may know of it; audited (`resource`). No value is shown.
 * @throws LatchkeyError `RESOURCE_NOT_FOUND`: missing or invisible
 * @see Conjur: GET /resources/{account}/{kind}/{identifier}
 */
export async function showResource(
  services: Pick<Services, 'authority' | 'audit' | 'clock'>,
  request: ActorRequest,
  resource: ResourceId,
): Promise<ResourceDetails> {
  const { actor } = request;
  return audited(
    services.audit,
    (failure) => ({
      type: 'resource',
      ...occurrence(services, request, failure),
      role: actor.role,
      resource,
    }),
    async () => {
      const { state } = await visibleView(services, actor, resource);
      const [details] = await describeResources(services, state, [resource]);
      if (details === undefined) throw recordMissing(resource);
      return details;
    },
  );
}
