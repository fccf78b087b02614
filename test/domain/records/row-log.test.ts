import assert from 'node:assert/strict';
import { RowLog } from '../../../src/domain/records/row-log.ts';

describe('RowLog', () => {
  it('counts batches up, whatever was taken away', () => {
    const log = new RowLog();
    assert.equal(log.next, 1);
    log.add(1, 10);
    log.add(2, 10);
    log.remove(1);
    log.remove(2);
    assert.equal(log.next, 3);
  });

  it('leaves a log alone while most of it counts', () => {
    const log = new RowLog();
    for (let number = 1; number <= 100; number += 1) log.add(number, 100);
    assert.deepEqual(log.overdue(10_000, 10), []);
  });

  it('takes the oldest batches, in proportion to what is added', () => {
    const log = new RowLog();
    for (let number = 1; number <= 100; number += 1) log.add(number, 100);
    assert.deepEqual(log.overdue(100, 10), [1]);
    assert.deepEqual(log.overdue(100, 100), [1, 2]);
    assert.equal(log.overdue(100, 1_000).length, 20);
    log.remove(1);
    assert.deepEqual(log.overdue(100, 10), [2]);
  });

  it('takes no more than what is too much', () => {
    const log = new RowLog();
    for (let number = 1; number <= 30; number += 1) log.add(number, 100);
    assert.equal(log.overdue(400, 1_000).length, 12);
  });
});
