import type { Account, RecordKey } from './ids.ts';
import { LatchkeyError } from './errors.ts';
import type { AccountView } from './accounts/authority.ts';
import type { Actor } from './request.ts';
import type { Services } from './services.ts';

/**
 * Reads records of an account for an actor, and makes sure that the actor's role, and the key
 * that signed its token, still exist at the epoch of that read.
 *
 * @throws LatchkeyError `ACCESS_TOKEN_ROLE_GONE`, `ACCESS_TOKEN_INVALID`
 * @throws LatchkeyError `ACCOUNT_NOT_FOUND`: the account of the URL was never made
 */
export async function actorView(
  services: Pick<Services, 'authority'>,
  actor: Actor,
  account: Account,
  keys: readonly RecordKey[],
): Promise<AccountView> {
  if (actor.account !== account) requireActor(await services.authority.read(actor.account, []), actor);
  const view = await services.authority.read(account, keys);
  if (actor.account === account) requireActor(view, actor);
  return view;
}

function requireActor({ state }: AccountView, actor: Actor): void {
  if (!state.graph.hasRole(actor.role)) throw new LatchkeyError('ACCESS_TOKEN_ROLE_GONE');
  if (state.signingKey(actor.kid) === undefined) throw new LatchkeyError('ACCESS_TOKEN_INVALID');
}
