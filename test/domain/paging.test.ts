import assert from 'node:assert/strict';
import { partOn, readPage, readVersionedPage } from '../../src/domain/paging.ts';

describe('readVersionedPage', () => {
  it('means a thousand without parameters, and ten from an offset on', () => {
    assert.deepEqual(readVersionedPage({}), { offset: 0, limit: 1_000 });
    assert.deepEqual(readVersionedPage({ offset: '2' }), { offset: 2, limit: 10 });
    assert.deepEqual(readVersionedPage({ limit: '0' }), { offset: 0, limit: 0 });
    assert.deepEqual(readVersionedPage({ offset: '2', limit: '1000' }), { offset: 2, limit: 1_000 });
  });

  it('refuses what is no number, below zero or beyond a thousand, naming every fault', () => {
    for (const [given, message] of [
      [{ limit: '1001' }, 'Limit must be less than or equal to 1000'],
      [{ limit: '1e3' }, 'Limit is not a number'],
      [{ limit: '9'.repeat(400) }, 'Limit is not a number'],
      [{ offset: '-1', limit: 'x' }, 'Offset must be greater than or equal to 0 and Limit is not a number'],
    ] as const) {
      assert.throws(() => readVersionedPage(given), { code: 'FIELD_INVALID', message });
    }
  });
});

describe('partOn', () => {
  it('is the part of a list, or nothing beyond its end', () => {
    assert.deepEqual(partOn([1, 2, 3, 4], { offset: 1, limit: 2 }), [2, 3]);
    assert.deepEqual(partOn([1], { offset: 5, limit: 2 }), []);
  });
});

describe('readPage', () => {
  it('is everything where nothing is given, and ten from a lone offset', () => {
    assert.deepEqual(readPage({}), { offset: 0, limit: undefined });
    assert.deepEqual(readPage({ limit: '7' }), { offset: 0, limit: 7 });
    assert.deepEqual(readPage({ offset: '3' }), { offset: 3, limit: 10 });
    assert.deepEqual(readPage({ limit: '7', offset: '3' }), { offset: 3, limit: 7 });
  });
});
