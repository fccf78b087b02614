/** A short soak of each kind of store: the long ones are for scripts/soak. */
import assert from 'node:assert/strict';
import { reportOf } from '../../scripts/soaking/report.ts';
import { soak } from '../../scripts/soaking/soak.ts';

const seconds = 6;

describe('soak', () => {
  for (const [topology, faults] of [
    ['lmdb', 'kill'],
    ['redis', 'none'],
  ] as const) {
    it(`finds every answer explained on ${topology} with faults: ${faults}`, async function () {
      this.timeout(300_000);
      const result = await soak({ topology, faults, seconds, clients: 8, seed: 7 });
      assert.equal(result.violations.length, 0, reportOf(result));
      assert.ok(result.secretReads > 0 && result.counts.operations > result.secretReads, reportOf(result));
    });
  }
});
