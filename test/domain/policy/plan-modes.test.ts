import assert from 'node:assert/strict';
import { isFailure } from '../../../src/domain/errors.ts';
import { roleId, short, World } from './plan-world.ts';

const owned = '- !user ann\n- !user ben\n- !variable { id: v, owner: !user ann, annotations: { note: one } }';

describe('planLoad in create mode', () => {
  it('changes nothing that is there, and adds annotations', () => {
    const world = new World();
    world.POST('root', owned);
    const plan = world.POST(
      'root',
      '- !variable { id: v, owner: !user ben, annotations: { note: two, extra: yes } }',
    );
    assert.deepEqual(world.about('variable:v'), [
      'note variable:v extra=true ‹root›',
      'note variable:v note=one ‹root›',
      'resource variable:v owner user:ann ‹root›',
    ]);
    assert.deepEqual(plan.subjects, {
      added: [{ resource: 'acct:variable:v', annotation: 'extra' }],
      changed: [],
      removed: [],
    });
  });

  it('gives a role no second owner', () => {
    const world = new World();
    world.POST('root', '- !user ann\n- !user ben\n- !group { id: g, owner: !user ann }');
    world.POST('root', '- !group { id: g, owner: !user ben }');
    assert.deepEqual(
      world.lines().filter((line) => line.startsWith('owner') && line.includes('group:g')),
      ['owner user:ann of group:g ‹root›'],
    );
  });

  it('refuses deletions before it looks for what they name', () => {
    const world = new World();
    for (const text of [
      '- !deny { role: !user a, privilege: read, resource: !variable b }',
      '- !revoke { role: !group a, member: !user b }',
      '- !delete { record: !variable a }',
      '- !grant { role: !group none, member: !user none }\n- !delete { record: !variable a }',
    ]) {
      assert.throws(
        () => world.POST('root', text),
        (error) => isFailure(error, 'POLICY_TEXT_DELETES'),
      );
    }
  });

  it('takes a grant that stands twice for one', () => {
    for (const method of ['POST', 'PATCH', 'PUT'] as const) {
      const world = new World();
      world[method](
        'root',
        '- !group g\n- !user u\n- !grant { role: !group g, members: [ !user u, !user u ] }',
      );
      assert.equal(world.lines().filter((line) => line === 'member user:u of group:g ‹root›').length, 1);
    }
  });
});

describe('planLoad in update mode', () => {
  it('sets an owner that is left out back to the default and keeps annotations that are not named', () => {
    const world = new World();
    world.POST('root', owned);
    world.PATCH('root', '- !variable { id: v, annotations: { other: two } }');
    assert.deepEqual(world.about('variable:v'), [
      'note variable:v note=one ‹root›',
      'note variable:v other=two ‹root›',
      'resource variable:v owner user:admin ‹root›',
    ]);
  });

  it('changes the value of an annotation, with the previous row', () => {
    const world = new World();
    world.POST('root', owned);
    const { puts, subjects } = world.PATCH(
      'root',
      '- !variable { id: v, owner: !user ann, annotations: { note: two } }',
    );
    assert.deepEqual(
      puts.map(({ row, previous }) => [valueOf(row), valueOf(previous)]),
      [['two', 'one']],
    );
    assert.deepEqual(subjects.changed, [{ resource: 'acct:variable:v', annotation: 'note' }]);
  });

  it('passes a role on with its resource', () => {
    const world = new World();
    world.POST('root', '- !user ann\n- !user ben\n- !group { id: g, owner: !user ann }');
    const plan = world.PATCH('root', '- !group { id: g, owner: !user ben }');
    assert.deepEqual(
      world.lines().filter((line) => line.includes('group:g')),
      ['owner user:ben of group:g ‹root›', 'resource group:g owner user:ben ‹root›', 'role group:g ‹root›'],
    );
    assert.deepEqual(plan.subjects, {
      added: [{ role: 'acct:group:g', owner: 'acct:user:ben' }],
      changed: [{ resource: 'acct:group:g' }],
      removed: [{ role: 'acct:group:g', owner: 'acct:user:ann' }],
    });
    assert.deepEqual([plan.resourcesRemoved, plan.rolesRemoved], [[], []]);
  });

  it('keeps the age of what changes hands', () => {
    const world = new World();
    world.POST('root', owned);
    const { puts } = world.PATCH('root', '- !variable { id: v, owner: !user ben }');
    const row = puts[0]?.row;
    assert.ok(row?.table === 'resource' && row.createdAt === 1);
  });

  it('switches the admin option of a grant on and off; create mode does not', () => {
    const world = new World();
    const grant = (admin: boolean) => `
- !grant
  role: !group g
  members:
  - role: !user u
    admin: ${admin ? 'true' : 'false'}
`;
    world.POST('root', '- !group g\n- !user u\n- !grant { role: !group g, member: !user u }');
    world.POST('root', grant(true));
    assert.ok(world.lines().includes('member user:u of group:g ‹root›'));
    world.PATCH('root', grant(true));
    assert.ok(world.lines().includes('admin user:u of group:g ‹root›'));
    world.POST('root', '- !grant { role: !group g, member: !user u }');
    assert.ok(world.lines().includes('admin user:u of group:g ‹root›'));
    world.PATCH('root', '- !grant { role: !group g, member: !user u }');
    assert.ok(world.lines().includes('member user:u of group:g ‹root›'));
  });

  it('sets the owner of a wrapper that is only there to reach inside', () => {
    const world = new World();
    world.POST('root', '- !user ann\n- !policy { id: t, owner: !user ann, body: [ !variable v ] }');
    world.PATCH('root', '- !policy { id: t, body: [ !delete { record: !variable v } ] }');
    assert.deepEqual(world.about('variable:t/v'), []);
    assert.deepEqual(
      world.lines().filter((line) => line.startsWith('owner') && line.includes('policy:t')),
      ['owner user:admin of policy:t ‹root›'],
    );
  });
});

