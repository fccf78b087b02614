import assert from 'node:assert/strict';
import { openBucket } from '../../../src/drivers/issuer/bucket.ts';

describe('bucket', () => {
  it('gives up to its limit within any window', () => {
    const bucket = openBucket({ limit: 2, windowMs: 100, cooldownMs: 0 });
    assert.deepEqual(
      [0, 50, 60, 99, 100, 101, 149, 150].map((now) => bucket.take(now)),
      [true, true, false, false, true, false, false, true],
    );
  });

  it('pauses after each time', () => {
    const bucket = openBucket({ limit: 10, windowMs: 1_000, cooldownMs: 30 });
    assert.deepEqual(
      [0, 29, 30, 59, 60].map((now) => bucket.take(now)),
      [true, false, true, false, true],
    );
  });

  it('starts anew when the clock has been set back', () => {
    const bucket = openBucket({ limit: 1, windowMs: 100, cooldownMs: 30 });
    assert.equal(bucket.take(1_000_000), true);
    assert.equal(bucket.take(0), true);
    assert.equal(bucket.take(1), false);
  });
});
