import type { Databases } from './transfer/fixture.ts';
import { snapshotsContract } from './transfer/snapshots.ts';
import { transfersContract } from './transfer/transfers.ts';

/** The promises of snapshots and transfers, as tests that every driver runs. */
export function transferContract(name: string, open: () => Promise<Databases>): void {
  describe(`${name}, out of a store and into another`, function () {
    this.timeout(60_000);
    let databases: Databases | undefined;
    const at = (): Databases => {
      if (databases === undefined) throw new Error('not open');
      return databases;
    };
    before(async () => {
      databases = await open();
    });
    after(() => at().close());
    snapshotsContract(at);
    transfersContract(at);
  });
}
