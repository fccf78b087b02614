import assert from 'node:assert/strict';
import { describeScenarios, getJson } from '../../../support/conjur-world.ts';

const users = '- !user alice\n- !user bob\n';

describeScenarios("Conjur's scenarios: members", (on) => {
  const owner = {
    admin_option: true,
    ownership: true,
    role: 'cucumber:user:alice',
    member: 'cucumber:user:admin',
    policy: 'cucumber:policy:root',
  };
  const members = async (): Promise<unknown> =>
    ((await getJson(on.world.admin, '/roles/cucumber/user/alice')) as { readonly members: unknown }).members;

  it('has the owner as the first member of a role', async () => {
    await on.world.load(users);
    assert.deepEqual(await members(), [owner]);
  });

  it('has who was granted the role as a member', async () => {
    await on.world.load(`${users}- !grant { role: !user alice, member: !user bob }`);
    assert.deepEqual(await members(), [
      owner,
      { ...owner, admin_option: false, ownership: false, member: 'cucumber:user:bob' },
    ]);
  });
});
