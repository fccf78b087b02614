/**
 * Eight of the nine scenarios. The ninth has a permission on a resource of another account, which no policy can give.
 */
import assert from 'node:assert/strict';
import { describeScenarios, listIds, notFoundBody } from '../../../support/conjur-world.ts';

const probe = 'cucumber:variable:probe';
const users = '- !user alice\n- !user bob\n';

describeScenarios("Conjur's scenarios: resource_visibility", (on) => {
  /** What a user sees in the account. */
  const seenBy = async (login: string, path = '/resources/cucumber'): Promise<readonly string[]> =>
    listIds(await on.world.as(login), path);

  it('does not show what another account has', async () => {
    await on.world.load(users);
    assert.deepEqual(await seenBy('alice', '/resources/elsewhere'), []);
    for (const id of await seenBy('admin', '/resources')) assert.ok(id.startsWith('cucumber:'), id);
  });

  it('does not show what a role neither owns nor has a permission on', async () => {
    await on.world.load(`${users}- !variable probe`);
    assert.ok(!(await seenBy('alice')).includes(probe));
  });

  it('shows what a role has a permission on', async () => {
    await on.world.load(
      `${users}- !variable probe\n- !permit { role: !user alice, privilege: try, resource: !variable probe }`,
    );
    assert.ok((await seenBy('alice')).includes(probe));
  });

  it('shows what a held role has a permission on, as JSON', async () => {
    await on.world.load(
      `${users}- !variable probe
- !permit { role: !user alice, privilege: try, resource: !variable probe }
- !grant { role: !user alice, member: !user bob }`,
    );
    const answer = await (await on.world.as('bob')).send('GET', '/resources/cucumber');
    assert.match(answer.headers.get('content-type') ?? '', /^application\/json/);
    assert.ok((await seenBy('bob')).includes(probe));
  });

  it('shows what a role owns', async () => {
    await on.world.load(`${users}- !variable { id: probe, owner: !user alice }`);
    assert.ok((await seenBy('alice')).includes(probe));
  });

  it('shows what a held role owns', async () => {
    await on.world.load(
      `${users}- !variable { id: probe, owner: !user alice }\n- !grant { role: !user alice, member: !user bob }`,
    );
    const bob = await on.world.as('bob');
    assert.equal((await bob.send('GET', '/resources/cucumber/variable/probe')).status, 200);
    assert.ok((await seenBy('bob')).includes(probe));
  });

  it('does not find what is invisible', async () => {
    await on.world.load(`${users}- !variable probe`);
    const answer = await (await on.world.as('alice')).send('GET', '/resources/cucumber/variable/probe');
    assert.equal(answer.status, 404);
    assert.deepEqual(answer.json(), notFoundBody(probe));
  });

  it('does not find the secret of what is invisible', async () => {
    await on.world.load(`${users}- !variable probe`);
    const path = '/secrets/cucumber/variable/probe';
    assert.equal((await on.world.admin.send('POST', path, 'v-1')).status, 201);
    assert.equal((await (await on.world.as('alice')).send('GET', path)).status, 404);
  });
});
