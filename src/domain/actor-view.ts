import type { Account, RecordKey } from './ids.ts';
import { isFailure, LatchkeyError } from './errors.ts';
import type { AccountView } from './accounts/authority.ts';
import type { Actor } from './request.ts';
import type { Services } from './services.ts';

/**
 * Reads records of an account for an actor, and makes sure that the actor's role, and the key
 * that signed its token, still exist at the epoch of that read.
 *
 * @throws LatchkeyError `ACCESS_TOKEN_INVALID`: the key, or the account with it, is gone
 * @throws LatchkeyError `ACCESS_TOKEN_ROLE_GONE`
 * @throws LatchkeyError `ACCOUNT_NOT_FOUND`: the account of the URL was never made
 */
export async function actorView(
  services: Pick<Services, 'authority'>,
  actor: Actor,
  account: Account,
  keys: readonly RecordKey[],
): Promise<AccountView> {
  if (actor.account === account) return ownView(services, actor, keys);
  await ownView(services, actor, []);
  return services.authority.read(account, keys);
}

/** An account that was removed took its keys with it: to its tokens it is not missing, they are invalid. */
async function ownView(
  services: Pick<Services, 'authority'>,
  actor: Actor,
  keys: readonly RecordKey[],
): Promise<AccountView> {
  let view: AccountView;
  try {
    view = await services.authority.read(actor.account, keys);
  } catch (error) {
    if (!isFailure(error, 'ACCOUNT_NOT_FOUND')) throw error;
    throw new LatchkeyError('ACCESS_TOKEN_INVALID', { cause: error });
  }
  requireActor(view, actor);
  return view;
}

function requireActor({ state }: AccountView, actor: Actor): void {
  if (state.signingKey(actor.kid) === undefined) throw new LatchkeyError('ACCESS_TOKEN_INVALID');
  if (!state.graph.hasRole(actor.role)) throw new LatchkeyError('ACCESS_TOKEN_ROLE_GONE');
}
