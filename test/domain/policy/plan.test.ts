import assert from 'node:assert/strict';
import { isFailure } from '../../../src/domain/errors.ts';
import { short, World } from './plan-world.ts';

const invalid = (message: string, line: number) => (error: unknown) =>
  isFailure(error, 'POLICY_INVALID') && error.message === message && error.at?.line === line;

describe('planLoad of new records', () => {
  it('gives what stands in a policy to that policy', () => {
    const world = new World();
    const plan = world.POST(
      'root',
      `
- !policy
  id: shop
  body:
  - !policy
    id: eu/web
    body: [ !layer "", !host node1, !user kim, !variable db/pw ]
`,
    );
    assert.deepEqual(plan.rolesCreated.map(short).sort(), ['host:shop/eu/web/node1', 'user:kim@shop-eu-web']);
    assert.deepEqual(world.lines(), [
      'owner policy:shop of policy:shop/eu/web ‹root›',
      'owner policy:shop/eu/web of host:shop/eu/web/node1 ‹root›',
      'owner policy:shop/eu/web of layer:shop/eu/web ‹root›',
      'owner policy:shop/eu/web of user:kim@shop-eu-web ‹root›',
      'owner user:admin of policy:shop ‹root›',
      'resource host:shop/eu/web/node1 owner policy:shop/eu/web ‹root›',
      'resource layer:shop/eu/web owner policy:shop/eu/web ‹root›',
      'resource policy:shop owner user:admin ‹root›',
      'resource policy:shop/eu/web owner policy:shop ‹root›',
      'resource user:kim@shop-eu-web owner policy:shop/eu/web ‹root›',
      'resource variable:shop/eu/web/db/pw owner policy:shop/eu/web ‹root›',
      'role host:shop/eu/web/node1 ‹root›',
      'role layer:shop/eu/web ‹root›',
      'role policy:shop ‹root›',
      'role policy:shop/eu/web ‹root›',
      'role user:kim@shop-eu-web ‹root›',
    ]);
  });

  it('leaves the branch that is loaded to as it is', () => {
    const world = new World();
    world.POST('root', '- !policy shop');
    const before = world.about('policy:shop');
    world.POST('shop', '- !user kim\n- !group ops\n- !variable { id: tls, owner: !group ops }');
    assert.deepEqual(world.about('‹shop›'), [
      'owner policy:shop of group:shop/ops ‹shop›',
      'owner policy:shop of user:kim@shop ‹shop›',
      'resource group:shop/ops owner policy:shop ‹shop›',
      'resource user:kim@shop owner policy:shop ‹shop›',
      'resource variable:shop/tls owner group:shop/ops ‹shop›',
      'role group:shop/ops ‹shop›',
      'role user:kim@shop ‹shop›',
    ]);
    for (const line of before) assert.ok(world.lines().includes(line));
  });

  it('pairs every role with every privilege and every resource', () => {
    const world = new World();
    world.POST(
      'root',
      `
- !policy
  id: app
  body:
  - &secrets
    - !variable a
    - !variable b
  - !layer
  - !permit { role: !layer "", privileges: [ read, execute ], resources: *secrets }
`,
    );
    assert.deepEqual(
      world.lines().filter((line) => line.startsWith('permit')),
      [
        'permit layer:app execute variable:app/a ‹root›',
        'permit layer:app execute variable:app/b ‹root›',
        'permit layer:app read variable:app/a ‹root›',
        'permit layer:app read variable:app/b ‹root›',
      ],
    );
  });

  it('does not mind the order of the text', () => {
    const world = new World();
    world.POST(
      'root',
      '- !grant {role: !group g, member: !user u}\n- !group {id: g, owner: !group boss}\n- !group boss\n- !user u',
    );
    assert.deepEqual(world.about('group:g'), [
      'member user:u of group:g ‹root›',
      'owner group:boss of group:g ‹root›',
      'resource group:g owner group:boss ‹root›',
      'role group:g ‹root›',
    ]);
  });

  it('makes circles of grants and records that own themselves', () => {
    const world = new World();
    world.POST(
      'root',
      `
- !group a
- !group b
- !group { id: s, owner: !group s }
- !grant { role: !group a, members: [ !group a, !group b ] }
- !grant { role: !group b, member: !group a }
`,
    );
    const memberships = world.lines().filter((line) => line.startsWith('member'));
    assert.deepEqual(memberships, [
      'member group:a of group:a ‹root›',
      'member group:a of group:b ‹root›',
      'member group:b of group:a ‹root›',
    ]);
    assert.ok(world.lines().includes('owner group:s of group:s ‹root›'));
  });

  it('puts a host factory into its layers, which replacing replaces', () => {
    const world = new World();
    world.POST(
      'root',
      '- !policy { id: fleet, body: [ !layer "", !layer two, !host-factory { layers: [ !layer ] } ] }',
    );
    assert.ok(world.lines().includes('member host_factory:fleet of layer:fleet ‹root›'));
    const text =
      '- !policy { id: fleet, body: [ !layer "", !layer two, !host-factory { layers: [ !layer two ] } ] }';
    world.PATCH('root', text);
    assert.equal(world.lines().filter((line) => line.startsWith('member host_factory:fleet')).length, 2);
    world.PUT('root', text);
    assert.deepEqual(
      world.lines().filter((line) => line.startsWith('member')),
      ['member host_factory:fleet of layer:fleet/two ‹root›'],
    );
  });

  it('keeps attributes and annotations as annotations', () => {
    const world = new World();
    world.POST(
      'root',
      `
- !variable
  id: v
  kind: password
  mime_type: text/plain
  annotations: { conjur/kind: pin, ttl: 010, on: yes }
`,
    );
    assert.deepEqual(
      world.lines().filter((line) => line.startsWith('note')),
      [
        'note variable:v conjur/kind=pin ‹root›',
        'note variable:v conjur/mime_type=text/plain ‹root›',
        'note variable:v true=true ‹root›',
        'note variable:v ttl=8 ‹root›',
      ],
    );
  });

  it('makes bare roles and bare resources of any kind', () => {
    const world = new World();
    const plan = world.POST(
      'root',
      `
- !role { kind: robot, id: r1 }
- !role { kind: user, id: zed }
- !resource { kind: lamp, id: l1, annotations: { watt: 5 } }
- !permit { role: !role { kind: robot, id: r1 }, privilege: switch on, resource: !resource { kind: lamp, id: l1 } }
`,
    );
    assert.deepEqual(plan.rolesCreated.map(short), ['user:zed']);
    assert.deepEqual(world.lines(), [
      'note lamp:l1 watt=5 ‹root›',
      'permit robot:r1 switch on lamp:l1 ‹root›',
      'resource lamp:l1 owner user:admin ‹root›',
      'role robot:r1 ‹root›',
      'role user:zed ‹root›',
    ]);
  });

  it('makes the owner hold a role and a resource of one name that are declared apart', () => {
    const world = new World();
    world.POST('root', '- !resource { kind: user, id: a }\n- !role { kind: user, id: a }');
    assert.ok(world.lines().includes('owner user:admin of user:a ‹root›'));
  });
});

