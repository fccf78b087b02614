/** How much of what there is, counted over all accounts. */
import type { AccountState } from '../domain/accounts/account-state.ts';
import { listAuthenticators } from '../domain/authn/authenticators.ts';
import { isFailure } from '../domain/errors.ts';
import { partsOf, type ResourceId, type RoleId } from '../domain/ids.ts';
import type { Services } from '../domain/services.ts';

/** How many, by name. */
export type Tally = ReadonlyMap<string, number>;

export interface Inventory {
  readonly resources: Tally;
  readonly roles: Tally;
  /** By type. */
  readonly authenticators: Readonly<Record<'installed' | 'configured' | 'enabled', Tally>>;
}

/** Other kinds are of whoever writes policy; together they are `other`. */
const kinds = new Set([
  'user',
  'host',
  'group',
  'layer',
  'policy',
  'variable',
  'webservice',
  'host_factory',
  'public_key',
  'configuration',
]);
const other = 'other';
const leastAgeMs = 1_000;
/** Counting takes at most a twentieth of the time, however often it is asked for. */
const restPerWork = 20;

const nothing: Tally = new Map();

/**
 * Makes a function that counts. It looks at every role and resource of an account that changed, so
 * it answers what it counted last while that is at most a second old, or was much work; and as well
 * where the store does not answer, since that is when figures are looked at.
 */
export function inventoryReader(
  services: Pick<Services, 'authority' | 'settings' | 'clock'>,
): () => Promise<Inventory> {
  const counted = new WeakMap<AccountState, AccountCount>();
  let latest: Inventory = {
    resources: nothing,
    roles: nothing,
    authenticators: { installed: nothing, configured: nothing, enabled: nothing },
  };
  let validUntil = 0;
  let counting: Promise<Inventory> | undefined;
  const count = async (): Promise<Inventory> => {
    const startedAt = services.clock.now();
    try {
      latest = await takeInventory(services, counted);
    } catch (error) {
      if (!isFailure(error)) throw error;
    } finally {
      const now = services.clock.now();
      validUntil = now + Math.max(leastAgeMs, restPerWork * (now - startedAt));
      counting = undefined;
    }
    return latest;
  };
  return async () => {
    if (services.clock.now() < validUntil) return latest;
    counting ??= count();
    return counting;
  };
}

interface AccountCount {
  readonly counter: number;
  readonly resources: Tally;
  readonly roles: Tally;
}

async function takeInventory(
  services: Pick<Services, 'authority' | 'settings'>,
  counted: WeakMap<AccountState, AccountCount>,
): Promise<Inventory> {
  const resources = new Map<string, number>();
  const roles = new Map<string, number>();
  for (const account of await services.authority.accounts()) {
    const view = await services.authority.read(account, []).catch((error: unknown) => {
      // It was removed since the list was made.
      if (isFailure(error, 'ACCOUNT_NOT_FOUND')) return undefined;
      throw error;
    });
    if (view === undefined) continue;
    const count = countOf(view.state, counted);
    addTo(resources, count.resources);
    addTo(roles, count.roles);
  }
  const { installed, configured, enabled } = await listAuthenticators(services);
  const types = new Set(installed);
  const byType = (names: readonly string[]): Tally =>
    tallyOf(names, (name) => {
      const [type = ''] = name.split('/');
      return types.has(type) ? type : other;
    });
  return {
    resources,
    roles,
    authenticators: {
      installed: byType(installed),
      configured: byType(configured),
      enabled: byType(enabled),
    },
  };
}

function countOf(state: AccountState, counted: WeakMap<AccountState, AccountCount>): AccountCount {
  const { counter } = state.epoch;
  const known = counted.get(state);
  if (known?.counter === counter) return known;
  const count = {
    counter,
    resources: tallyOf(state.graph.resources(), kindOf),
    roles: tallyOf(state.graph.roles(), kindOf),
  };
  counted.set(state, count);
  return count;
}

function kindOf(id: ResourceId | RoleId): string {
  const { kind } = partsOf(id);
  return kinds.has(kind) ? kind : other;
}

function tallyOf<Item>(items: Iterable<Item>, nameOf: (item: Item) => string): Tally {
  const tally = new Map<string, number>();
  for (const item of items) {
    const name = nameOf(item);
    tally.set(name, (tally.get(name) ?? 0) + 1);
  }
  return tally;
}

function addTo(sum: Map<string, number>, tally: Tally): void {
  for (const [name, count] of tally) sum.set(name, (sum.get(name) ?? 0) + count);
}
