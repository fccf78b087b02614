/** How use cases look at one resource for an actor: what it may not know of is not found. */
import { actorView } from '../actor-view.ts';
import type { AccountView } from '../accounts/authority.ts';
import { isFailure, LatchkeyError } from '../errors.ts';
import { partsOf, splitId, storedAccount, type RecordKey, type ResourceId } from '../ids.ts';
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
  const account = storedAccount(partsOf(resource).account);
  const view = await actorView(services, actor, account, keys).catch((error: unknown) => {
    if (isFailure(error, 'ACCOUNT_NOT_FOUND')) throw recordNotFound(resource);
    throw error;
  });
  if (!visible(view.state.graph, actor.role, resource)) throw recordNotFound(resource);
  return view;
}

/** `RESOURCE_NOT_FOUND`, in Conjur's words. */
export function recordNotFound(id: string): LatchkeyError {
  const { account, kind, identifier } = splitId(id) ?? { account: '', kind: '', identifier: id };
  const shownKind = kind.charAt(0).toUpperCase() + kind.slice(1);
  return new LatchkeyError('RESOURCE_NOT_FOUND', {
    subject: id,
    detail: `${shownKind} '${identifier}' not found in account '${account}'`,
  });
}
