/** Runs a suite at the address of a store of each kind, which several processes open for themselves. */
import type { StoreAddress } from '../drivers/crash/lanes.ts';
import { startRedis } from './redis-server.ts';
import { temporaryDirectory } from './temp.ts';

export interface AtStore {
  /** From `before` on. */
  readonly address: StoreAddress;
}

interface Place extends AtStore {
  readonly remove: () => Promise<void>;
}

/** @param suite declares the tests; what it opened it closes in its own `after`, which comes before the store is removed */
export function describeAtStores(title: string, suite: (at: AtStore) => void): void {
  for (const [name, make] of places) {
    describe(`${title} (${name})`, function () {
      this.timeout(60_000);
      const at = { address: undefined as unknown as StoreAddress };
      let place: Place;
      before(async () => {
        place = await make();
        at.address = place.address;
      });
      suite(at);
      after(() => place.remove());
    });
  }
}

const places: readonly (readonly [name: string, make: () => Promise<Place>])[] = [
  [
    'LMDB',
    async () => {
      const directory = temporaryDirectory();
      return {
        address: { directory: directory.path },
        remove: async () => {
          directory.remove();
        },
      };
    },
  ],
  [
    'Redis',
    async () => {
      const server = await startRedis();
      return { address: { url: server.url }, remove: () => server.stop() };
    },
  ],
];
