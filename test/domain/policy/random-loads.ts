/** Random loads: resolved policies that define, grant, permit and delete the same few records. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isFailure } from '../../../src/domain/errors.ts';
import { storedResourceId, storedRoleId, type ResourceId, type RoleId } from '../../../src/domain/ids.ts';
import { planLoad, type Plan, type PlanMode } from '../../../src/domain/policy/plan.ts';
import type { Definition, ResolvedPolicy } from '../../../src/domain/policy/statements.ts';
import type { AccessGraph } from '../../../src/domain/rbac/graph.ts';
import { account } from './plan-world.ts';

const at = { line: 1, column: 1 };
export const records = [
  'user:ann',
  'user:bob',
  'group:g',
  'host:shop/h',
  'policy:shop',
  'policy:eu',
  'variable:v',
  'layer:l',
];
export const roleIds = records
  .filter((id) => !id.startsWith('variable'))
  .map((id) => storedRoleId(`acct:${id}`));
export const resourceIds = records.map((id) => storedResourceId(`acct:${id}`));

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

export const document: fc.Arbitrary<ResolvedPolicy> = fc
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

export const planMode = fc.constantFrom<PlanMode>('create', 'update', 'update', 'replace');
/** Texts, each with the way in which it is loaded. */
export const loads = fc.array(fc.tuple(document, planMode), { minLength: 1, maxLength: 12 });

/** The policy with none of these. */
export function without(
  policy: ResolvedPolicy,
  ...parts: readonly ('revokes' | 'denies' | 'deletes')[]
): ResolvedPolicy {
  return { ...policy, ...Object.fromEntries(parts.map((part) => [part, []])) };
}

/** The plan of a load; undefined where it is refused. */
export function planIfPossible(
  graph: AccessGraph,
  policy: ResolvedPolicy,
  mode: PlanMode,
  now: number,
): Plan | undefined {
  try {
    return planLoad(graph, policy, mode, now);
  } catch (error) {
    assert.ok(isFailure(error, 'POLICY_INVALID'));
    return undefined;
  }
}

/** Defines every record, so that later texts find most of what they refer to. */
export const everything: ResolvedPolicy = {
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
