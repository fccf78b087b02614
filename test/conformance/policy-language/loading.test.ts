/** What each way of loading does to what is there, and what it takes. */
import assert from 'node:assert/strict';
import { describePolicies } from '../../support/policy-world.ts';

describePolicies('loading', (on) => {
  it('adds grants, permissions and layers in every mode, and removes its own by PUT', async () => {
    const base = '- !user u\n- !group g\n- !layer l\n- !layer m\n- !variable v\n';
    await on.world.post(
      `${base}- !grant { role: !group g, member: !user u }\n- !permit { role: !group g, privilege: read, resource: !variable v }\n- !host-factory { id: f, layers: [ !layer l ] }`,
    );
    await on.world.patch('- !host-factory { id: f, layers: [ !layer m ] }');
    assert.deepEqual(await on.world.layers('host_factory:f'), ['layer:l', 'layer:m']);
    await on.world.put(`${base}- !host-factory { id: f, layers: [ !layer m ] }`);
    assert.deepEqual(await on.world.members('group:g'), []);
    assert.deepEqual(await on.world.permits('variable:v'), []);
    assert.deepEqual(await on.world.layers('host_factory:f'), ['layer:m']);
  });

  it('sets the annotations that PATCH names, and removes by PUT those that are not named', async () => {
    await on.world.post('- !variable { id: v, annotations: { a: 1, b: 1 } }');
    await on.world.patch('- !variable { id: v, annotations: { b: 2, c: 2 } }');
    assert.deepEqual(await on.world.notes('variable:v'), { a: '1', b: '2', c: '2' });
    await on.world.put('- !variable { id: v, annotations: { b: 3 } }');
    assert.deepEqual(await on.world.notes('variable:v'), { b: '3' });
  });

  it('does the same again without a change but for the version', async () => {
    const text =
      '- !user u\n- !group { id: g, annotations: { a: b } }\n- !grant { role: !group g, member: !user u }';
    await on.world.post(text);
    for (const method of ['POST', 'PATCH', 'PUT'] as const) {
      assert.deepEqual((await on.world.load(method, text, 'root')).created_roles, {});
      const dry = (await on.world.dryRun(method, text)).json() as Readonly<Record<string, unknown>>;
      const nothing = { items: [] };
      assert.deepEqual(dry, {
        status: 'Valid YAML',
        created: nothing,
        updated: { before: nothing, after: nothing },
        deleted: nothing,
      });
    }
  });

  it('leaves a membership that was made through the API to the API', async () => {
    await on.world.post('- !user u\n- !group g');
    const path = '/roles/acct/group/g?members&member=acct:user:u';
    assert.equal((await on.world.session.send('POST', path)).status, 204);
    await on.world.patch('- !grant { role: !group g, member: !user u }');
    await on.world.patch('- !revoke { role: !group g, member: !user u }');
    await on.world.put('- !user u\n- !group g');
    assert.deepEqual(await on.world.members('group:g'), ['user:u']);
  });

  it('takes away by !revoke what was granted and never who owns', async () => {
    await on.world.post('- !user u\n- !group { id: g, owner: !user u }');
    await on.world.patch('- !revoke { role: !group g, member: !user u }');
    assert.deepEqual(await on.world.ownersByEdge('group:g'), ['user:u']);
    await on.world.patch('- !group { id: g, owner: !user u }\n- !grant { role: !group g, member: !user u }');
    await on.world.patch('- !revoke { role: !group g, member: !user u }');
    assert.deepEqual(await on.world.ownersByEdge('group:g'), ['user:u']);
    assert.deepEqual(await on.world.members('group:g'), []);
  });

  it('deletes what another policy defined, as far as it can be named from the branch', async () => {
    await on.world.post('- !policy { id: p, body: [ !variable v ] }\n- !variable w');
    await on.world.patch('- !delete { record: !variable v }', 'p');
    assert.equal(await on.world.exists('variable:p/v'), false);
    await on.world.patch('- !delete { record: !variable w }', 'p');
    assert.ok(await on.world.exists('variable:w'));
  });

  it('does not hang on deleting a role that owns itself', async () => {
    await on.world.post('- !group { id: s, owner: !group s }\n- !group { id: t, owner: !group s }');
    await on.world.patch('- !delete { record: !group s }');
    assert.equal((await on.world.post('- !group s\n- !group t')).warnings, undefined);
    assert.equal(await on.world.owner('group:t'), 'user:admin');
  });

  it('removes all versions of a value with its variable, and starts anew', async () => {
    await on.world.post('- !variable v');
    await on.world.setSecret('v', 'one');
    await on.world.setSecret('v', 'two');
    await on.world.patch('- !delete { record: !variable v }');
    await on.world.post('- !variable v');
    for (const version of ['', '?version=1', '?version=2']) {
      const answer = await on.world.session.send('GET', `/secrets/acct/variable/v${version}`);
      assert.equal(answer.status, 404, version);
    }
    await on.world.setSecret('v', 'three');
    const answer = await on.world.session.send('GET', '/secrets/acct/variable/v?version=1');
    assert.equal(answer.text, 'three');
  });

  it('gives a user who was removed and made again a new key', async () => {
    await on.world.post('- !user u');
    const old = on.world.keyOf('user:u');
    await on.world.put('[]');
    await on.world.post('- !user u');
    assert.notEqual(on.world.keyOf('user:u'), old);
    await on.world.as('u');
  });

  it('leaves the policy that a text is loaded to as its parent defined it', async () => {
    await on.world.post('- !user ann\n- !policy { id: p, owner: !user ann, annotations: { a: b } }');
    await on.world.put('- !variable v', 'p');
    assert.equal(await on.world.owner('policy:p'), 'user:ann');
    assert.deepEqual(await on.world.notes('policy:p'), { a: 'b' });
  });

  it('uses a version for an empty text, and none for one that fails', async () => {
    await on.world.post('- !policy counted');
    assert.equal((await on.world.post('# nothing', 'counted')).version, 1);
    await on.world.refused('POST', '- !nonsense', 'counted');
    assert.equal((await on.world.put('[]', 'counted')).version, 2);
  });

  it('keeps the versions that a user loaded when the user goes', async () => {
    await on.world.post('- !user u\n- !policy { id: kept2, owner: !user u }');
    await on.world.try('POST', '- !variable v', 'kept2', await on.world.as('u'));
    await on.world.patch('- !policy kept2');
    await on.world.patch('- !delete { record: !user u }');
    assert.deepEqual(await on.world.versions('policy:kept2'), [1]);
    assert.equal((await on.world.post('[]', 'kept2')).version, 2);
  });
});

