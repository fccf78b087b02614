import assert from 'node:assert/strict';
import fc from 'fast-check';
import { keyOfRow, type GraphRow } from '../../../src/domain/records/rows.ts';
import { AccessGraph } from '../../../src/domain/rbac/graph.ts';
import { atOnce } from '../../../src/domain/slices.ts';
import { anyRow, roleIds } from './rows.ts';

const anyEdit = fc.record({ row: anyRow, there: fc.boolean() });
const edits = fc.array(anyEdit, { maxLength: 80 });

const sorted = (graph: AccessGraph): unknown[] =>
  [...graph.rows()].map((row) => JSON.stringify([keyOfRow(row), row])).sort();

function graphOf(rows: readonly GraphRow[]): AccessGraph {
  const graph = new AccessGraph({ closureCells: 200 });
  for (const row of rows) graph.put(row);
  return graph;
}

const before = fc.array(anyRow, { maxLength: 60 });

describe('rows that were prepared', () => {
  it('come to the same, once applied, as rows that were put and removed one by one', () => {
    fc.assert(
      fc.property(before, edits, (rows, list) => {
        const [graph, plain] = [graphOf(rows), graphOf(rows)];
        for (const role of roleIds) graph.heldBy(role);
        const prepared = atOnce(graph.prepare(list.map((edit) => ({ ...edit, fresh: false }))));
        assert.deepEqual(sorted(graph), sorted(plain), 'nothing is seen before');
        prepared.apply();
        atOnce(prepared.release());
        for (const { row, there } of list) {
          if (there) plain.put(row);
          else plain.removeRow(row);
        }
        assert.deepEqual(sorted(graph), sorted(plain));
        assert.equal(graph.rowCount, sorted(graph).length);
        for (const role of roleIds) {
          assert.deepEqual(graph.heldBy(role).sort(), plain.heldBy(role).sort());
          assert.deepEqual(graph.visibleTo(role).sort(), plain.visibleTo(role).sort());
        }
      }),
    );
  });

  it('may be known to be new', () => {
    fc.assert(
      fc.property(before, edits, (rows, list) => {
        const plain = graphOf(rows);
        const added = new Map(list.map(({ row }) => [keyOfRow(row), row]));
        for (const key of added.keys()) if (plain.row(key) !== undefined) added.delete(key);
        const graph = graphOf(rows);
        const fresh = [...added.values()].map((row) => ({ row, there: true, fresh: true }));
        const prepared = atOnce(graph.prepare(fresh));
        prepared.apply();
        atOnce(prepared.release());
        for (const row of added.values()) plain.put(row);
        assert.deepEqual(sorted(graph), sorted(plain));
      }),
    );
  });

  it('leave no trace where they were not applied', () => {
    fc.assert(
      fc.property(before, edits, (rows, list) => {
        const graph = graphOf(rows);
        atOnce(atOnce(graph.prepare(list.map((edit) => ({ ...edit, fresh: false })))).release());
        assert.deepEqual(sorted(graph), sorted(graphOf(rows)));
        for (const row of [...graph.rows()]) graph.removeRow(row);
        assert.equal(graph.rowCount, 0);
        assert.deepEqual([...graph.roles(), ...graph.resources()], []);
      }),
    );
  });
});
