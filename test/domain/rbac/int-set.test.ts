import assert from 'node:assert/strict';
import fc from 'fast-check';
import { IntSet } from '../../../src/domain/rbac/int-set.ts';
import { assertProperty } from '../../support/property.ts';

const ascending = (one: number, other: number): number => one - other;

describe('IntSet', () => {
  it('holds what was added and nothing else', () => {
    assertProperty(
      fc.property(fc.array(fc.nat(500), { maxLength: 300 }), fc.nat(20), (values, expected) => {
        const set = new IntSet(expected);
        const plain = new Set<number>();
        for (const value of values) {
          assert.equal(set.add(value), !plain.has(value));
          plain.add(value);
        }
        assert.equal(set.size, plain.size);
        assert.deepEqual([...set].sort(ascending), [...plain].sort(ascending));
        for (let value = 0; value <= 500; value++) assert.equal(set.has(value), plain.has(value));
      }),
    );
  });

  it('does not hold the number that stands for no name', () => {
    assert.equal(new IntSet().has(-1), false);
    assert.equal(new IntSet(8).has(-1), false);
  });

  it('stays half empty, so that every search ends', () => {
    const set = new IntSet();
    for (let value = 0; value < 10_000; value++) set.add(value * 1_024);
    assert.ok(set.cells >= 20_000);
    assert.equal(set.has(10_000 * 1_024), false);
  });
});