describe('planLoad in replace mode', () => {
  it('removes what the policy defined before and no longer does', () => {
    const world = new World();
    world.POST('root', '- !user ann\n- !variable a\n- !variable { id: b, annotations: { note: one } }');
    const plan = world.PUT('root', '- !user ann\n- !variable b');
    assert.deepEqual(world.lines(), [
      'owner user:admin of user:ann ‹root›',
      'resource user:ann owner user:admin ‹root›',
      'resource variable:b owner user:admin ‹root›',
      'role user:ann ‹root›',
    ]);
    assert.deepEqual(plan.resourcesRemoved.map(short), ['variable:a']);
    assert.deepEqual([plan.rolesCreated, plan.rolesRemoved], [[], []]);
    assert.deepEqual(plan.subjects.removed, [
      { resource: 'acct:variable:a' },
      { resource: 'acct:variable:b', annotation: 'note' },
    ]);
  });

  it('leaves a branch that it still names to itself, but for what its own removals take', () => {
    const world = new World();
    world.POST('root', '- !user ann\n- !policy shop');
    world.POST(
      'shop',
      '- !variable v\n- !permit { role: !user /ann, privilege: read, resource: !variable v }',
    );
    const kept = world.PUT('root', '- !policy shop');
    assert.deepEqual(kept.resourcesRemoved.map(short), ['user:ann']);
    assert.deepEqual(world.about('variable:shop/v'), ['resource variable:shop/v owner policy:shop ‹shop›']);
    const gone = world.PUT('root', '[]');
    assert.deepEqual(gone.policiesRemoved.map(short), ['policy:shop']);
    assert.deepEqual(gone.resourcesRemoved.map(short).sort(), ['policy:shop', 'variable:shop/v']);
    assert.deepEqual(world.lines(), []);
  });

  it('takes away a grant that another policy repeated', () => {
    const world = new World();
    const records = '- !user u\n- !policy { id: p, body: [ !group g ] }\n';
    world.POST('root', `${records}- !grant { role: !group p/g, member: !user u }`);
    assert.deepEqual(world.POST('p', '- !grant { role: !group g, member: !user /u }').puts, []);
    world.PUT('root', records);
    assert.deepEqual(
      world.lines().filter((line) => line.startsWith('member')),
      [],
    );
  });

  it('leaves alone what was made outside of policy', () => {
    const world = new World();
    world.POST('root', '- !group g\n- !user u');
    world.graph.put({
      table: 'membership',
      role: roleId('group:g'),
      member: roleId('user:u'),
      ownership: false,
      admin: false,
    });
    world.PUT(
      'root',
      '- !group g\n- !user u\n- !grant { role: !group g, members: [ !member { role: !user u, admin: true } ] }',
    );
    world.PATCH('root', '- !revoke { role: !group g, member: !user u }');
    world.PUT('root', '- !group g\n- !user u');
    assert.ok(world.lines().includes('member user:u of group:g'));
  });
});

describe('planLoad of records that another policy defined', () => {
  it('leaves them as they are, row by row', () => {
    const world = new World();
    world.POST(
      'root',
      '- !policy { id: shop, body: [ !variable { id: v, annotations: { note: root } }, !group g ] }',
    );
    const before = world.lines();
    world.PATCH('shop', '- !variable { id: v, annotations: { note: mine, extra: mine } }\n- !group g');
    assert.deepEqual(
      world.lines().filter((line) => !before.includes(line)),
      ['note variable:shop/v extra=mine ‹shop›'],
    );
    world.PUT('shop', '[]');
    assert.deepEqual(world.lines(), before);
  });
});

function valueOf(row: object | undefined): unknown {
  return row !== undefined && 'value' in row ? row.value : undefined;
}
