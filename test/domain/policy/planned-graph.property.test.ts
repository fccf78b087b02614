import assert from 'node:assert/strict';
import fc from 'fast-check';
import { applyPlan } from '../../../src/domain/policy/apply-plan.ts';
import { differenceOf } from '../../../src/domain/policy/difference.ts';
import { atOnce } from '../../../src/domain/slices.ts';
import { PlannedGraph } from '../../../src/domain/policy/planned-graph.ts';
import { visible } from '../../../src/domain/rbac/check.ts';
import type { GraphRow } from '../../../src/domain/records/rows.ts';
import { admin, lineOf, newAccount } from './plan-world.ts';
import { everything, loads, planIfPossible, resourceIds, roleIds, without } from './random-loads.ts';
import { assertProperty } from '../../support/property.ts';

const linesOf = (rows: readonly GraphRow[]): string[] => rows.map(lineOf).sort();

describe('PlannedGraph', () => {
  it('answers as the graph does once the plan is applied, and leaves the graph as it is until then', () => {
    assertProperty(
      fc.property(loads, (steps) => {
        const graph = newAccount();
        for (const [index, [written, mode]] of [[everything, 'create'] as const, ...steps].entries()) {
          const policy = mode === 'create' ? without(written, 'revokes', 'denies', 'deletes') : written;
          if (!graph.hasResource(policy.branch)) continue;
          const plan = planIfPossible(graph, policy, mode, index + 1);
          if (plan === undefined) continue;
          const planned = new PlannedGraph(graph, plan);
          const answers = [...roleIds, admin].map((role) => [
            planned.role(role),
            linesOf(planned.members(role)),
            linesOf(planned.memberships(role)),
            linesOf(planned.permissionsOf(role)),
            [...planned.restrictedTo(role)].sort(),
            resourceIds.map(planned.visibleTo(role)),
          ]);
          const about = resourceIds.map((resource) => [
            planned.resource(resource),
            linesOf(planned.permissionsOn(resource)),
            linesOf(planned.annotationsOf(resource)),
          ]);
          atOnce(differenceOf(graph, plan, admin));
          applyPlan(graph, plan);
          assert.deepEqual(
            answers,
            [...roleIds, admin].map((role) => [
              graph.role(role),
              linesOf(graph.members(role)),
              linesOf(graph.memberships(role)),
              linesOf(graph.permissionsOf(role)),
              [...graph.restrictedTo(role)].sort(),
              resourceIds.map((resource) => visible(graph, role, resource)),
            ]),
          );
          assert.deepEqual(
            about,
            resourceIds.map((resource) => [
              graph.resource(resource),
              linesOf(graph.permissionsOn(resource)),
              linesOf(graph.annotationsOf(resource)),
            ]),
          );
        }
      }),
      { numRuns: 200 },
    );
  });
});
