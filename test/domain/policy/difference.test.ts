import assert from 'node:assert/strict';
import { partsOf, storedResourceId, type RoleId } from '../../../src/domain/ids.ts';
import { differenceOf, type Difference, type Item } from '../../../src/domain/policy/difference.ts';
import { atOnce } from '../../../src/domain/slices.ts';
import { parsePolicy } from '../../../src/domain/policy/parse.ts';
import { planLoad, type PlanMode } from '../../../src/domain/policy/plan.ts';
import { resolvePolicy } from '../../../src/domain/policy/resolve.ts';
import { account, admin, roleId, World } from './plan-world.ts';

function differenceIn(
  world: World,
  text: string,
  {
    branch = 'root',
    mode = 'update',
    role = admin,
  }: { readonly branch?: string; readonly mode?: PlanMode; readonly role?: RoleId } = {},
): Difference {
  const policy = storedResourceId(`acct:policy:${branch}`);
  const branchOwner = world.graph.resource(policy)?.owner ?? admin;
  const resolved = resolvePolicy(parsePolicy(Buffer.from(text)), { account, branch: policy, branchOwner });
  return atOnce(differenceOf(world.graph, planLoad(world.graph, resolved, mode, 100), role));
}

function names(items: readonly Item[]): readonly string[] {
  return items.map(({ id, form }) => {
    const { kind, identifier } = partsOf(id);
    return `${form} ${kind}:${identifier}`;
  });
}

function worldOf(text: string): World {
  const world = new World();
  world.POST('root', text);
  return world;
}

describe('differenceOf', () => {
  it('names what is new, what goes, and what of the rest is touched', () => {
    const world = worldOf('- !group g\n- !variable v\n- !variable w\n- !user u');
    const difference = differenceIn(
      world,
      '- !group h\n- !grant { role: !group h, member: !user u }\n- !delete { record: !variable v }\n- !variable { id: w, annotations: { a: b } }',
    );
    assert.deepEqual(names(difference.created), ['role group:h']);
    assert.deepEqual(names(difference.before), ['role user:u', 'resource variable:w']);
    assert.deepEqual(names(difference.after), names(difference.before));
    assert.deepEqual(names(difference.deleted), ['resource variable:v']);
  });

  it('touches nobody by giving him a new variable, and its owner by giving him a new role', () => {
    const world = worldOf('- !policy p');
    assert.deepEqual(names(differenceIn(world, '- !variable v', { branch: 'p' }).before), []);
    assert.deepEqual(names(differenceIn(world, '- !layer l', { branch: 'p' }).before), ['role policy:p']);
  });

  it('goes through permissions once, however many privileges they are of', () => {
    const privileges = Array.from({ length: 60_000 }, (_, index) => `p${String(index)}`);
    const { created } = differenceIn(
      new World(),
      `- !group g\n- !variable v\n- !permit { role: !group g, privileges: [ ${privileges.join(', ')} ], resource: !variable v }`,
    );
    const [group] = created;
    assert.ok(group?.form === 'role');
    assert.deepEqual([...group.permissions.keys()], privileges.sort());
    assert.deepEqual(group.permissions.get('p7'), ['acct:variable:v']);
  });

  it('puts roles before resources, and leaves other kinds out', () => {
    const { created } = differenceIn(
      new World(),
      '- !webservice w\n- !user { id: u, public_keys: [ a b c ] }\n- !host-factory { id: f, layers: [] }\n- !group g\n- !resource { kind: lamp, id: l }',
    );
    assert.deepEqual(names(created), ['role group:g', 'role user:u', 'resource webservice:w']);
  });

  it('shows the owner and the restriction of before and of after', () => {
    const world = worldOf(
      '- !group boss\n- !group old\n- !host { id: h, owner: !group old, restricted_to: 10.0.0.1 }',
    );
    const { before, after } = differenceIn(world, '- !host { id: h, owner: !group boss }');
    const facts = (items: readonly Item[]): unknown =>
      items
        .filter((item) => item.form === 'role')
        .filter(({ id }) => id.endsWith(':h'))
        .map(({ owner, restrictedTo, members }) => [owner, restrictedTo, members]);
    assert.deepEqual(facts(before), [['acct:group:old', ['10.0.0.1/32'], ['acct:group:old']]]);
    assert.deepEqual(facts(after), [['acct:group:boss', [], ['acct:group:boss']]]);
  });

  it('counts what is removed and made anew as changed', () => {
    const world = worldOf('- !user ann\n- !group g\n- !variable { id: v, owner: !user ann }');
    const { created, before, after, deleted } = differenceIn(
      world,
      '- !group g\n- !variable { id: v, owner: !group g }',
      { mode: 'replace' },
    );
    assert.deepEqual(names(created), []);
    assert.deepEqual(names(before), ['resource variable:v']);
    assert.deepEqual(
      after.map((item) => item.form === 'resource' && item.owner),
      ['acct:group:g'],
    );
    assert.deepEqual(names(deleted), ['role user:ann']);
  });

  it('redacts what the role may not see, by what it may see before and after', () => {
    const world = worldOf(
      '- !user eve\n- !group hidden\n- !policy { id: p, body: [ !variable v, !variable w ] }\n' +
        '- !permit { role: !user eve, privilege: create, resource: !policy p }\n' +
        '- !permit { role: !group hidden, privilege: read, resource: !variable p/v }',
    );
    const text = '- !permit { role: !user /eve, privilege: read, resource: !variable v }\n- !group g';
    const { created, before, after } = differenceIn(world, text, { branch: 'p', role: roleId('user:eve') });
    // Creating in a policy does not make its creator see what it creates.
    assert.deepEqual(names(created), ['hidden group:p/g']);
    assert.deepEqual(names(before), ['role policy:p', 'hidden user:eve', 'hidden variable:p/v']);
    assert.deepEqual(names(after), ['role policy:p', 'hidden user:eve', 'resource variable:p/v']);
    const seen = after.find(({ form }) => form === 'resource');
    assert.ok(seen?.form === 'resource');
    assert.deepEqual([...seen.permitted], [['read', ['acct:group:[REDACTED]', 'acct:user:[REDACTED]']]]);
    assert.equal(seen.owner, 'acct:policy:p');
    assert.equal(seen.policy, 'acct:policy:[REDACTED]');
  });
});
