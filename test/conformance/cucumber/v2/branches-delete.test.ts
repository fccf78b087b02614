import assert from 'node:assert/strict';
import { secretPath, setSecret } from '../../../support/client.ts';
import { assertEmpty, describeScenarios, listIds } from '../../../support/conjur-world.ts';
import { managed } from '../../../support/audit-records.ts';
import { assertRefused, branchPolicy, sendV2, versionMissing } from '../../../support/versioned-api.ts';

const path = '/branches/cucumber/data/safe1/branch1';
const alice = 'cucumber:user:alice@data-safe1';

describeScenarios("Conjur's scenarios: branches_delete", (on) => {
  beforeEach(async () => {
    await on.world.load('- !group nothing\n');
    await on.world.load(branchPolicy);
  });

  const statusOf = async (branch: string): Promise<number> =>
    (await sendV2(on.world.admin, 'GET', branch)).status;

  it('removes a branch with all that stands in it, and leaves what stands around it', async () => {
    const variable = 'data/safe1/branch1/alice-var';
    await setSecret(on.world.admin, variable, 'v1');
    assert.equal(await statusOf(`${path}/alice-branch`), 200);
    const permit = '- !permit { role: !user safe1/alice, privileges: [update], resource: !policy safe1 }\n';
    await on.world.load(permit, 'PATCH', 'data');
    const session = await on.world.as('alice@data-safe1');
    const records = await on.world.recordsOf(async () => {
      assertEmpty(await sendV2(session, 'DELETE', path), 204);
    });
    assert.deepEqual(records, [
      managed(
        'branch',
        alice,
        ['success', 'remove'],
        `successfully removed branch data/safe1/branch1 with URI path: '${path}'`,
      ),
    ]);
    assert.equal(await statusOf(path), 404);
    const left = await listIds(on.world.admin, '/resources/cucumber');
    assert.deepEqual(
      left.filter((id) => id.includes('safe1')).sort(),
      [
        'cucumber:group:data/safe1/mygroup1',
        'cucumber:policy:data/safe1',
        'cucumber:policy:data/safe1/alice-execute-only',
        'cucumber:policy:data/safe1/alice-read-only',
        alice,
        'cucumber:variable:data/safe1/safe1-var1',
      ].sort(),
    );
    assert.equal((await on.world.admin.send('GET', secretPath(on.world.service, variable))).status, 404);
  });

  it('removes what stands in a branch also where that owns itself', async () => {
    const bob = await on.world.as('bob');
    assertEmpty(await sendV2(bob, 'DELETE', '/branches/cucumber/some_branch'), 204);
    for (const branch of ['some_branch', 'some_branch/branch_own_owner']) {
      assert.equal((await sendV2(bob, 'GET', `/branches/cucumber/${branch}`)).status, 404);
    }
    const left = await listIds(on.world.admin, '/resources/cucumber');
    assert.deepEqual(
      left.filter((id) => id.includes('some_branch')),
      [],
    );
  });

  it('removes nothing where the user may not change something inside, and names it', async () => {
    const body = { name: 'alice-hidden', branch: 'data/safe1/branch1' };
    assert.equal((await sendV2(on.world.admin, 'POST', '/branches/cucumber', body)).status, 201);
    const session = await on.world.as('alice@data-safe1');
    const message = "Policy 'data/safe1/branch1/alice-hidden' not found in account 'cucumber'";
    const records = await on.world.recordsOf(async () => {
      assertRefused(await sendV2(session, 'DELETE', path), 404, message);
    });
    assert.deepEqual(records, [
      managed(
        'branch',
        alice,
        ['failure', 'remove'],
        `failed to remove branch data/safe1/branch1 with URI path: '${path}': ${message}`,
      ),
    ]);
    assert.equal(await statusOf(`${path}/alice-branch`), 200);
  });

  it('never removes the root', async () => {
    for (const root of ['/branches/cucumber', '/branches/cucumber/', '/branches/cucumber/root']) {
      assert.equal((await sendV2(on.world.admin, 'DELETE', root)).status, 404, root);
    }
    assert.equal(await statusOf('/branches/cucumber/root'), 200);
  });

  it('removes a branch in which another stands whose parent is not there', async () => {
    await on.world.load('- !policy not_for_branch/branch2\n', 'PATCH', 'data/safe1/branch1');
    assertEmpty(await sendV2(on.world.admin, 'DELETE', path), 204);
    assert.equal(await statusOf(path), 404);
    assert.equal(await statusOf(`${path}/not_for_branch/branch2`), 404);
  });

  it('asks for the version', async () => {
    const answer = await on.world.admin.send('DELETE', '/branches/cucumber/data');
    assertRefused(answer, 400, versionMissing);
  });
});
