import assert from 'node:assert/strict';
import fc from 'fast-check';
import { collectionOf } from '../../../src/domain/records/keys.ts';
import { keyOfRow, type GraphRow } from '../../../src/domain/records/rows.ts';
import { decide, grantPath, visible } from '../../../src/domain/rbac/check.ts';
import { AccessGraph } from '../../../src/domain/rbac/graph.ts';
import { atOnce } from '../../../src/domain/slices.ts';
import { permittedRoles } from '../../../src/domain/rbac/permitted-roles.ts';
import { ReferenceGraph } from '../../support/reference-graph.ts';
import { anyRow, privileges, resource, resourceIds, roleIds } from './rows.ts';
import { assertProperty } from '../../support/property.ts';

const anyStep = fc.record({
  act: fc.constantFrom('put' as const, 'put' as const, 'remove' as const),
  row: anyRow,
  /** Whether closures are asked for after this step, so that the next change meets remembered ones. */
  ask: fc.boolean(),
});

const byKey = (rows: Iterable<GraphRow>): unknown[] =>
  [...rows].map((row) => [keyOfRow(row), row] as const).sort(([one], [other]) => (one < other ? -1 : 1));

const sorted = (ids: Iterable<string>): string[] => [...ids].sort();

/** Both graphs after the same steps. */
function grown(
  steps: readonly { act: string; row: GraphRow; ask: boolean }[],
): [AccessGraph, ReferenceGraph] {
  const graph = new AccessGraph({ closureCells: 200 });
  const reference = new ReferenceGraph();
  for (const { act, row, ask } of steps) {
    if (act === 'put') {
      graph.put(row);
      reference.put(row);
    } else {
      graph.remove(keyOfRow(row));
      reference.remove(keyOfRow(row));
    }
    if (ask) for (const role of roleIds) graph.heldBy(role);
  }
  return [graph, reference];
}

const steps = fc.array(anyStep, { maxLength: 120 });

describe('AccessGraph beside the reference', () => {
  it('holds the same rows', () => {
    assertProperty(
      fc.property(steps, (taken) => {
        const [graph, reference] = grown(taken);
        assert.deepEqual(byKey(graph.rows()), byKey(reference.rows.values()));
        for (const [key, row] of reference.rows) assert.deepEqual(graph.row(key), row);
      }),
    );
  });

  it('finds the same rows about a role, a resource and a policy', () => {
    assertProperty(
      fc.property(steps, (taken) => {
        const [graph, reference] = grown(taken);
        for (const role of roleIds) {
          const memberships = reference.all('membership');
          const owned = reference.all('resource').filter((row) => row.owner === role);
          assert.deepEqual(byKey(graph.members(role)), byKey(memberships.filter((row) => row.role === role)));
          assert.deepEqual(
            byKey(graph.memberships(role)),
            byKey(memberships.filter((row) => row.member === role)),
          );
          assert.deepEqual(
            byKey(graph.permissionsOf(role)),
            byKey(reference.all('permission').filter((row) => row.role === role)),
          );
          assert.deepEqual(sorted(graph.owned(role)), sorted(owned.map((row) => row.resource)));
        }
        for (const id of resourceIds) {
          const rows = [...graph.permissionsOn(id), ...graph.annotationsOf(id)];
          const expected = [...reference.rows.values()].filter(
            (row) => (row.table === 'permission' || row.table === 'annotation') && row.resource === id,
          );
          assert.deepEqual(byKey(rows), byKey(expected));
        }
        for (const policies of [[resource('policy:p')], [resource('policy:p'), resource('policy:root')]]) {
          const expected = [...reference.rows.values()].filter((row) =>
            policies.some((id) => id === row.policy),
          );
          assert.deepEqual(byKey(atOnce(graph.definedBy(policies))), byKey(expected));
        }
        assert.deepEqual(sorted(graph.roles()), sorted(reference.all('role').map((row) => row.role)));
        assert.deepEqual(
          sorted(graph.resources()),
          sorted(reference.all('resource').map((row) => row.resource)),
        );
      }),
    );
  });

  it('says the same of who holds whom', () => {
    assertProperty(
      fc.property(steps, (taken) => {
        const [graph, reference] = grown(taken);
        for (const role of roleIds) {
          const held = reference.heldBy(role);
          assert.deepEqual(sorted(graph.heldBy(role)), sorted(held));
          assert.deepEqual(sorted(graph.holdersOf([role])), sorted(reference.holdersOf(role)));
          for (const other of roleIds) assert.equal(graph.holds(role, other), held.has(other));
        }
      }),
    );
  });

  it('decides the same, through a role that is held and has the right', () => {
    assertProperty(
      fc.property(steps, (taken) => {
        const [graph, reference] = grown(taken);
        for (const role of roleIds) {
          for (const id of resourceIds) {
            assert.equal(visible(graph, role, id), reference.visible(role, id));
            for (const privilege of privileges) {
              const decision = decide(graph, role, privilege, id);
              const verdict = reference.decide(role, privilege, id);
              assert.equal(decision.allowed ? decision.through : decision.reason, verdict);
              if (!decision.allowed) continue;
              const { holder, through } = decision;
              assert.ok(reference.heldBy(role).has(holder));
              assert.ok(
                through === 'ownership'
                  ? reference.owns(holder, id)
                  : reference.permitted(holder, id, privilege),
              );
              assertPath(grantPath(graph, role, holder), role, holder, reference);
            }
          }
        }
      }),
    );
  });

  it('lists the same as visible, and the same roles as permitted', () => {
    assertProperty(
      fc.property(steps, (taken) => {
        const [graph, reference] = grown(taken);
        for (const role of roleIds) {
          assert.deepEqual(sorted(graph.visibleTo(role)), sorted(reference.visibleTo(role)));
        }
        for (const id of resourceIds) {
          const expected = roleIds.filter((role) =>
            ['ownership', 'permission'].includes(reference.decide(role, 'read', id)),
          );
          assert.deepEqual(sorted(permittedRoles(graph, 'read', id)), sorted(expected));
        }
      }),
    );
  });

  it('is empty again when every row is removed', () => {
    assertProperty(
      fc.property(steps, (taken) => {
        const [graph, reference] = grown(taken);
        for (const key of reference.rows.keys()) graph.remove(key);
        assert.deepEqual([...graph.rows()], []);
        for (const role of roleIds) assert.deepEqual(graph.heldBy(role), []);
      }),
    );
  });

  it('ignores keys of other collections', () => {
    const graph = new AccessGraph();
    assertProperty(
      fc.property(anyRow, (row) => {
        graph.put(row);
        const before = byKey(graph.rows());
        const key = keyOfRow(row);
        const other = key.replace(collectionOf(key), 'credential');
        graph.remove(other as typeof key & string);
        assert.equal(graph.row(other as typeof key & string), undefined);
        assert.deepEqual(byKey(graph.rows()), before);
      }),
      { numRuns: 20 },
    );
  });
});

function assertPath(path: readonly string[], from: string, to: string, reference: ReferenceGraph): void {
  assert.equal(path[0], from);
  assert.equal(path.at(-1), to);
  for (const [index, role] of path.entries()) {
    const next = path[index + 1];
    if (next === undefined) continue;
    assert.ok(reference.all('membership').some((row) => row.member === role && row.role === next));
  }
}
