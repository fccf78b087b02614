import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isFailure } from '../../../src/domain/errors.ts';
import { rowBatchKey } from '../../../src/domain/records/keys.ts';
import {
  batchesOf,
  batchNumberOf,
  decodeBatch,
  editsIn,
  type RowEdit,
} from '../../../src/domain/records/row-batches.ts';
import { annotate, anyRow, member, role } from '../rbac/rows.ts';

const bytesOf = (value: Uint8Array | undefined): Uint8Array => value ?? new Uint8Array();

describe('batches of rows', () => {
  it('give back every edit in its order', () => {
    const edit = fc.record({ row: anyRow, there: fc.boolean() }, { noNullPrototype: true });
    fc.assert(
      fc.property(fc.array(edit, { maxLength: 60 }), (edits) => {
        const decoded = [...batchesOf(1, edits)].flatMap(({ value }) => [...decodeBatch(bytesOf(value))]);
        assert.deepEqual(decoded, edits);
      }),
    );
  });

  it('keep any text, line breaks and other alphabets included', () => {
    const value = 'a\tb\nc"\\ \u0000 é 漢字 🔑';
    const [change] = batchesOf(1, [{ row: annotate('variable:v', 'näme', value), there: true }]);
    assert.deepEqual(
      [...decodeBatch(bytesOf(change?.value))].map(({ row }) => row),
      [annotate('variable:v', 'näme', value)],
    );
  });

  it('hold a thousand edits each, under consecutive numbers', () => {
    const edits = Array.from({ length: 2_500 }, (_, index): RowEdit => {
      return { row: member('group:g', `user:${String(index)}`), there: true };
    });
    const changes = [...batchesOf(7, edits)];
    assert.deepEqual(
      changes.map(({ key }) => batchNumberOf(key)),
      [7, 8, 9],
    );
    assert.deepEqual(
      changes.map(({ value }) => editsIn(bytesOf(value))),
      [1_000, 1_000, 500],
    );
  });

  it('stay far below what a record may hold', () => {
    const edits = Array.from({ length: 900 }, (_, index): RowEdit => {
      return { row: annotate('variable:v', String(index), '\u0001'.repeat(16 * 1_024 - 4)), there: true };
    });
    for (const { value } of batchesOf(1, edits)) assert.ok(bytesOf(value).byteLength < 16 * 1_024 * 1_024);
  });

  it('are ordered by key as by number', () => {
    const numbers = [1, 2, 9, 10, 99, 100, 4_711, 1_000_000];
    assert.deepEqual(numbers.map(rowBatchKey).sort(), numbers.map(rowBatchKey));
  });

  it('are refused when bytes are missing', () => {
    const row = { table: 'role', role: role('user:a'), createdAt: 1 } as const;
    const [change] = batchesOf(1, [{ row, there: true }]);
    assert.throws(
      () => [...decodeBatch(bytesOf(change?.value).subarray(0, -1))],
      (error) => isFailure(error, 'INTERNAL'),
    );
  });
});
