import assert from 'node:assert/strict';
import { pickOperation, operations } from '../../../scripts/soaking/operations.ts';
import { seededRandom } from '../../../scripts/soaking/random.ts';

describe('random choices of a soak', () => {
  it('are repeated by their seed, and differ by it', () => {
    const drawn = (seed: number): readonly number[] => {
      const random = seededRandom(seed);
      return Array.from({ length: 20 }, () => random.next(1_000));
    };
    assert.deepEqual(drawn(1), drawn(1));
    assert.notDeepEqual(drawn(1), drawn(2));
  });

  it('pick every operation, by its weight', () => {
    const random = seededRandom(3);
    const counts = new Map<string, number>();
    for (let draw = 0; draw < 20_000; draw += 1) {
      const { name } = pickOperation(random);
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    assert.equal(counts.size, operations.length);
    assert.ok((counts.get('read a secret') ?? 0) > (counts.get('change a password') ?? 0) * 8);
  });

  it('have nothing to pick from an empty list', () => {
    assert.throws(() => seededRandom(1).pick([]), /nothing to pick/);
  });
});
