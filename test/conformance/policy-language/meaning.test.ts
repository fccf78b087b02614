/** What ids, owners and the order of statements mean. */
import assert from 'node:assert/strict';
import { describePolicies } from '../../support/policy-world.ts';

describePolicies('ids in a policy', (on) => {
  it('are counted from the root with a slash, and from further up with dots, where something receives', async () => {
    await on.world.post(`
- !group ops
- !policy
  id: prod
  body:
  - !group web
  - !policy
    id: db
    body:
    - !group near
    - !variable v
    - !permit { role: !group near, privilege: a, resource: !variable v }
    - !permit { role: !group ../web, privilege: b, resource: !variable v }
    - !permit { role: !group ../../ops, privilege: c, resource: !variable v }
    - !permit { role: !group /prod/../ops, privilege: d, resource: !variable v }
    - !grant { role: !group near, members: [ !group /ops, !group ../web ] }
`);
    assert.deepEqual(await on.world.permits('variable:prod/db/v'), [
      'group:ops c',
      'group:ops d',
      'group:prod/db/near a',
      'group:prod/web b',
    ]);
    assert.deepEqual(await on.world.members('group:prod/db/near'), ['group:ops', 'group:prod/web']);
  });

  it('may not lead out of the tree', async () => {
    await on.world.post('- !policy { id: a, body: [ !policy b ] }');
    const text = '- !group { id: g, owner: !group ../../../top }';
    assert.deepEqual(await on.world.refused('POST', text, 'a/b'), {
      status: 422,
      code: 'policy_invalid',
      message: 'Invalid relative reference: a/b/../../../top',
    });
  });

  it('may be absolute nowhere else, at the root neither', async () => {
    for (const text of [
      '- !grant { role: !group /x, member: !user admin }',
      '- !revoke { role: !group /x, member: !user admin }',
      '- !permit { role: !user admin, privilege: a, resource: !group /x }',
      '- !deny { role: !user admin, privilege: a, resource: !group /x }',
      '- !delete { record: !group /x }',
      '- !group /x',
    ]) {
      assert.equal((await on.world.refused('PATCH', text)).message, 'Illegal absolute id: /x', text);
    }
  });

  it('are those of the policy where they are blank', async () => {
    await on.world.post(
      '- !policy { id: shop, body: [ !layer , !group "  ", !user , !policy { id: eu, body: [ !user ] } ] }',
    );
    for (const id of ['layer:shop', 'group:shop', 'user:shop', 'user:eu@shop']) {
      assert.ok(await on.world.exists(id), id);
    }
    assert.equal((await on.world.refused('POST', '- !layer')).message, 'layer has a blank id');
    assert.equal(
      (await on.world.refused('POST', '- !policy { id: n, body: [ !policy ] }')).message,
      "policy 'n' is declared more than once",
    );
  });

  it('of users are found from everywhere by name, by path and relatively', async () => {
    await on.world.post(
      '- !policy { id: shop, body: [ !policy { id: eu, body: [ !user bob ] } ]}\n- !variable v',
    );
    await on.world.post('- !permit { role: !user bob@shop-eu, privilege: a, resource: !variable v }');
    await on.world.post(
      '- !variable w\n- !permit { roles: [ !user /bob@shop-eu, !user /shop/eu/bob, !user ../shop/eu/bob ], privilege: a, resource: !variable w }',
      'shop',
    );
    assert.deepEqual(await on.world.permits('variable:v'), ['user:bob@shop-eu a']);
    assert.deepEqual(await on.world.permits('variable:shop/w'), ['user:bob@shop-eu a']);
  });

  it('of generic users are not made an address', async () => {
    const { created_roles: created } = await on.world.post(
      '- !policy { id: app, body: [ !role { kind: user, id: zed } ] }',
    );
    assert.deepEqual(Object.keys(created), ['acct:user:app/zed']);
  });

  it('take any character but control characters, and keep it', async () => {
    const ids = ['a:b', 'a b', "it's", 'ü/ñ', '"q"', 'x#y', 'z%20'];
    await on.world.post(ids.map((id) => `- !variable ${JSON.stringify(id)}`).join('\n'));
    for (const id of ids) assert.ok(await on.world.exists(`variable:${id}`), id);
    for (const id of ['a//b', 'a/', '"a\\nb"', '"a\\tb"']) {
      assert.equal((await on.world.refused('POST', `- !variable ${id}`)).status, 422, id);
    }
  });

  it('may name the account that they are in, and no other', async () => {
    await on.world.post(
      '- !user { id: a, account: acct }\n- !variable { id: v, owner: !user { id: a, account: acct } }',
    );
    assert.equal(await on.world.owner('variable:v'), 'user:a');
    for (const text of [
      '- !user { id: a, account: other }',
      '- !permit { role: !user { id: a, account: other }, privilege: x, resource: !variable v }',
      '- !user { id: a, account: "" }',
    ]) {
      assert.equal((await on.world.refused('POST', text)).status, 422, text);
    }
  });
});

