/** Another process on the same store: races for ephemeral entries when it is told to. */
import { toAccount } from '../../../src/domain/ids.ts';
import type { EphemeralStore } from '../../../src/ports/ephemeral-store.ts';
import type { Account } from '../../../src/domain/ids.ts';
import type { StoreAddress } from './lanes.ts';
import { openStore } from './open-store.ts';

export interface Race {
  readonly act: 'take' | 'use' | 'add' | 'count';
  readonly key: string;
}

const runners = 25;

/** Runs for it many times at once; answers how often it was won: taken, used first, added, or counted to one more. */
export async function race(
  space: EphemeralStore,
  account: Account,
  { act, key }: Race,
): Promise<readonly number[]> {
  const ttlMs = 60_000;
  const run = async (): Promise<number> => {
    switch (act) {
      case 'take':
        return (await space.take(account, key)) === undefined ? 0 : 1;
      case 'use':
        return (await space.use(account, key)) === 'first' ? 1 : 0;
      case 'add':
        return (await space.add(account, { key, value: Buffer.from(key), ttlMs })) ? 1 : 0;
      case 'count':
        return space.count(account, key, ttlMs);
    }
  };
  return Promise.all(Array.from({ length: runners }, run));
}

const [, , addressText, accountText = ''] = process.argv;
if (process.send !== undefined && addressText !== undefined) {
  const account = toAccount(accountText);
  const store = await openStore(JSON.parse(addressText) as StoreAddress);
  process.on('message', (message: Race) => {
    void race(store.ephemeral, account, message).then((wins) => process.send?.(wins));
  });
  process.send([]);
}
