/** The worked examples of the policy language, second part: what a load does to what is there. */
import assert from 'node:assert/strict';
import { describePolicies } from '../../support/policy-world.ts';

describePolicies('worked examples of adding, updating and replacing', (on) => {
  const start =
    '- !user ann\n- !user ben\n- !variable { id: v, owner: !user ann, annotations: { note: one } }';

  it('E9: adds annotations by POST, and changes neither owner nor value', async () => {
    await on.world.post(start);
    await on.world.post('- !variable { id: v, owner: !user ben, annotations: { note: two, extra: yes } }');
    assert.equal(await on.world.owner('variable:v'), 'user:ann');
    assert.deepEqual(await on.world.notes('variable:v'), { note: 'one', extra: 'true' });
  });

  it('E10: gives what PATCH names without an owner back to the default owner, and keeps its annotations', async () => {
    await on.world.post(start);
    await on.world.patch('- !variable v');
    assert.equal(await on.world.owner('variable:v'), 'user:admin');
    assert.deepEqual(await on.world.notes('variable:v'), { note: 'one' });
  });

  it('E11: removes by PUT what the text no longer names, and keeps values and keys of the rest', async () => {
    await on.world.post('- !user ann\n- !variable a\n- !variable { id: b, annotations: { note: one } }');
    await on.world.setSecret('a', 'gone');
    await on.world.setSecret('b', 'kept');
    const { created_roles: created } = await on.world.put('- !user ann\n- !variable b');
    assert.deepEqual(created, {});
    assert.equal(await on.world.exists('variable:a'), false);
    assert.deepEqual(await on.world.notes('variable:b'), {});
    assert.equal(await on.world.secret('b'), 'kept');
    await on.world.as('ann');
  });

  it('E12: keeps what loads to a child policy made while the parent names the child, and no longer', async () => {
    await on.world.post('- !user ann\n- !policy shop');
    await on.world.post(
      '- !variable v\n- !permit { role: !user /ann, privilege: read, resource: !variable v }',
      'shop',
    );
    await on.world.setSecret('shop/v', 'kept');
    await on.world.put('- !policy shop');
    assert.equal(await on.world.exists('user:ann'), false);
    assert.deepEqual(await on.world.permits('variable:shop/v'), []);
    assert.equal(await on.world.secret('shop/v'), 'kept');
    await on.world.put('[]');
    assert.equal(await on.world.exists('policy:shop'), false);
    await on.world.post('- !policy { id: shop, body: [ !variable v ] }');
    assert.equal(await on.world.secret('shop/v'), 404);
    assert.deepEqual(await on.world.versions('policy:shop'), []);
  });

  it('E13: leaves a record of another policy alone, and adds annotations of its own to it', async () => {
    await on.world.post('- !policy { id: shop, body: [ !variable { id: v, annotations: { note: root } } ] }');
    await on.world.patch('- !variable { id: v, annotations: { note: mine, extra: mine } }', 'shop');
    assert.deepEqual(await on.world.notes('variable:shop/v'), { note: 'root', extra: 'mine' });
    assert.deepEqual(await on.world.noters('variable:shop/v'), { note: 'policy:root', extra: 'policy:shop' });
    await on.world.put('[]', 'shop');
    assert.deepEqual(await on.world.notes('variable:shop/v'), { note: 'root' });
  });

  it('E14: loses the values of what the removed role owned, even if the same text names it again', async () => {
    await on.world.post('- !user ann\n- !variable { id: v, owner: !user ann }');
    await on.world.setSecret('v', 'lost');
    await on.world.put('- !variable v');
    assert.equal(await on.world.owner('variable:v'), 'user:admin');
    assert.equal(await on.world.secret('v'), 404);
  });

  it('E15: refuses a reference to what the same PUT removes, and changes nothing', async () => {
    await on.world.post('- !layer web\n- !group g');
    assert.deepEqual(
      await on.world.refused(
        'PUT',
        '- !group g\n- !permit { role: !group g, privilege: read, resource: !layer web }',
      ),
      { status: 422, code: 'policy_invalid', message: "Layer 'web' not found in account 'acct'" },
    );
    assert.ok(await on.world.exists('layer:web'));
  });

  it('E16: deletes a policy with all that it owns, and nothing that another owns', async () => {
    await on.world.post(
      '- !policy { id: shop, body: [ !user kim, !policy { id: eu, body: [ !variable v, !host h ] } ] }',
    );
    await on.world.patch('- !delete { record: !policy shop/eu }');
    for (const id of ['policy:shop/eu', 'variable:shop/eu/v', 'host:shop/eu/h']) {
      assert.equal(await on.world.exists(id), false, id);
    }
    await assert.rejects(on.world.as('host/shop/eu/h'));
    assert.ok(await on.world.exists('user:kim@shop'));
    await on.world.patch('- !delete { record: !policy shop }\n- !delete { record: !user nobody }');
    assert.equal(await on.world.exists('user:kim@shop'), false);
    assert.equal(await on.world.exists('policy:shop'), false);
  });

  it('E17: lets a branch delete itself', async () => {
    await on.world.post('- !policy { id: tmp, body: [ !variable v ] }');
    assert.equal((await on.world.patch('- !delete { record: !policy "" }', 'tmp')).version, 1);
    assert.equal(await on.world.exists('policy:tmp'), false);
    assert.equal(await on.world.exists('variable:tmp/v'), false);
  });

  it('E18: deletes what the same text defines, wherever that is written', async () => {
    await on.world.post('- !variable v');
    await on.world.patch('- !delete { record: !variable v }\n- !variable v\n- !variable w');
    assert.equal(await on.world.exists('variable:v'), false);
    assert.ok(await on.world.exists('variable:w'));
  });

  it('E19: revokes by the policy that granted only', async () => {
    await on.world.post(
      '- !user ann\n- !policy { id: shop, body: [ !group g, !grant { role: !group g, member: !user /ann } ] }',
    );
    await on.world.patch('- !revoke { role: !group g, member: !user /ann }', 'shop');
    assert.deepEqual(await on.world.members('group:shop/g'), ['user:ann']);
    await on.world.patch('- !revoke { role: !group shop/g, member: !user ann }');
    assert.deepEqual(await on.world.members('group:shop/g'), []);
  });

  it('E20: refuses deletions in POST before it looks for what they name', async () => {
    assert.deepEqual(
      await on.world.refused('POST', '- !deny { role: !user a, privilege: read, resource: !variable b }'),
      {
        status: 422,
        code: 'validation_failed',
        message: 'policy_text may not contain deletion statements',
      },
    );
  });

  it('E21: takes the same grant twice in one text, in POST too', async () => {
    const grant = '- !group g\n- !user u\n- !grant { role: !group g, members: [ !user u, !user u ] }';
    await on.world.post(grant);
    await on.world.patch(grant);
    assert.deepEqual(await on.world.members('group:g'), ['user:u']);
  });

  it('E22: sets the admin option of a grant both ways by PATCH, and not by POST', async () => {
    await on.world.post('- !group g\n- !user u\n- !grant { role: !group g, member: !user u }');
    await on.world.patch('- !grant\n  role: !group g\n  members:\n  - role: !user u\n    admin: true\n');
    assert.deepEqual(await on.world.members('group:g'), ['user:u admin']);
    await on.world.post('- !grant { role: !group g, member: !user u }');
    assert.deepEqual(await on.world.members('group:g'), ['user:u admin']);
    await on.world.patch('- !grant { role: !group g, member: !user u }');
    assert.deepEqual(await on.world.members('group:g'), ['user:u']);
  });

  it('E23: takes circles of grants and a role that owns itself, and refuses circles of owners', async () => {
    await on.world.post(
      '- !group a\n- !group b\n- !grant { role: !group a, members: [ !group a, !group b ] }\n- !grant { role: !group b, member: !group a }',
    );
    assert.deepEqual(await on.world.members('group:a'), ['group:a', 'group:b']);
    assert.deepEqual(await on.world.members('group:b'), ['group:a']);
    assert.equal(
      (
        await on.world.refused(
          'POST',
          '- !group { id: c, owner: !group d }\n- !group { id: d, owner: !group c }',
        )
      ).message,
      "Dependency cycle encountered between group 'c' and group 'd'",
    );
    await on.world.post('- !group { id: s, owner: !group s }');
  });

  it('E24: does not mind in which order a text names things', async () => {
    await on.world.post(
      '- !grant { role: !group g, member: !user u }\n- !group { id: g, owner: !group boss }\n- !group boss\n- !user u',
    );
    assert.equal(await on.world.owner('group:g'), 'group:boss');
    assert.deepEqual(await on.world.members('group:g'), ['user:u']);
  });

  it('E25: adds addresses by POST, and lifts a restriction that PATCH leaves out', async () => {
    await on.world.post('- !host { id: h, restricted_to: [ 10.0.0.0/8, 192.0.2.7 ] }');
    assert.deepEqual(await on.world.restrictedTo('host:h'), ['10.0.0.0/8', '192.0.2.7/32']);
    await on.world.post('- !host { id: h, restricted_to: 198.51.100.0/24 }');
    assert.deepEqual(await on.world.restrictedTo('host:h'), [
      '10.0.0.0/8',
      '192.0.2.7/32',
      '198.51.100.0/24',
    ]);
    await on.world.patch('- !host h');
    assert.deepEqual(await on.world.restrictedTo('host:h'), []);
    const { message } = await on.world.refused('POST', '- !host { id: h, restricted_to: 10.1.2.3/8 }');
    assert.match(message, /Did you mean '10\.0\.0\.0\/8'\?/);
  });

  it('E26: keeps public keys as values with versions, and deletes those that PUT leaves out', async () => {
    await on.world.post('- !user { id: kim, public_keys: [ ssh-rsa AAA laptop, ssh-rsa BBB desk ] }');
    assert.deepEqual(await on.world.publicKeys('kim'), ['ssh-rsa AAA laptop', 'ssh-rsa BBB desk']);
    await on.world.put('- !user { id: kim, public_keys: [ ssh-rsa CCC laptop ] }');
    assert.deepEqual(await on.world.publicKeys('kim'), ['ssh-rsa CCC laptop']);
    assert.equal(await on.world.exists('public_key:user/kim/desk'), false);
    assert.match(
      (await on.world.refused('POST', '- !user { id: kim, public_keys: [ two words ] }')).message,
      /Invalid public key format/,
    );
  });

  it('E27: lets a host factory add to layers, and refuses one without any', async () => {
    await on.world.post(
      '- !policy { id: fleet, body: [ !layer , !host-factory { layers: [ !layer "" ] } ] }',
    );
    assert.deepEqual(await on.world.layers('host_factory:fleet'), ['layer:fleet']);
    assert.deepEqual(await on.world.members('layer:fleet'), ['host_factory:fleet']);
    assert.equal(
      (await on.world.refused('POST', '- !host-factory hf2', 'fleet')).message,
      "Host factory 'fleet/hf2' does not include any layers",
    );
  });

  it('E36: takes away a grant with the policy that made it first, whoever repeated it', async () => {
    const grant = '!grant { role: !group g, member: !user /u }';
    await on.world.post(`- !user u\n- !policy { id: p, body: [ !group g, ${grant} ] }`);
    await on.world.post(`- ${grant}`, 'p');
    await on.world.put('- !user u\n- !policy { id: p, body: [ !group g ] }');
    assert.deepEqual(await on.world.members('group:p/g'), []);
  });

  it('E37: applies nothing of a text that has a fault, and uses no version number', async () => {
    await on.world.post('- !policy atomic');
    const { message } = await on.world.refused(
      'POST',
      '- !user a\n- !grant { role: !group none, member: !user a }',
      'atomic',
    );
    assert.equal(message, "Group 'atomic/none' not found in account 'acct'");
    assert.equal(await on.world.exists('user:a@atomic'), false);
    assert.equal((await on.world.post('- !user a', 'atomic')).version, 1);
  });

  it('E38: resets the owner of a policy that is repeated only to reach into it', async () => {
    await on.world.post('- !user ann\n- !policy { id: t, owner: !user ann, body: [ !variable v ] }');
    await on.world.patch('- !policy { id: t, body: [ !delete { record: !variable v } ] }');
    assert.equal(await on.world.exists('variable:t/v'), false);
    assert.equal(await on.world.owner('policy:t'), 'user:admin');
  });
});