describePolicies('owners and order in a policy', (on) => {
  it('make the enclosing policy the owner, and at the root the owner of the root', async () => {
    await on.world.post(
      '- !group g\n- !policy { id: a, body: [ !variable v, !policy { id: b, body: [ !host h ] } ] }',
    );
    assert.equal(await on.world.owner('group:g'), 'user:admin');
    assert.equal(await on.world.owner('variable:a/v'), 'policy:a');
    assert.equal(await on.world.owner('policy:a/b'), 'policy:a');
    assert.equal(await on.world.owner('host:a/b/h'), 'policy:a/b');
    assert.deepEqual(await on.world.ownersByEdge('policy:a/b'), ['policy:a']);
  });

  it('give the loader of a branch nothing of what he makes', async () => {
    await on.world.post(
      '- !user cre\n- !policy p\n- !permit { role: !user cre, privilege: create, resource: !policy p }',
    );
    const cre = await on.world.as('cre');
    await on.world.try('POST', '- !variable v', 'p', cre);
    assert.equal(await on.world.owner('variable:p/v'), 'policy:p');
    assert.equal(await on.world.secret('p/v', cre), 404);
  });

  it('must have the owner, there or in the same text', async () => {
    assert.equal(
      (await on.world.refused('POST', '- !variable { id: v, owner: !user ghost }')).message,
      "User 'ghost' not found in account 'acct'",
    );
    const chain = Array.from({ length: 12 }, (_, index) =>
      index === 11
        ? '- !group g11'
        : `- !group { id: g${String(index)}, owner: !group g${String(index + 1)} }\n- !variable v${String(index)}`,
    );
    await on.world.post(chain.join('\n'));
    assert.equal(await on.world.owner('group:g0'), 'group:g1');
  });

  it('refuse one role or resource twice, and no more than that', async () => {
    assert.equal(
      (await on.world.refused('POST', '- !user a\n- !user a')).message,
      "user 'a' is declared more than once",
    );
    await on.world.post(
      '- !variable x\n- !webservice x\n- !resource { kind: configuration, id: x }\n- !resource { kind: lamp, id: x }',
    );
    assert.ok(await on.world.exists('configuration:x'));
  });

  it('refuse circles of owners of any length', async () => {
    const { message } = await on.world.refused(
      'POST',
      '- !group { id: a, owner: !group b }\n- !group { id: b, owner: !group c }\n- !group { id: c, owner: !group a }',
    );
    assert.match(message, /^Dependency cycle encountered between group '.', group '.' and group '.'$/);
  });

  it('multiply lists out, and do nothing for empty ones', async () => {
    await on.world.post(`
- !user a
- !user b
- !group g
- !group h
- !variable v
- !grant { roles: [ !group g, !group h ], members: [ !user a, !user b ] }
- !permit { roles: [ !user a, !group g ], privileges: [ r, w ], resources: [ !variable v, !group h ] }
- !grant { role: !group g }
- !permit { role: !group g, privileges: [], resource: !variable v }
`);
    for (const group of ['group:g', 'group:h']) {
      assert.deepEqual(await on.world.members(group), ['user:a', 'user:b']);
    }
    for (const resource of ['variable:v', 'group:h']) {
      assert.deepEqual(await on.world.permits(resource), ['group:g r', 'group:g w', 'user:a r', 'user:a w']);
    }
  });

  it('take any text for a privilege, commas and blanks included', async () => {
    const { warnings } = await on.world.post(
      '- !user a\n- !variable v\n- !permit { role: !user a, privileges: [ read execute, "r, w" ], resource: !variable v }',
    );
    assert.deepEqual(await on.world.permits('variable:v'), ['user:a r, w', 'user:a read execute']);
    assert.match(warnings?.[0] ?? '', /one privilege with a comma/);
  });

  it('make a reference of a full record, and nothing else of it', async () => {
    await on.world.post('- !user a\n- !group g');
    await on.world.post('- !grant { role: !group g, member: !user { id: a, annotations: { x: y } } }');
    assert.deepEqual(await on.world.notes('user:a'), {});
    assert.deepEqual(await on.world.members('group:g'), ['user:a']);
  });

  it('keep numbers of users and groups as annotations', async () => {
    await on.world.post('- !user { id: u, uidnumber: 1001 }\n- !group { id: g, gidnumber: 2002 }');
    assert.deepEqual(await on.world.notes('user:u'), { 'conjur/uidnumber': '1001' });
    assert.deepEqual(await on.world.notes('group:g'), { 'conjur/gidnumber': '2002' });
  });
});
