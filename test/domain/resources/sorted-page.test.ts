import assert from 'node:assert/strict';
import fc from 'fast-check';
import { countOn } from '../../../src/domain/paging.ts';
import { sortedPage } from '../../../src/domain/resources/sorted-page.ts';
import { assertProperty } from '../../support/property.ts';

describe('sortedPage', () => {
  it('is what sorting all and cutting the page out of it gives', () => {
    assertProperty(
      fc.property(
        fc.array(fc.string({ maxLength: 3 })),
        fc.nat(60),
        fc.option(fc.integer({ min: 1, max: 60 }), { nil: undefined }),
        (texts, offset, limit) => {
          const expected = [...texts].sort().slice(offset, limit === undefined ? undefined : offset + limit);
          assert.deepEqual(sortedPage([...texts], { offset, limit }), expected);
          assert.equal(countOn({ offset, limit }, texts.length), expected.length);
        },
      ),
    );
  });

  it('finds a page deep in many equal and many different texts', () => {
    const texts = Array.from({ length: 20_000 }, (_, index) => `v${String((index * 7_919) % 15_000)}`);
    const page = { offset: 12_345, limit: 50 };
    assert.deepEqual(sortedPage([...texts], page), [...texts].sort().slice(12_345, 12_395));
  });
});
