import type { AccountView } from './accounts/authority.ts';
import { inAccount } from './accounts/in-account.ts';
import { LatchkeyError } from './errors.ts';
import { partsOf, storedAccount, type Account, type RecordKey, type ResourceId } from './ids.ts';
import { recordMissing } from './record-missing.ts';
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

/**
 * As {@link actorView}, of a resource's account: one that was never made has no such resource.
 * @throws LatchkeyError `RESOURCE_NOT_FOUND`: there is no such account; not where only the resource is missing
 * @throws LatchkeyError `ACCESS_TOKEN_ROLE_GONE`, `ACCESS_TOKEN_INVALID`
 */
export async function viewAround(
  services: Pick<Services, 'authority'>,
  actor: Actor,
  resource: ResourceId,
  keys: readonly RecordKey[] = [],
): Promise<AccountView> {
  return inAccount(actorView(services, actor, storedAccount(partsOf(resource).account), keys), () => {
    throw recordMissing(resource);
  });
}

/** An account that was removed took its keys with it: to its tokens it is not missing, they are invalid. */
async function ownView(
  services: Pick<Services, 'authority'>,
  actor: Actor,
  keys: readonly RecordKey[],
): Promise<AccountView> {
  const view = await inAccount(services.authority.read(actor.account, keys), (cause) => {
    throw new LatchkeyError('ACCESS_TOKEN_INVALID', { cause });
  });
  requireActor(view, actor);
  return view;
}

function requireActor({ state }: AccountView, actor: Actor): void {
  if (actor.kid !== undefined && state.signingKey(actor.kid) === undefined)
    throw new LatchkeyError('ACCESS_TOKEN_INVALID');
  if (!state.graph.hasRole(actor.role)) throw new LatchkeyError('ACCESS_TOKEN_ROLE_GONE');
}