describePolicies('what a load takes and what a permission gives', (on) => {
  it('is decided before the text is read', async () => {
    await on.world.post(
      '- !user see\n- !policy p\n- !permit { role: !user see, privilege: read, resource: !policy p }',
    );
    const see = await on.world.as('see');
    assert.equal((await on.world.try('POST', '', 'p', see)).status, 403);
    assert.equal((await on.world.try('POST', '- !nonsense', 'p', see)).status, 403);
  });

  it('holds for whoever holds the role: of a group, of a host, of a policy', async () => {
    await on.world.post(`
- !user u
- !host h
- !group g
- !policy { id: p, body: [ !variable v ] }
- !variable a
- !variable b
- !permit { role: !group g, privilege: execute, resource: !variable a }
- !permit { role: !host h, privilege: execute, resource: !variable b }
- !grant { roles: [ !group g, !host h, !policy p ], member: !user u }
`);
    const u = await on.world.as('u');
    for (const variable of ['a', 'b', 'p/v']) {
      await on.world.setSecret(variable, `value of ${variable}`);
      assert.equal(await on.world.secret(variable, u), `value of ${variable}`);
    }
    const h = await on.world.as('host/h');
    assert.equal(await on.world.secret('a', h), 404, 'holding goes one way');
  });

  it('gives owners every privilege, also on what those own whom they own', async () => {
    await on.world.post(
      '- !user u\n- !policy { id: p, owner: !user u, body: [ !policy { id: q, body: [ !variable v ] } ] }',
    );
    await on.world.setSecret('p/q/v', 'deep');
    assert.equal(await on.world.secret('p/q/v', await on.world.as('u')), 'deep');
    assert.ok((await on.world.permittedRoles('made up', 'variable:p/q/v')).includes('user:u'));
  });

  it('gives nothing by a permission on a policy to what is in it', async () => {
    await on.world.post(
      '- !user u\n- !policy { id: p, body: [ !variable v ] }\n- !permit { role: !user u, privileges: [ read, execute ], resource: !policy p }',
    );
    await on.world.setSecret('p/v', 'inside');
    assert.equal(await on.world.secret('p/v', await on.world.as('u')), 404);
  });

  it('shows by any privilege that something is there, and refuses what it does not allow', async () => {
    await on.world.post(
      '- !user u\n- !variable v\n- !permit { role: !user u, privilege: admire, resource: !variable v }',
    );
    await on.world.setSecret('v', 'hidden');
    assert.equal(await on.world.secret('v', await on.world.as('u')), 403);
  });

  it('makes no difference by the admin option', async () => {
    await on.world.post(
      '- !user u\n- !group g\n- !grant\n  role: !group g\n  member: { role: !user u, admin: true }\n',
    );
    const u = await on.world.as('u');
    const answer = await u.send('POST', '/roles/acct/group/g?members&member=acct:user:admin');
    assert.notEqual(answer.status, 204);
  });

  it('lets a branch name others as receivers and owners, and neither grant nor permit what is theirs', async () => {
    await on.world.post('- !group out\n- !user u\n- !policy { id: p, owner: !user u }');
    const u = await on.world.as('u');
    const status = async (text: string): Promise<number> => (await on.world.try('POST', text, 'p', u)).status;
    assert.equal(await status('- !variable { id: v, owner: !group /out }'), 201);
    assert.equal(await status('- !group g\n- !grant { role: !group g, member: !group /out }'), 201);
    assert.equal(await status('- !grant { role: !group /out, member: !user /u }'), 422);
    assert.equal(await status('- !permit { role: !user /u, privilege: read, resource: !group /out }'), 422);
  });
});
