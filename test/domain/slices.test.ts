import assert from 'node:assert/strict';
import { atOnce, inSlices, stepping, type Steps } from '../../src/domain/slices.ts';

/** Each step takes longer than a slice. */
function* slow(steps: number): Steps<number> {
  for (let step = 0; step < steps; step += 1) {
    const until = performance.now() + 8;
    while (performance.now() < until);
    yield;
  }
  return steps;
}

describe('work in slices', () => {
  it('comes to the same as work done at once', async () => {
    assert.equal(await inSlices(slow(3)), 3);
    assert.equal(atOnce(slow(2)), 2);
  });

  it('lets the event loop have its turn in between', async () => {
    let turns = 0;
    const count = setInterval(() => (turns += 1), 1);
    await inSlices(slow(5));
    clearInterval(count);
    assert.ok(turns >= 2);
  });

  it('is left where it is not to go on', async () => {
    let asked = 0;
    assert.equal(await inSlices(slow(1_000), () => (asked += 1) < 2), undefined);
    assert.equal(asked, 2);
  });

  it('passes on what it throws', async () => {
    function* failing(): Steps<void> {
      yield;
      throw new Error('no');
    }
    await assert.rejects(inSlices(failing()), /no/);
  });

  it('steps through every item of a list in order', () => {
    const items = Array.from({ length: 1_000 }, (_, index) => index);
    const seen: number[] = [];
    atOnce(stepping(items, (item) => seen.push(item)));
    assert.deepEqual(seen, items);
  });
});
