import assert from 'node:assert/strict';
import { pageOf, readPaging } from '../../src/domain/paging.ts';

describe('readPaging', () => {
  it('means a thousand without parameters, and ten from an offset on', () => {
    assert.deepEqual(readPaging({}), { offset: 0, limit: 1_000 });
    assert.deepEqual(readPaging({ offset: '2' }), { offset: 2, limit: 10 });
    assert.deepEqual(readPaging({ limit: '0' }), { offset: 0, limit: 0 });
    assert.deepEqual(readPaging({ offset: '2', limit: '1000' }), { offset: 2, limit: 1_000 });
  });

  it('refuses what is no number, below zero or beyond a thousand, naming every fault', () => {
    for (const [given, message] of [
      [{ limit: '1001' }, 'Limit must be less than or equal to 1000'],
      [{ limit: '1e3' }, 'Limit is not a number'],
      [{ limit: '9'.repeat(400) }, 'Limit is not a number'],
      [{ offset: '-1', limit: 'x' }, 'Offset must be greater than or equal to 0 and Limit is not a number'],
    ] as const) {
      assert.throws(() => readPaging(given), { code: 'FIELD_INVALID', message });
    }
  });
});

describe('pageOf', () => {
  it('is the part of a list, or nothing beyond its end', () => {
    assert.deepEqual(pageOf([1, 2, 3, 4], { offset: 1, limit: 2 }), [2, 3]);
    assert.deepEqual(pageOf([1], { offset: 5, limit: 2 }), []);
  });
});
