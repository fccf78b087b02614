/** What is computed from an account's authority and kept until that changes. */
import type { Epoch } from '../../ports/epoch.ts';
import type { AccountState } from './account-state.ts';

interface Kept<K, V> {
  readonly epoch: Epoch;
  readonly values: Map<K, V>;
}

/**
 * Values derived from account states, by a key: the settings of an authenticator, an index. They
 * are forgotten with the first change of authority, and with the state itself.
 */
export class Derived<K, V> {
  readonly #kept = new WeakMap<AccountState, Kept<K, V>>();

  /** The value for a key, unless authority changed since it was kept. */
  of(state: AccountState, key: K): V | undefined {
    const kept = this.#kept.get(state);
    return kept === undefined || !same(kept.epoch, state.epoch) ? undefined : kept.values.get(key);
  }

  /** Keeps a value, provided that what it was derived from was read at the state's present epoch. */
  keep(state: AccountState, key: K, value: V, readAt: Epoch): void {
    const { epoch } = state;
    if (!same(readAt, epoch)) return;
    const kept = this.#kept.get(state);
    if (kept !== undefined && same(kept.epoch, epoch)) kept.values.set(key, value);
    else this.#kept.set(state, { epoch, values: new Map([[key, value]]) });
  }
}

function same(one: Epoch, other: Epoch): boolean {
  return one === other || (one.counter === other.counter && one.lineage === other.lineage);
}
