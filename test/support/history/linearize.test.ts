import assert from 'node:assert/strict';
import { linearize } from './linearize.ts';
import { shownViolation, type Mark, type Operation, type Value, type WriteOutcome } from './operations.ts';

type Span = readonly [invoked: number, returned: number];

function timed([invoked, returned]: Span): Pick<
  Operation,
  'invoked' | 'returned' | 'invokedMs' | 'returnedMs'
> {
  return { invoked, returned, invokedMs: invoked, returnedMs: returned };
}

function write(value: Value, span: Span, outcome: WriteOutcome = 'acknowledged'): Operation {
  return { kind: 'write', register: 'x', value, outcome, ...timed(span) };
}

function read(value: Value, span: Span, other = false): Operation {
  return { kind: 'read', register: 'x', value, other, ...timed(span) };
}

function faults(operations: readonly Operation[], marks: readonly Mark[] = []): readonly string[] {
  return linearize('x', 'first', operations, marks).map(({ message }) => message);
}

function assertGood(operations: readonly Operation[], marks: readonly Mark[] = []): void {
  assert.deepEqual(linearize('x', 'first', operations, marks).map(shownViolation), []);
}

describe('linearize', () => {
  it('takes reads of what was written last', () => {
    assertGood([
      read('first', [1, 2]),
      write('a', [3, 4]),
      read('a', [5, 6]),
      write('b', [7, 8]),
      read('b', [9, 10]),
    ]);
  });

  it('lets a read beside a write see the old value or the new one', () => {
    assertGood([write('a', [1, 6]), read('first', [2, 3]), read('a', [4, 5])]);
  });

  it('catches a stale read: older than an acknowledged write', () => {
    assert.deepEqual(faults([write('a', [1, 2]), read('first', [3, 4])]), [
      'a read saw "first", which is not what was there: it held "a"',
    ]);
  });

  it('catches a read that goes back behind what another reader saw, before the write is acknowledged', () => {
    assert.equal(faults([write('a', [1, 8]), read('a', [2, 3]), read('first', [4, 5])]).length, 1);
  });

  it('catches a lost write', () => {
    assert.equal(faults([write('a', [1, 2]), write('b', [3, 4]), read('a', [5, 6])]).length, 1);
  });

  it('catches a value that was never written', () => {
    assert.deepEqual(faults([read('z', [1, 2])]), [
      'a read saw "z", which was never written; it held "first"',
    ]);
  });

  it('catches a value that is seen before it is written', () => {
    assert.match(String(faults([read('a', [1, 2]), write('a', [3, 4])])), /before it was written/);
  });

  it('catches a write that was refused and is seen', () => {
    assert.match(String(faults([write('a', [1, 2], 'refused'), read('a', [3, 4])])), /refused/);
    assertGood([write('a', [1, 2], 'refused'), read('first', [3, 4])]);
  });

  it('lets a write of unknown outcome take effect never, or late', () => {
    assertGood([write('a', [1, 2], 'unknown'), read('first', [3, 4]), read('first', [5, 6])]);
    assertGood([write('a', [1, 2], 'unknown'), read('first', [3, 4]), read('a', [5, 6])]);
    assertGood([write('a', [1, 2], 'unknown'), write('b', [3, 4]), read('b', [5, 6]), read('a', [7, 8])]);
  });

  it('catches a write of unknown outcome that takes effect twice', () => {
    const seenTwice = [
      write('a', [1, 2], 'unknown'),
      read('a', [3, 4]),
      write('b', [5, 6]),
      read('a', [7, 8]),
    ];
    assert.equal(faults(seenTwice).length, 1);
  });

  it('catches a write of unknown outcome that takes effect after all is settled', () => {
    const late = [write('a', [1, 2], 'unknown'), read('first', [4, 5]), read('a', [6, 7])];
    assert.equal(faults(late, [{ kind: 'settled', at: 3 }]).length, 1);
    assertGood(late);
  });

  it('keeps what took effect before all was settled', () => {
    const early = [write('a', [1, 2], 'unknown'), read('a', [3, 4]), read('a', [6, 7])];
    assertGood(early, [{ kind: 'settled', at: 5 }]);
  });

  it('tells apart writes of one value, as grants and revocations are', () => {
    const flips = [
      write(true, [1, 2]),
      write(false, [3, 4]),
      write(true, [5, 6]),
      write(false, [7, 8]),
      read(true, [9, 10]),
    ];
    assert.equal(faults(flips).length, 1);
    assertGood([...flips.slice(0, 4), read(false, [9, 10])]);
  });

  it('spends writes of unknown outcome one by one, also when they write the same value', () => {
    const seen = (times: number): readonly Operation[] =>
      Array.from({ length: times }, (_, index) => [
        write(false, [10 + 4 * index, 11 + 4 * index]),
        read(true, [12 + 4 * index, 13 + 4 * index]),
      ]).flat();
    const twoUnknown = [write(true, [1, 2], 'unknown'), write(true, [3, 4], 'unknown')];
    assertGood([...twoUnknown, ...seen(2)]);
    assert.equal(faults([...twoUnknown, ...seen(3)]).length, 1);
  });

  it('finds the order of writes that ran at the same time', () => {
    const running = [write('a', [1, 10]), write('b', [2, 11]), write('c', [3, 12])];
    assertGood([...running, read('c', [13, 14]), read('c', [15, 16])]);
    assertGood([...running, read('b', [4, 5]), read('a', [6, 7]), read('c', [8, 9]), read('c', [13, 14])]);
    assert.equal(faults([...running, read('a', [13, 14]), read('b', [15, 16])]).length, 1);
  });

  it('lets a write be overwritten by one that ran beside it, unseen', () => {
    assertGood([write('a', [1, 10]), write('b', [2, 5]), read('b', [6, 7]), read('b', [11, 12])]);
  });

  it('takes what a read ruled out', () => {
    const rotation = [write('a', [1, 2]), write('b', [3, 4])];
    assertGood([...rotation, read('a', [5, 6], true)]);
    assert.deepEqual(faults([...rotation, read('b', [5, 6], true)]), [
      'a read saw something other than "b", but it held "b"',
    ]);
  });

  it('goes on after a violation and reports only what is wrong', () => {
    const operations = [write('a', [1, 2]), read('first', [3, 4]), read('a', [5, 6]), read('z', [7, 8])];
    assert.equal(faults(operations).length, 2);
  });

  it('shows what was done to the register around a violation', () => {
    const [violation] = linearize('x', 'first', [write('a', [1, 2]), read('first', [3, 4])]);
    assert.equal(
      shownViolation(violation!),
      'x: a read saw "first", which is not what was there: it held "a"\n' +
        '    1.0-2.0 ms write "a": acknowledged\n    3.0-4.0 ms read "first"',
    );
  });

  it('allows what may be lost to be lost, and no more', () => {
    const writes = [write('a', [1, 2]), write('b', [3, 4]), write('c', [5, 6])];
    const doubt: Mark = { kind: 'doubt', at: 7, sinceMs: 3 };
    assertGood([...writes, read('a', [8, 9])], [doubt]);
    assertGood([...writes, read('b', [8, 9])], [doubt]);
    assertGood([...writes, write('d', [8, 9]), read('c', [10, 11])], [doubt]);
    assert.equal(faults([...writes, read('first', [8, 9])], [doubt]).length, 1);
    const settled: Mark = { kind: 'settled', at: 10 };
    assert.equal(faults([...writes, read('b', [8, 9]), read('c', [11, 12])], [doubt, settled]).length, 1);
  });

  it('is linear in the length of a history, also with many writes of unknown outcome', () => {
    const long = Array.from({ length: 5_000 }, (_, index) => {
      const at = 10 * index;
      return [
        write(index, [at, at + 3]),
        write(index % 2 === 0, [at + 1, at + 2], index % 5 === 0 ? 'unknown' : 'refused'),
        read(index, [at + 4, at + 6]),
        read(index, [at + 5, at + 7]),
      ];
    }).flat();
    assertGood(long);
  });
});
