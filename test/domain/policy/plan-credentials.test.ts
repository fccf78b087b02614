import assert from 'node:assert/strict';
import { restrictionOf, short, World } from './plan-world.ts';

describe('planLoad of restricted_to', () => {
  it('adds to what is there in create mode', () => {
    const world = new World();
    world.POST('root', '- !host { id: h, restricted_to: [ 10.0.0.0/8, 192.0.2.7 ] }');
    assert.deepEqual(restrictionOf(world, 'host:h'), ['10.0.0.0/8', '192.0.2.7/32']);
    world.POST('root', '- !host { id: h, restricted_to: 198.51.100.0/24 }');
    assert.deepEqual(restrictionOf(world, 'host:h'), ['10.0.0.0/8', '192.0.2.7/32', '198.51.100.0/24']);
    assert.deepEqual(world.POST('root', '- !host h').restrictions, []);
    assert.deepEqual(world.POST('root', '- !host { id: h, restricted_to: 10.0.0.0/8 }').restrictions, []);
  });

  it('replaces it in the other modes, and lifts it when it is left out', () => {
    for (const method of ['PATCH', 'PUT'] as const) {
      const world = new World();
      world.POST('root', '- !host { id: h, restricted_to: 10.0.0.0/8 }');
      world[method]('root', '- !host { id: h, restricted_to: [ 192.0.2.0/24, 192.0.2.0/24 ] }');
      assert.deepEqual(restrictionOf(world, 'host:h'), ['192.0.2.0/24']);
      world[method]('root', '- !host h');
      assert.deepEqual(restrictionOf(world, 'host:h'), []);
    }
  });

  it('says nothing when nothing changes', () => {
    const world = new World();
    world.POST('root', '- !host { id: h, restricted_to: [ 10.0.0.0/8, 192.0.2.7 ] }');
    const plan = world.PATCH('root', '- !host { id: h, restricted_to: [ 192.0.2.7, 10.0.0.0/8 ] }');
    assert.deepEqual(plan.restrictions, []);
  });

  it('does not touch a role that another policy defined, nor the admin', () => {
    const world = new World();
    world.POST('root', '- !policy { id: fleet, body: [ !host { id: h, restricted_to: 10.0.0.0/8 } ] }');
    assert.deepEqual(world.PATCH('fleet', '- !host h').restrictions, []);
    assert.deepEqual(world.POST('fleet', '- !host { id: h, restricted_to: 192.0.2.7 }').restrictions, []);
    assert.deepEqual(restrictionOf(world, 'host:fleet/h'), ['10.0.0.0/8']);
    assert.deepEqual(world.PATCH('root', '- !user { id: admin, restricted_to: 192.0.2.7 }').restrictions, []);
  });

  it('goes with the role', () => {
    const world = new World();
    world.POST('root', '- !host { id: h, restricted_to: 10.0.0.0/8 }');
    const plan = world.PATCH(
      'root',
      '- !host { id: h, restricted_to: 192.0.2.7 }\n- !delete { record: !host h }',
    );
    assert.deepEqual(plan.restrictions, []);
    assert.deepEqual(restrictionOf(world, 'host:h'), []);
  });
});

describe('planLoad of public keys', () => {
  const laptop = 'ssh-rsa AAAA laptop';
  const desk = 'ssh-ed25519 BBBB desk of kim';

  it("keeps each as a resource of the user's owner, with the key to store", () => {
    const world = new World();
    const plan = world.POST(
      'root',
      `- !group g\n- !user { id: kim, owner: !group g, public_keys: [ "${laptop}", "${desk}" ] }`,
    );
    assert.deepEqual(
      world.lines().filter((line) => line.includes('public_key')),
      [
        'resource public_key:user/kim/desk of kim owner group:g ‹root›',
        'resource public_key:user/kim/laptop owner group:g ‹root›',
      ],
    );
    assert.deepEqual(
      plan.publicKeys.map(({ resource, value }) => [short(resource), value]),
      [
        ['public_key:user/kim/laptop', laptop],
        ['public_key:user/kim/desk of kim', desk],
      ],
    );
  });

  it('removes what a replacement leaves out, and keeps it otherwise', () => {
    const world = new World();
    world.POST('root', `- !user { id: kim, public_keys: [ "${laptop}", "${desk}" ] }`);
    const changed = `- !user { id: kim, public_keys: "ssh-rsa CCCC laptop" }`;
    assert.deepEqual(world.PATCH('root', changed).resourcesRemoved, []);
    const plan = world.PUT('root', changed);
    assert.deepEqual(plan.resourcesRemoved.map(short), ['public_key:user/kim/desk of kim']);
    assert.deepEqual(
      plan.publicKeys.map(({ value }) => value),
      ['ssh-rsa CCCC laptop'],
    );
  });

  it('stores none where another policy keeps the key', () => {
    const world = new World();
    world.POST('root', `- !policy { id: p, body: [ !user { id: kim, public_keys: "${laptop}" } ] }`);
    assert.deepEqual(
      world.POST('p', '- !user { id: kim, public_keys: "ssh-rsa CCCC laptop" }').publicKeys,
      [],
    );
  });

  it('stores none for a user that the same text deletes', () => {
    const world = new World();
    const plan = world.PATCH(
      'root',
      `- !user { id: kim, public_keys: "${laptop}" }\n- !delete { record: !resource { kind: public_key, id: user/kim/laptop } }`,
    );
    assert.deepEqual(plan.publicKeys, []);
  });
});
