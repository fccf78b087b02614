import { untilCommitted } from '../accounts/until-committed.ts';
import { actorView } from '../actor-view.ts';
import { audited } from '../audited.ts';
import { LatchkeyError } from '../errors.ts';
import { occurrence } from '../occurrence.ts';
import { decide } from '../rbac/check.ts';
import { hashOfHandle, hashOfToken } from '../records/host-factory-tokens.ts';
import { hostFactoryTokenKey } from '../records/keys.ts';
import type { ActorRequest } from '../request.ts';
import type { Services } from '../services.ts';
import { findToken, type FoundToken } from './find-token.ts';

/**
 * Revokes a host-factory token: no host can be made with it any more. Hosts made with it stay.
 * The attempt is audited, whatever the outcome.
 *
 * @param presented the token, or the handle that stands for it where the factory is shown
 * @throws LatchkeyError `RESOURCE_NOT_FOUND`: no such token, or its factory is invisible to the role; a
 *   caller cannot tell which
 * @throws LatchkeyError `PRIVILEGE_MISSING`: the factory is visible, but the role lacks `update`
 * @throws LatchkeyError `STORE_BUSY`: the account kept changing
 * @see Conjur: DELETE /host_factory_tokens/{token}
 */
export async function revokeHostFactoryToken(
  services: Pick<Services, 'authority' | 'clock' | 'audit'>,
  request: ActorRequest,
  presented: string,
): Promise<void> {
  const hash = hashOfHandle(presented) ?? hashOfToken(presented);
  let hostFactory = 'not-found';
  await audited(
    services.audit,
    (failure) => ({
      type: 'host-factory',
      operation: 'revoke-token',
      ...occurrence(services, request, failure),
      role: request.actor.role,
      hostFactory,
    }),
    () =>
      untilCommitted(async () => {
        const found = await findToken(services, hash);
        if (found === undefined) throw notFound(presented);
        ({ hostFactory } = found.token);
        return (await tryToRevoke(services, request, found, presented)) || undefined;
      }),
  );
}

/** @returns false when the account changed in between */
async function tryToRevoke(
  services: Pick<Services, 'authority'>,
  { actor }: ActorRequest,
  { token, view }: FoundToken,
  presented: string,
): Promise<boolean> {
  const { account } = view.state;
  const { state, epoch } = await actorView(services, actor, account, []);
  const decision = decide(state.graph, actor.role, 'update', token.hostFactory);
  if (!decision.allowed) {
    throw decision.reason === 'privilege_missing'
      ? new LatchkeyError('PRIVILEGE_MISSING', { subject: token.hostFactory })
      : notFound(presented);
  }
  const result = await services.authority.commit(account, {
    changes: [{ key: hostFactoryTokenKey(token.hash), value: undefined }],
    authority: true,
    expectEpoch: epoch,
  });
  return result.committed;
}

function notFound(presented: string): LatchkeyError {
  return new LatchkeyError('RESOURCE_NOT_FOUND', { subject: `*:host_factory_token:${presented}` });
}
