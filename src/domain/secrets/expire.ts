import { audited } from '../audited.ts';
import type { ResourceId } from '../ids.ts';
import { occurrence } from '../occurrence.ts';
import type { ActorRequest } from '../request.ts';
import type { Services } from '../services.ts';
import { updatableView } from './updatable.ts';

/**
 * Declares a variable's values expired, which asks whoever rotates them to do so now. Nothing in
 * this service does: values have no expiry here, so that there is nothing to write, only the
 * question whether the role might. It is audited as that, a check of `update`.
 *
 * @throws LatchkeyError `RESOURCE_NOT_FOUND`: missing, or invisible to the role
 * @throws LatchkeyError `PRIVILEGE_MISSING`: visible, but the role lacks `update`
 * @see Conjur: POST /secrets/{account}/variable/{identifier}?expirations
 */
export async function expireSecret(
  services: Pick<Services, 'authority' | 'clock' | 'audit'>,
  request: ActorRequest,
  variable: ResourceId,
): Promise<void> {
  const { role } = request.actor;
  await audited(
    services.audit,
    (failure) => ({
      type: 'check',
      ...occurrence(services, request, failure),
      role,
      subjectRole: role,
      resource: variable,
      privilege: 'update',
      allowed: failure === undefined,
    }),
    async () => {
      await updatableView(services, request, variable, []);
    },
  );
}
