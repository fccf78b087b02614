import assert from 'node:assert/strict';
import { record } from '../../../support/audit-records.ts';
import { assertEmpty, describeScenarios, getJson, notFoundBody } from '../../../support/conjur-world.ts';

const policy = `
- !user alice
- !user bob
- !user charlie
- !policy
  id: dev
  body:
  - !group developers
- !grant { role: !group dev/developers, member: !user alice }
- !permit { resource: !policy root, privileges: [ create, update ], roles: !user alice }
- !permit { resource: !group dev/developers, privileges: [ read ], roles: !user alice }
- !permit { resource: !group dev/developers, privileges: [ read ], roles: !user charlie }
`;

const role = 'cucumber:group:dev/developers';
const path = '/roles/cucumber/group/dev%2Fdevelopers';
const owner = {
  admin_option: true,
  ownership: true,
  role,
  member: 'cucumber:policy:dev',
  policy: 'cucumber:policy:root',
};
const alice = { ...owner, admin_option: false, ownership: false, member: 'cucumber:user:alice' };
const bob = { admin_option: false, ownership: false, role, member: 'cucumber:user:bob' };

describeScenarios("Conjur's scenarios: membership_entitlements", (on) => {
  beforeEach(async () => {
    await on.world.load('- !user nobody');
    await on.world.load(policy);
  });

  const members = async (): Promise<unknown> =>
    ((await getJson(on.world.admin, path)) as { readonly members: unknown }).members;
  const addBob = `${path}?members&member=cucumber:user:bob`;

  it('adds a member', async () => {
    const records = await on.world.recordsOf(async () => {
      assertEmpty(await on.world.admin.send('POST', addBob), 204);
    });
    assert.deepEqual(await members(), [owner, alice, bob]);
    assert.deepEqual(records, [
      record(
        85,
        'policy',
        'cucumber:user:admin',
        `role="${role}" member="cucumber:user:bob"`,
        ['success', 'add'],
        `cucumber:user:admin added membership of cucumber:user:bob in ${role}`,
      ),
    ]);
  });

  it('takes a membership back', async () => {
    const session = await on.world.as('alice');
    const records = await on.world.recordsOf(async () => {
      assertEmpty(await session.send('DELETE', `${path}?members&member=cucumber:user:alice`), 204);
    });
    assert.deepEqual(await members(), [owner]);
    assert.deepEqual(records, [
      record(
        85,
        'policy',
        'cucumber:user:alice',
        `role="${role}" member="cucumber:user:alice"`,
        ['success', 'remove'],
        `cucumber:user:alice removed membership of cucumber:user:alice in ${role}`,
      ),
    ]);
  });

  it('does not find a group that the caller may not know of', async () => {
    const answer = await (await on.world.as('bob')).send('POST', addBob);
    assert.equal(answer.status, 404);
    assert.deepEqual(answer.json(), notFoundBody(role));
  });

  it('refuses a caller without create on the policy of the group', async () => {
    assertEmpty(await (await on.world.as('charlie')).send('POST', addBob), 403);
  });

  it('adds a member once, however often it is asked to', async () => {
    assertEmpty(await on.world.admin.send('POST', addBob), 204);
    const records = await on.world.recordsOf(async () => {
      assertEmpty(await on.world.admin.send('POST', addBob), 204);
    });
    assert.deepEqual(await members(), [owner, alice, bob]);
    assert.deepEqual(records, []);
  });
});
