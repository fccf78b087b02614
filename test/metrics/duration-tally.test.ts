import assert from 'node:assert/strict';
import { DurationTally, histogramText } from '../../src/metrics/duration-tally.ts';

describe('DurationTally', () => {
  it('counts up to and including each bound', () => {
    const tally = new DurationTally([0.1, 1]);
    for (const seconds of [0.05, 0.1, 0.5, 2, 3]) tally.add(seconds);
    const { upTo, count, sum } = tally.totals();
    assert.deepEqual(upTo, [
      [0.1, 2],
      [1, 3],
    ]);
    assert.equal(count, 5);
    assert.ok(Math.abs(sum - 5.65) < 1e-9);
  });
});

describe('histogramText', () => {
  it('is written as Prometheus writes a histogram', () => {
    const tally = new DurationTally([0.1, 1]);
    tally.add(0.5);
    const shape = { name: 'h', help: 'How long.', label: 'call' };
    assert.deepEqual(
      histogramText(shape, new Map([['read', tally]]))
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
