import assert from 'node:assert/strict';
import { resourceOf } from '../../../src/domain/ids.ts';
import { decide } from '../../../src/domain/rbac/check.ts';
import { roleId, short, World } from './plan-world.ts';

const nested =
  '- !policy { id: shop, body: [ !user kim, !policy { id: eu, body: [ !variable v, !host h ] } ] }';

describe('planLoad of what goes with its owner', () => {
  it('starts a resource anew when its owner goes, also when it is declared again', () => {
    const world = new World();
    world.POST('root', '- !user ann\n- !user eve\n- !variable { id: v, owner: !user ann }\n- !policy p');
    world.graph.put({
      table: 'permission',
      resource: resourceOf(roleId('variable:v')),
      role: roleId('user:eve'),
      privilege: 'read',
    });
    const plan = world.PUT('root', '- !user eve\n- !variable v\n- !policy p');
    assert.deepEqual(plan.resourcesRemoved.map(short).sort(), ['user:ann', 'variable:v']);
    assert.deepEqual(plan.rolesRemoved.map(short), ['user:ann']);
    assert.deepEqual(world.about('variable:v'), ['resource variable:v owner user:admin ‹root›']);
    const put = plan.puts.find(({ row }) => row.table === 'resource');
    assert.ok(put?.row.table === 'resource' && put.row.createdAt === 2);
    assert.ok(put.previous !== undefined);
  });

  it('takes all that a removed owner owned along, and what those policies defined', () => {
    const world = new World();
    world.POST('root', '- !user ann\n- !policy { id: p, owner: !user ann }');
    world.POST('p', '- !variable v\n- !policy { id: q }');
    world.POST('p/q', '- !host h');
    const plan = world.PUT('root', '[]');
    assert.deepEqual(world.lines(), []);
    assert.deepEqual(plan.policiesRemoved.map(short).sort(), ['policy:p', 'policy:p/q']);
    assert.deepEqual(plan.rolesRemoved.map(short).sort(), [
      'host:p/q/h',
      'policy:p',
      'policy:p/q',
      'user:ann',
    ]);
  });

  it('makes a role anew that went with another policy', () => {
    const world = new World();
    world.POST('root', '- !policy p');
    world.POST('p', '- !user { id: bob, restricted_to: 10.0.0.0/8 }');
    const plan = world.PUT('root', '- !user bob@p');
    assert.deepEqual(plan.rolesRemoved.map(short).sort(), ['policy:p', 'user:bob@p']);
    assert.deepEqual(plan.rolesCreated.map(short), ['user:bob@p']);
    assert.deepEqual(world.graph.restrictedTo(roleId('user:bob@p')), []);
    assert.ok(world.lines().includes('role user:bob@p ‹root›'));
  });

  it('keeps a role whose resource goes, with its members', () => {
    const world = new World();
    world.POST('root', '- !user ann\n- !user u\n- !policy p\n- !group { id: p/g, owner: !user ann }');
    world.POST('p', '- !grant { role: !group g, member: !user /u }');
    const plan = world.PUT('root', '- !user u\n- !policy p\n- !group p/g');
    assert.deepEqual(plan.rolesRemoved.map(short), ['user:ann']);
    assert.deepEqual(world.about('group:p/g'), [
      'member user:u of group:p/g ‹p›',
      'owner user:admin of group:p/g ‹root›',
      'resource group:p/g owner user:admin ‹root›',
      'role group:p/g ‹root›',
    ]);
  });
});

