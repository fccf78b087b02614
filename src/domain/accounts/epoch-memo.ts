import { LRUCache } from 'lru-cache';
import type { Epoch } from '../../ports/epoch.ts';
import type { AccountState } from './account-state.ts';

interface Remembered<Value extends object> {
  readonly epoch: Epoch;
  readonly values: LRUCache<string, Value>;
}

/**
 * Remembers what was made of the state of an account and nothing else. With the state's epoch goes all
 * that was remembered of it, so nothing is ever older than the state that it is asked for with.
 */
export class EpochMemo<Value extends object> {
  readonly #byState = new WeakMap<AccountState, Remembered<Value>>();
  readonly #maxValues: number;

  /** @param maxValues how many values of one state are kept, those that were used last */
  constructor(maxValues: number) {
    this.#maxValues = maxValues;
  }

  /** What was made under this name at the state's present epoch, or what `make` makes now. */
  of(state: AccountState, name: string, make: () => Value): Value {
    let remembered = this.#byState.get(state);
    // Each epoch is an object of its own: to compare those errs towards making anew, never towards the old.
    if (remembered?.epoch !== state.epoch) {
      const values = new LRUCache<string, Value>({ max: this.#maxValues });
      this.#byState.set(state, (remembered = { epoch: state.epoch, values }));
    }
    const known = remembered.values.get(name);
    if (known !== undefined) return known;
    const made = make();
    remembered.values.set(name, made);
    return made;
  }
}
