import { actorView } from '../actor-view.ts';
import { audited } from '../audited.ts';
import { occurrence } from '../occurrence.ts';
import type { Actor, ActorRequest } from '../request.ts';
import type { Services } from '../services.ts';

/**
 * Tells a caller who it is; audited.
 * @throws LatchkeyError `ACCESS_TOKEN_ROLE_GONE`
 * @see Conjur: GET /whoami
 */
export async function whoami(
  services: Pick<Services, 'authority' | 'audit' | 'clock'>,
  request: ActorRequest,
): Promise<Actor> {
  const { actor } = request;
  return audited(
    services.audit,
    (failure) => ({ type: 'identity-check', ...occurrence(services, request, failure), role: actor.role }),
    async () => {
      await actorView(services, actor, actor.account, []);
      return actor;
    },
  );
}