describe('planLoad of !delete', () => {
  it('removes a record with all that its role owns', () => {
    const world = new World();
    world.POST('root', nested);
    const plan = world.PATCH('root', '- !delete { record: !policy shop/eu }');
    assert.deepEqual(plan.resourcesRemoved.map(short).sort(), [
      'host:shop/eu/h',
      'policy:shop/eu',
      'variable:shop/eu/v',
    ]);
    assert.deepEqual(plan.rolesRemoved.map(short).sort(), ['host:shop/eu/h', 'policy:shop/eu']);
    assert.ok(world.lines().includes('role user:kim@shop ‹root›'));
    world.PATCH('root', '- !delete { record: !policy shop }\n- !delete { record: !user nobody }');
    assert.deepEqual(world.lines(), []);
  });

  it('lets a branch delete itself', () => {
    const world = new World();
    world.POST('root', '- !policy { id: tmp, body: [ !variable v ] }');
    world.POST('tmp', '- !variable w');
    const plan = world.PATCH('tmp', '- !variable x\n- !delete { record: !policy "" }');
    assert.deepEqual(plan.policiesRemoved.map(short), ['policy:tmp']);
    assert.deepEqual(plan.puts, []);
    assert.deepEqual(world.lines(), []);
  });

  it('prevails over whatever the same text creates', () => {
    const world = new World();
    const text = '- !delete { record: !variable v }\n- !variable v\n- !variable w';
    const plan = world.PATCH('root', text);
    assert.deepEqual(plan.resourcesRemoved, []);
    assert.deepEqual(world.lines(), ['resource variable:w owner user:admin ‹root›']);
    assert.deepEqual(world.PATCH('root', text).puts, []);
    world.POST('root', '- !variable v');
    assert.deepEqual(world.PATCH('root', text).resourcesRemoved.map(short), ['variable:v']);
  });

  it('takes along what the same text hangs on it', () => {
    const world = new World();
    world.POST('root', '- !group g');
    const plan = world.PATCH(
      'root',
      `
- !user u
- !variable { id: v, owner: !group g }
- !grant { role: !group g, member: !user u }
- !delete { record: !group g }
`,
    );
    assert.deepEqual(world.lines(), [
      'owner user:admin of user:u ‹root›',
      'resource user:u owner user:admin ‹root›',
      'role user:u ‹root›',
    ]);
    assert.deepEqual(plan.rolesCreated.map(short), ['user:u']);
    assert.deepEqual(plan.resourcesRemoved.map(short), ['group:g']);
  });

  it('goes by the owner that the same text gives', () => {
    const world = new World();
    world.POST('root', '- !group g\n- !group h\n- !variable { id: v, owner: !group g }');
    const plan = world.PATCH(
      'root',
      '- !variable { id: v, owner: !group h }\n- !delete { record: !group g }',
    );
    assert.deepEqual(plan.resourcesRemoved.map(short), ['group:g']);
    assert.deepEqual(world.about('variable:v'), ['resource variable:v owner group:h ‹root›']);
  });

  it('ends with records that own themselves or one another', () => {
    const world = new World();
    world.POST(
      'root',
      '- !group { id: s, owner: !group s }\n- !group a\n- !group { id: b, owner: !group a }',
    );
    world.PATCH('root', '- !group { id: a, owner: !group b }\n- !group { id: b, owner: !group s }');
    world.PATCH('root', '- !group { id: b, owner: !group a }');
    world.PATCH('root', '- !delete { record: !group s }\n- !delete { record: !group a }');
    assert.deepEqual(world.lines(), []);
  });

  it('does not ask who defined what', () => {
    const world = new World();
    world.POST('root', '- !policy { id: shop, body: [ !variable v ] }');
    world.PATCH('shop', '- !delete { record: !variable v }');
    assert.deepEqual(world.about('variable:shop/v'), []);
  });
});

describe('planLoad of !revoke and !deny', () => {
  it('reaches only what the same policy defined', () => {
    const world = new World();
    world.POST(
      'root',
      '- !user ann\n- !policy { id: shop, body: [ !group g, !grant { role: !group g, member: !user /ann } ] }',
    );
    assert.deepEqual(world.PATCH('shop', '- !revoke { role: !group g, member: !user /ann }').removals, []);
    assert.equal(
      world.PATCH('root', '- !revoke { role: !group shop/g, member: !user ann }').removals.length,
      1,
    );
  });

  it('never takes an ownership edge', () => {
    const world = new World();
    world.POST('root', '- !user ann\n- !group { id: g, owner: !user ann }');
    assert.deepEqual(world.PATCH('root', '- !revoke { role: !group g, member: !user ann }').removals, []);
    world.PATCH('root', '- !grant { role: !group g, member: !user ann }');
    world.PATCH('root', '- !revoke { role: !group g, member: !user ann }');
    assert.ok(world.lines().includes('owner user:ann of group:g ‹root›'));
    assert.equal(decide(world.graph, roleId('user:ann'), 'x', resourceOf(roleId('group:g'))).allowed, true);
  });

  it('denies one privilege and leaves the others', () => {
    const world = new World();
    world.POST(
      'root',
      '- !user ann\n- !variable v\n- !permit { role: !user ann, privileges: [ read, execute ], resource: !variable v }',
    );
    const plan = world.PATCH('root', '- !deny { role: !user ann, privilege: read, resource: !variable v }');
    assert.deepEqual(plan.subjects.removed, [
      { resource: 'acct:variable:v', role: 'acct:user:ann', privilege: 'read' },
    ]);
    assert.ok(world.lines().includes('permit user:ann execute variable:v ‹root›'));
  });

  it('prevails over a grant and a permit in the same text', () => {
    const world = new World();
    world.PATCH(
      'root',
      `
- !revoke { role: !group g, member: !user u }
- !deny { role: !user u, privilege: read, resource: !group g }
- !group g
- !user u
- !grant { role: !group g, member: !user u }
- !permit { role: !user u, privilege: read, resource: !group g }
`,
    );
    assert.deepEqual(
      world.lines().filter((line) => /^(member|permit)/.test(line)),
      [],
    );
  });

  it('does not mind what is absent', () => {
    const world = new World();
    const text =
      '- !revoke { role: !group g, member: !user u }\n- !deny { role: !user u, privilege: read, resource: !group g }';
    const plan = world.PATCH('root', text);
    assert.deepEqual([plan.puts, plan.removals], [[], []]);
  });
});
