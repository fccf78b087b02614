import assert from 'node:assert/strict';
import { durationSeconds } from '../../../src/domain/ca/durations.ts';

describe('durationSeconds', () => {
  it('reads the units of ISO 8601, years and months at their average', () => {
    const day = 24 * 60 * 60;
    for (const [text, seconds] of [
      ['P1Y', 365 * day],
      ['P6M', 182.5 * day],
      ['P2W', 14 * day],
      ['P1D', day],
      ['PT1H30M5S', 5_405],
      ['P1DT12H', 1.5 * day],
      ['PT0.5H', 1_800],
      ['P100Y', 36_500 * day],
    ] as const) {
      assert.equal(durationSeconds(text), seconds, text);
    }
  });

  it('refuses what is no duration, not positive, or beyond a hundred years', () => {
    const tooLong = `PT${'1'.repeat(70)}S`;
    for (const text of ['', 'P', '6M', '3600', 'P0D', 'PT0.5S', '-P1D', 'P1H', 'P101Y', 'forever', tooLong]) {
      assert.equal(durationSeconds(text), undefined, text);
    }
  });
});
