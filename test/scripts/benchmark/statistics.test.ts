import assert from 'node:assert/strict';
import { median, quantile, summarise } from '../../../scripts/benchmark/statistics.ts';

describe('quantile', () => {
  it('interpolates between the neighbours of a place', () => {
    assert.equal(quantile([10, 20, 30, 40], 0.5), 25);
    assert.equal(quantile([10, 20, 30, 40], 0.25), 17.5);
  });

  it('answers the least and the greatest sample at the ends', () => {
    assert.equal(quantile([3, 1, 2], 0), 1);
    assert.equal(quantile([3, 1, 2], 1), 3);
  });

  it('orders by number and leaves the samples as they are', () => {
    const samples = [100, 9, 20];
    assert.equal(median(samples), 20);
    assert.deepEqual(samples, [100, 9, 20]);
  });

  it('answers the only sample whatever the share', () => {
    assert.equal(quantile([7], 0.99), 7);
  });

  it('answers NaN for no samples', () => {
    assert.ok(Number.isNaN(median([])));
  });
});

describe('summarise', () => {
  it('states the distance of the quartiles as a share of the median', () => {
    assert.deepEqual(summarise([8, 10, 12]), { median: 10, spread: 0.2 });
  });
});
