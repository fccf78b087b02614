/** How the registry is changed: read, decide, commit on condition that nothing changed meanwhile. */
import type { AccountView } from '../../accounts/authority.ts';
import { untilCommitted } from '../../accounts/until-committed.ts';
import { LatchkeyError } from '../../errors.ts';
import type { Account, RecordKey } from '../../ids.ts';
import type { Change } from '../../../ports/store.ts';
import type { Services } from '../../services.ts';

/** What a use case decided: the changes to commit, none included, and what it answers. */
export interface Decision<T> {
  readonly changes: readonly Change[];
  readonly result: T;
}

/**
 * Every process keeps the registry in memory, and reads it before it serves: room for a hundred thousand
 * clients, and not for as many as would end all processes for good.
 */
const maxRegistryBytes = 128 * 1_024 * 1_024;

/**
 * Decides on the account's present state and commits what was decided, on the epoch that it was
 * decided on; decides anew where somebody else was faster.
 * @param read gets the view that is decided on, and makes sure of the actor: see `actorView`
 * @param decide throws what refuses the change; it may run several times
 * @throws LatchkeyError `REGISTRY_FULL`: all records together would be over 128 MiB
 * @throws LatchkeyError `STORE_BUSY`: it lost every race
 * @throws LatchkeyError what `read` and `decide` throw
 */
export async function changeRegistry<T>(
  services: Pick<Services, 'authority'>,
  account: Account,
  read: () => Promise<AccountView>,
  decide: (view: AccountView) => Decision<T> | Promise<Decision<T>>,
  maxBytes = maxRegistryBytes,
): Promise<T> {
  return untilCommitted(async () => {
    const view = await read();
    const { changes, result } = await decide(view);
    if (changes.length === 0) return { result };
    const { registry } = view.state;
    const growth = registry.growthBy(changes);
    if (growth > 0 && registry.bytes + growth > maxBytes) throw new LatchkeyError('REGISTRY_FULL');
    const commit = { changes, authority: true, expectEpoch: view.epoch };
    const { committed } = await services.authority.commit(account, commit);
    return committed ? { result } : undefined;
  }).then(({ result }) => result);
}

/** As {@link changeRegistry}, for what the service does of itself: a full registry does not keep keys from rotating. */
export async function changeRegistryAsService<T>(
  services: Pick<Services, 'authority'>,
  account: Account,
  decide: (view: AccountView) => Decision<T> | Promise<Decision<T>>,
  keys: readonly RecordKey[] = [],
): Promise<T> {
  return changeRegistry(services, account, () => services.authority.read(account, keys), decide, Infinity);
}