describe('planLoad of references', () => {
  it('refuses what is nowhere, with its place, and changes nothing', () => {
    const world = new World();
    world.POST('root', '- !user u\n- !variable v');
    const before = world.lines();
    const cases = [
      [
        '- !user a\n- !grant { role: !group none, member: !user a }',
        "Group 'none' not found in account 'acct'",
        2,
      ],
      [
        '- !group g\n- !grant\n  role: !group g\n  member: !user bob',
        "User 'bob' not found in account 'acct'",
        4,
      ],
      ['- !variable { id: w, owner: !user ghost }', "User 'ghost' not found in account 'acct'", 1],
      [
        '- !permit { role: !host h, privilege: read, resource: !variable v }',
        "Host 'h' not found in account 'acct'",
        1,
      ],
      [
        '- !permit { role: !user u, privilege: read, resource: !layer l }',
        "Layer 'l' not found in account 'acct'",
        1,
      ],
      [
        '- !grant { role: !host-factory f, member: !user u }',
        "Host_factory 'f' not found in account 'acct'",
        1,
      ],
      ['- !host-factory { id: f, layers: [ !layer l ] }', "Layer 'l' not found in account 'acct'", 1],
    ] as const;
    for (const [text, message, line] of cases) {
      for (const load of [() => world.POST('root', text), () => world.PATCH('root', text)]) {
        assert.throws(load, invalid(message, line));
      }
    }
    assert.deepEqual(world.lines(), before);
  });

  it('refuses what the same replacement removes', () => {
    const world = new World();
    world.POST('root', '- !layer web\n- !group g');
    const before = world.lines();
    assert.throws(
      () =>
        world.PUT('root', '- !group g\n- !permit { role: !group g, privilege: read, resource: !layer web }'),
      invalid("Layer 'web' not found in account 'acct'", 2),
    );
    assert.deepEqual(world.lines(), before);
  });

  it('refuses a replacement that takes the owner of its own policy away', () => {
    const world = new World();
    world.POST('root', '- !policy p');
    world.POST('p', '- !host h');
    world.PATCH('root', '- !policy { id: p, owner: !host p/h }');
    const before = world.lines();
    for (const text of ['[]', '- !variable v']) {
      assert.throws(() => world.PUT('p', text), invalid("Policy 'p' not found in account 'acct'", 1));
    }
    assert.deepEqual(world.lines(), before);
  });

  it('takes a resource for no role and a role for no resource', () => {
    const world = new World();
    world.POST('root', '- !variable v\n- !role { kind: robot, id: r }\n- !user u');
    assert.throws(
      () => world.POST('root', '- !variable { id: w, owner: !role { kind: variable, id: v } }'),
      invalid("Variable 'v' not found in account 'acct'", 1),
    );
    assert.throws(
      () =>
        world.POST(
          'root',
          '- !permit { role: !user u, privilege: x, resource: !resource { kind: robot, id: r } }',
        ),
      invalid("Robot 'r' not found in account 'acct'", 1),
    );
  });
});

describe('planLoad beside what a branch may grant itself', () => {
  it('lets who may create in a branch take the branch over', () => {
    const world = new World();
    world.POST(
      'root',
      `
- !user cre
- !policy { id: vault, body: [ !variable v ] }
- !permit { role: !user cre, privilege: create, resource: !policy vault }
`,
    );
    world.POST('vault', '- !grant { role: !policy "", member: !user /cre }');
    assert.ok(world.lines().includes('member user:cre of policy:vault ‹vault›'));
  });
});
