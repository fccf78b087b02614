import assert from 'node:assert/strict';
import fc from 'fast-check';
import { compareIds } from '../../src/domain/collation.ts';
import { assertProperty } from '../support/property.ts';

describe('compareIds', () => {
  it('orders as a database does that sorts by the rules of a language', () => {
    const ids = [
      'data',
      'data/Applications',
      'data/Applications/App-A',
      'data_default_owner',
      'data/dynamic',
      'data/safe1',
      'data/safe1/alice-execute-only',
      'data/safe1/alice-read-only',
      'data/safe1/branch1',
      'data/safe1/branch1/alice-branch',
      'data/vault',
      'some_branch',
      'some_branch/branch_own_owner',
    ];
    assert.deepEqual([...ids].reverse().sort(compareIds), ids);
  });

  it('puts small letters before capital ones, and digits before both', () => {
    assert.deepEqual(['B', 'a', 'b', 'A', '1'].sort(compareIds), ['1', 'a', 'A', 'b', 'B']);
  });

  it('tells texts apart that differ in punctuation only', () => {
    assert.ok(compareIds('bob@x.net-c.net', 'bob@x.net@c.net') < 0);
    assert.ok(compareIds('a:host_factory:z', 'a:host:h') < 0);
    assert.notEqual(compareIds('a-b', 'a_b'), 0);
    assert.equal(compareIds('a-b', 'a_b'), -compareIds('a_b', 'a-b'));
  });

  it('is one order for all texts', () => {
    const text = fc.string({ unit: fc.constantFrom(...'a b A B 1 2 - _ / . : @'.split(' ')) });
    assertProperty(
      fc.property(text, text, text, (one, other, third) => {
        const sign = Math.sign(compareIds(one, other));
        assert.equal(sign === 0, one === other);
        assert.equal(sign, Math.sign(-compareIds(other, one)) + 0);
        if (sign <= 0 && compareIds(other, third) <= 0) assert.ok(compareIds(one, third) <= 0);
      }),
    );
  });
});
