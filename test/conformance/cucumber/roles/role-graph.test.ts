import assert from 'node:assert/strict';
import { describeScenarios, getJson } from '../../../support/conjur-world.ts';

function edges(...pairs: readonly (readonly [parent: string, child: string])[]): unknown {
  return pairs.map(([parent, child]) => ({ parent: `cucumber:${parent}`, child: `cucumber:${child}` }));
}

describeScenarios("Conjur's scenarios: role_graph", (on) => {
  it('shows who holds a role through whom', async () => {
    await on.world.load(`
- !group internal
- !layer applications
- !group shipping
- !user alice
- !grant { role: !group internal, member: !layer applications }
- !grant { role: !layer applications, member: !group shipping }
- !grant { role: !group shipping, member: !user alice }
`);
    assert.deepEqual(
      await getJson(on.world.admin, '/roles/cucumber/group/internal?graph'),
      edges(
        ['group:internal', 'layer:applications'],
        ['group:internal', 'user:admin'],
        ['group:shipping', 'user:admin'],
        ['group:shipping', 'user:alice'],
        ['layer:applications', 'group:shipping'],
        ['layer:applications', 'user:admin'],
        ['user:alice', 'user:admin'],
      ),
    );
  });
});

describeScenarios("Conjur's scenarios: role_graph_visibility_check", (on) => {
  const path = '/roles/cucumber/policy/test-policy?graph';

  before(() =>
    on.world.load(`
- !user testuser
- !user testuser2
- !user testuser3
- !group test-admins
- !policy { id: test-policy, owner: !group test-admins }
- !grant { role: !group test-admins, members: [ !user testuser ] }
- !permit { role: !user testuser3, privilege: read, resources: !group test-admins }
`),
  );

  it('shows the whole graph to admin', async () => {
    assert.deepEqual(
      await getJson(on.world.admin, path),
      edges(
        ['group:test-admins', 'user:admin'],
        ['group:test-admins', 'user:testuser'],
        ['policy:test-policy', 'group:test-admins'],
        ['user:testuser', 'user:admin'],
      ),
    );
  });

  it('shows to the owner of a policy only the edges whose parent it may know of', async () => {
    assert.deepEqual(
      await getJson(await on.world.as('testuser'), path),
      edges(['policy:test-policy', 'group:test-admins']),
    );
  });

  it('does not find the graph of a role that the caller may not know of', async () => {
    assert.equal((await (await on.world.as('testuser2')).send('GET', path)).status, 404);
  });

  it('shows the members of what the caller has a permission on, and no more', async () => {
    const session = await on.world.as('testuser3');
    assert.equal((await session.send('GET', path)).status, 404);
    assert.deepEqual(
      await getJson(session, '/roles/cucumber/group/test-admins?graph'),
      edges(['group:test-admins', 'user:admin'], ['group:test-admins', 'user:testuser']),
    );
  });
});
