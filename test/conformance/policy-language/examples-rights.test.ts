/** The worked examples of the policy language, third part: who may load what. */
import assert from 'node:assert/strict';
import { describePolicies } from '../../support/policy-world.ts';

describePolicies('worked examples of delegation', (on) => {
  it('E30: asks POST for create and PATCH for update, PUT for update on all below, and hides what is invisible', async () => {
    await on.world.post(`
- !user cre
- !user upd
- !user see
- !policy { id: team, body: [ !policy db ] }
- !permit { role: !user cre, privilege: create, resource: !policy team/db }
- !permit { role: !user upd, privilege: update, resource: !policy team/db }
- !permit { role: !user see, privilege: read, resource: !policy team/db }
`);
    const [cre, upd, see] = [await on.world.as('cre'), await on.world.as('upd'), await on.world.as('see')];
    const status = async (
      session: typeof cre,
      method: 'POST' | 'PATCH' | 'PUT',
      branch: string,
    ): Promise<number> => (await on.world.try(method, '- !variable a', branch, session)).status;
    assert.equal(await status(cre, 'POST', 'team/db'), 201);
    assert.equal(await status(cre, 'PATCH', 'team/db'), 403);
    assert.equal(await status(upd, 'PATCH', 'team/db'), 201);
    assert.equal(await status(upd, 'POST', 'team/db'), 403);
    assert.equal(await status(upd, 'PUT', 'team/db'), 403);
    assert.equal(await status(see, 'POST', 'team/db'), 403);
    assert.equal(await status(see, 'POST', 'team'), 404);
  });

  it('E31: lets who may create in a branch take the role of the branch', async () => {
    await on.world.post(`
- !user cre
- !policy { id: vault, body: [ !variable v ] }
- !permit { role: !user cre, privilege: create, resource: !policy vault }
`);
    await on.world.setSecret('vault/v', 'inside');
    const cre = await on.world.as('cre');
    assert.equal(await on.world.secret('vault/v', cre), 404);
    const grant = '- !grant { role: !policy "", member: !user /cre }';
    assert.equal((await on.world.try('POST', grant, 'vault', cre)).status, 201);
    assert.equal(await on.world.secret('vault/v', cre), 'inside');
  });

  it('E32: keeps a branch from the users of another whose name joins to the same, where Conjur does not', async () => {
    await on.world.post(`
- !user eve
- !policy { id: a-b, body: [ !user boss ] }
- !policy { id: a, body: [ !policy b ] }
- !permit { role: !user eve, privileges: [ create, update ], resource: !policy a/b }
`);
    const eve = await on.world.as('eve');
    for (const [method, text] of [
      ['POST', '- !grant { role: !user boss, member: !user /eve }'],
      ['POST', '- !permit { role: !user /eve, privilege: update, resource: !user boss }'],
      ['POST', '- !user boss'],
      ['PATCH', '- !delete { record: !user boss }'],
    ] as const) {
      const answer = await on.world.try(method, text, 'a/b', eve);
      assert.equal(answer.status, 422, text);
      assert.match(answer.text, /User 'boss@a-b' belongs to policy 'a-b'/);
    }
    assert.deepEqual(await on.world.members('user:boss@a-b'), []);
  });

  it('E33: leaves the restriction of a host that another policy defined as it is, where Conjur lifts it', async () => {
    await on.world.post('- !policy { id: fleet, body: [ !host { id: h, restricted_to: 10.0.0.0/8 } ] }');
    await on.world.patch('- !host h', 'fleet');
    assert.deepEqual(await on.world.restrictedTo('host:fleet/h'), ['10.0.0.0/8']);
  });
});
