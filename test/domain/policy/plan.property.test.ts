import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isFailure } from '../../../src/domain/errors.ts';
import { storedResourceId, storedRoleId, type ResourceId, type RoleId } from '../../../src/domain/ids.ts';
import { applyPlan } from '../../../src/domain/policy/apply-plan.ts';
import { planLoad, type Plan, type PlanMode } from '../../../src/domain/policy/plan.ts';
import type { Definition, ResolvedPolicy } from '../../../src/domain/policy/statements.ts';
import type { AccessGraph } from '../../../src/domain/rbac/graph.ts';
import { keyOfRow, type GraphRow } from '../../../src/domain/records/rows.ts';
import { ReferenceGraph } from '../../support/reference-graph.ts';
import { loadByReference, stands } from './plan-reference.ts';
import { account, lineOf, newAccount } from './plan-world.ts';

const at = { line: 1, column: 1 };
const records = [
  'user:ann',
  'user:bob',
  'group:g',
  'host:shop/h',
  'policy:shop',
  'policy:eu',
  'variable:v',
  'layer:l',
];
const roleIds = records.filter((id) => !id.startsWith('variable')).map((id) => storedRoleId(`acct:${id}`));
const resourceIds = records.map((id) => storedResourceId(`acct:${id}`));

const role: fc.Arbitrary<RoleId> = fc.constantFrom(...roleIds);
/** Mostly the admin, who is always there. */
const owner: fc.Arbitrary<RoleId> = fc.oneof(
  { weight: 2, arbitrary: fc.constant(storedRoleId('acct:user:admin')) },
  role,
);
const resource: fc.Arbitrary<ResourceId> = fc.constantFrom(...resourceIds);
const privilege = fc.constantFrom('read', 'execute');

const definition: fc.Arbitrary<Definition> = fc
  .record({
    id: fc.constantFrom(...records),
    owner,
    notes: fc.dictionary(fc.constantFrom('note', 'kind'), fc.constantFrom('one', 'two'), { maxKeys: 2 }),
    restrictedTo: fc.option(fc.subarray(['10.0.0.0/8', '192.0.2.7/32']), { nil: undefined }),
    publicKeys: fc.subarray([{ name: 'laptop', line: 'a b laptop' }]),
    layers: fc.subarray([storedRoleId('acct:layer:l')]),
    /** Sometimes a bare role or a bare resource. */
    part: fc.constantFrom('both', 'both', 'both', 'both', 'role', 'resource'),
  })
  .map(({ id, notes, part, publicKeys, restrictedTo, layers, ...rest }) => {
    const kind = id.slice(0, id.indexOf(':'));
    const whole = part === 'both';
    return {
      ...rest,
      tag: whole ? (kind as Definition['tag']) : part,
      id: `acct:${id}`,
      kind,
      hasRole: kind !== 'variable' && part !== 'resource',
      hasResource: part !== 'role' || kind === 'variable',
      annotations: Object.entries(notes).map(([name, value]) => ({ name, value, at })),
      restrictedTo: whole && (kind === 'user' || kind === 'host') ? restrictedTo : undefined,
      publicKeys: whole && kind === 'user' ? publicKeys : [],
      layers: whole && kind === 'group' ? layers : [],
      implied: false,
      at,
    };
  });

const pair = fc.record({ role, member: role, at: fc.constant(at) });
const permission = fc.record({ role, privilege, resource, at: fc.constant(at) });

const document: fc.Arbitrary<ResolvedPolicy> = fc
  .record({
    branch: fc.constantFrom('root', 'root', 'shop', 'eu').map((id) => storedResourceId(`acct:policy:${id}`)),
    definitions: fc.uniqueArray(definition, { maxLength: 8, selector: ({ id }) => id }),
    grants: fc.array(
      fc.tuple(pair, fc.boolean()).map(([entry, admin]) => ({ ...entry, admin })),
      { maxLength: 3 },
    ),
    permits: fc.array(permission, { maxLength: 3 }),
    revokes: fc.array(pair, { maxLength: 2 }),
    denies: fc.array(permission, { maxLength: 2 }),
    deletes: fc.array(
      resource.map((id) => ({ id, at })),
      { maxLength: 1 },
    ),
  })
  .map((parts) => ({ ...parts, account, warnings: [] }));

const mode = fc.constantFrom<PlanMode>('create', 'update', 'update', 'replace');
const loads = fc.array(fc.tuple(document, mode), { minLength: 1, maxLength: 12 });

function without(
  policy: ResolvedPolicy,
  ...parts: readonly ('revokes' | 'denies' | 'deletes')[]
): ResolvedPolicy {
  return { ...policy, ...Object.fromEntries(parts.map((part) => [part, []])) };
}

function plan(graph: AccessGraph, policy: ResolvedPolicy, planMode: PlanMode, now: number): Plan | undefined {
  try {
    return planLoad(graph, policy, planMode, now);
  } catch (error) {
    assert.ok(isFailure(error, 'POLICY_INVALID'));
    return undefined;
  }
}

const linesOf = (rows: Iterable<GraphRow>): string[] => [...rows].map(lineOf).sort();

function copyOf(graph: AccessGraph): ReferenceGraph {
  const reference = new ReferenceGraph();
  for (const row of graph.rows()) reference.put(row);
  return reference;
}

/** Defines every record, so that later texts find most of what they refer to. */
const everything: ResolvedPolicy = {
  account,
  branch: storedResourceId('acct:policy:root'),
  definitions: records.map((id) => ({
    tag: id.slice(0, id.indexOf(':')) as Definition['tag'],
    id: `acct:${id}`,
    kind: id.slice(0, id.indexOf(':')),
    hasRole: !id.startsWith('variable'),
    hasResource: true,
    owner: storedRoleId(id === 'policy:eu' ? 'acct:policy:shop' : 'acct:user:admin'),
    annotations: [],
    restrictedTo: undefined,
    publicKeys: [],
    layers: [],
    implied: false,
    at,
  })),
  grants: [],
  permits: [],
  revokes: [],
  denies: [],
  deletes: [],
  warnings: [],
};

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
    const planned = plan(graph, policy, planMode, index + 1);
    assert.deepEqual(linesOf(graph.rows()), linesOf(before.rows.values()));
    if (planned !== undefined) applyPlan(graph, planned);
    check(graph, before, policy, planMode, planned);
  }
}

describe('planLoad beside the reference', () => {
  it('leads to the same rows, or refuses the same', () => {
    fc.assert(
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
    fc.assert(
      fc.property(loads, (steps) => {
        eachLoad(steps, (graph) => {
          const after = copyOf(graph);
          for (const row of after.rows.values()) assert.ok(stands(after, row), lineOf(row));
        });
      }),
    );
  });

  it('says exactly what changes', () => {
    fc.assert(
      fc.property(loads, (steps) => {
        eachLoad(steps, (graph, before, _policy, _mode, planned) => {
          if (planned === undefined) return;
          const after = copyOf(graph);
          const put = new Set(planned.puts.map(({ key }) => key));
          for (const { key, row, previous } of planned.puts) {
            assert.equal(key, keyOfRow(row));
            assert.deepEqual(previous, before.rows.get(key));
            assert.notDeepEqual(previous, row);
          }
          for (const { key, row } of planned.removals) {
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
    fc.assert(
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
    fc.assert(
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
