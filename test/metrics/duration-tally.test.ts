import assert from 'node:assert/strict';
import { DurationTally, histogramText } from '../../src/metrics/duration-tally.ts';

describe('DurationTally', () => {
  it('counts each duration up to and including the next bound', () => {
    const tally = new DurationTally([0.1, 1]);
    for (const seconds of [0.05, 0.1, 0.5, 2, 3]) tally.add(seconds);
    const { counts, sum } = tally.tallied;
    assert.deepEqual(counts, [2, 1, 2]);
    assert.ok(Math.abs(sum - 5.65) < 1e-9);
  });
});

describe('histogramText', () => {
  it('is written as Prometheus writes a histogram', () => {
    const tally = new DurationTally([0.1, 1]);
    tally.add(0.5);
    const shape = { name: 'h', help: 'How long.', label: 'call', bounds: [0.1, 1] };
    assert.deepEqual(
      histogramText(shape, new Map([['read', tally.tallied]]))
        .trim()
        .split('\n'),
      [
        '# HELP h How long.',
        '# TYPE h histogram',
        'h_bucket{le="0.1",call="read"} 0',
        'h_bucket{le="1",call="read"} 1',
        'h_bucket{le="+Inf",call="read"} 1',
        'h_sum{call="read"} 0.5',
        'h_count{call="read"} 1',
      ],
    );
  });
});
