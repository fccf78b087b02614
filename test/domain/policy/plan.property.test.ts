import assert from 'node:assert/strict';
import fc from 'fast-check';
import { applyPlan } from '../../../src/domain/policy/apply-plan.ts';
import { planLoad, type Plan, type PlanMode } from '../../../src/domain/policy/plan.ts';
import type { ResolvedPolicy } from '../../../src/domain/policy/statements.ts';
import type { AccessGraph } from '../../../src/domain/rbac/graph.ts';
import { keyOfRow, type GraphRow } from '../../../src/domain/records/rows.ts';
import { ReferenceGraph } from '../../support/reference-graph.ts';
import { loadByReference, stands } from './plan-reference.ts';
import { lineOf, newAccount } from './plan-world.ts';
import { document, everything, loads, planIfPossible, without } from './random-loads.ts';
import { assertProperty } from '../../support/property.ts';

const linesOf = (rows: Iterable<GraphRow>): string[] => [...rows].map(lineOf).sort();

function copyOf(graph: AccessGraph): ReferenceGraph {
  const reference = new ReferenceGraph();
  for (const row of graph.rows()) reference.put(row);
  return reference;
}

/** Loads one after the other what can be loaded, and shows each to a check. */
function eachLoad(
  steps: readonly (readonly [ResolvedPolicy, PlanMode])[],
  check: (
    graph: AccessGraph,
    before: ReferenceGraph,
    policy: ResolvedPolicy,
    mode: PlanMode,
    plan?: Plan,
  ) => void,
): void {
  const graph = newAccount();
  for (const [index, [written, planMode]] of [[everything, 'create'] as const, ...steps].entries()) {
    // In create mode a text has no deletions; and a load needs its branch.
    const policy = planMode === 'create' ? without(written, 'revokes', 'denies', 'deletes') : written;
    if (!graph.hasResource(policy.branch)) continue;
    const before = copyOf(graph);
    const planned = planIfPossible(graph, policy, planMode, index + 1);
    assert.deepEqual(linesOf(graph.rows()), linesOf(before.rows.values()));
    if (planned !== undefined) applyPlan(graph, planned);
    check(graph, before, policy, planMode, planned);
  }
}

describe('planLoad beside the reference', () => {
  it('leads to the same rows, or refuses the same', () => {
    assertProperty(
      fc.property(loads, (steps) => {
        eachLoad(steps, (graph, before, policy, planMode, planned) => {
          assert.equal(loadByReference(before, policy, planMode), planned !== undefined);
          if (planned !== undefined) assert.deepEqual(linesOf(graph.rows()), linesOf(before.rows.values()));
        });
      }),
      { numRuns: 300 },
    );
  });

  it('leaves no row that hangs in the air', () => {
    assertProperty(
      fc.property(loads, (steps) => {
        eachLoad(steps, (graph) => {
          const after = copyOf(graph);
          for (const row of after.rows.values()) assert.ok(stands(after, row), lineOf(row));
        });
      }),
    );
  });

  it('says exactly what changes', () => {
    assertProperty(
      fc.property(loads, (steps) => {
        eachLoad(steps, (graph, before, _policy, _mode, planned) => {
          if (planned === undefined) return;
          const after = copyOf(graph);
          const put = new Set(planned.puts.map(({ row }) => keyOfRow(row)));
          for (const { row, previous } of planned.puts) {
            assert.deepEqual(previous, before.rows.get(keyOfRow(row)));
            assert.notDeepEqual(previous, row);
          }
          for (const { row } of planned.removals) {
            const key = keyOfRow(row);
            assert.deepEqual(row, before.rows.get(key));
            assert.ok(!put.has(key) && !after.rows.has(key));
          }
          const made = after
            .all('role')
            .filter((row) => !before.hasRole(row.role) || planned.rolesRemoved.includes(row.role));
          const withKey = made.map((row) => row.role).filter((id) => /^acct:(user|host):/.test(id));
          assert.deepEqual([...planned.rolesCreated].sort(), withKey.sort());
          for (const id of before.all('role').map((row) => row.role)) {
            if (!after.hasRole(id)) assert.ok(planned.rolesRemoved.includes(id));
          }
          for (const id of before.all('resource').map((row) => row.resource)) {
            if (!after.hasResource(id)) assert.ok(planned.resourcesRemoved.includes(id));
          }
        });
      }),
    );
  });

  it('has nothing more to do the second time', () => {
    assertProperty(
      fc.property(loads, (steps) => {
        const kept = steps.map(([policy, planMode]) => [without(policy, 'deletes'), planMode] as const);
        eachLoad(kept, (graph, _before, policy, planMode, planned) => {
          if (planned === undefined) return;
          const again = planLoad(graph, policy, planMode, 1_000);
          assert.deepEqual([again.puts, again.removals, again.restrictions], [[], [], []]);
          assert.deepEqual([again.rolesCreated, again.rolesRemoved, again.resourcesRemoved], [[], [], []]);
        });
      }),
    );
  });

  it('makes the rows of a replaced policy those of the text', () => {
    assertProperty(
      fc.property(loads, document, (steps, last) => {
        const policy = without(last, 'revokes', 'denies', 'deletes');
        eachLoad([...steps, [policy, 'replace']], (graph, _before, loaded, planMode, planned) => {
          if (planMode !== 'replace' || planned === undefined || loaded !== policy) return;
          const fresh = new ReferenceGraph();
          for (const row of copyOf(graph).rows.values()) if (row.policy !== policy.branch) fresh.put(row);
          loadByReference(fresh, policy, 'create');
          const isOwn = (row: GraphRow): boolean =>
            row.policy === policy.branch && !(row.table === 'membership' && row.ownership);
          const own = (rows: Iterable<GraphRow>): string[] => linesOf([...rows].filter(isOwn));
          assert.deepEqual(own(graph.rows()), own(fresh.rows.values()));
        });
      }),
    );
  });
});
