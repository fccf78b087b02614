import { commitsContract } from './store/commits.ts';
import { connectionsContract } from './store/connections.ts';
import { ephemeralExpiryContract } from './store/ephemeral-expiry.ts';
import { ephemeralExchangeContract } from './store/ephemeral-exchange.ts';
import { ephemeralUseContract } from './store/ephemeral-use.ts';
import { ephemeralContract } from './store/ephemeral.ts';
import { epochsContract } from './store/epochs.ts';
import { freshAccount, StoreFixture, type StoreUnderTest } from './store/fixture.ts';
import { limitsContract } from './store/limits.ts';
import { readsContract } from './store/reads.ts';
import { removalsContract } from './store/removals.ts';

/** The promises of the store port, as tests that every driver runs. */
export function storeContract(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`${name}, as a store`, function () {
    this.timeout(60_000);
    const fixture = new StoreFixture(open);

    before(() => fixture.open());
    after(() => fixture.close());
    beforeEach(() => {
      fixture.account = freshAccount();
    });

    readsContract(fixture);
    commitsContract(fixture);
    epochsContract(fixture);
    removalsContract(fixture);
    limitsContract(fixture);
    connectionsContract(fixture);
    ephemeralContract(fixture);
    ephemeralExpiryContract(fixture);
    ephemeralUseContract(fixture);
    ephemeralExchangeContract(fixture);
  });
}
