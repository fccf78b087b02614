import assert from 'node:assert/strict';
import { describeScenarios } from '../../../support/conjur-world.ts';
import { managed } from '../../../support/audit-records.ts';
import {
  allBranches,
  assertAnswer,
  assertRefused,
  branchPolicy,
  owner,
  sendV2,
  v2,
  versionMissing,
} from '../../../support/versioned-api.ts';

const admin = 'cucumber:user:admin';
const branch1 = allBranches[8];
const orphan = '- !policy not_for_branch/branch2\n';

describeScenarios("Conjur's scenarios: branches_read_list", (on) => {
  beforeEach(async () => {
    await on.world.load('- !group nothing\n');
    await on.world.load(branchPolicy);
  });

  it('lists all branches but the root for the administrator, in the order of a language', async () => {
    const records = await on.world.recordsOf(async () => {
      const answer = await sendV2(on.world.admin, 'GET', '/branches/cucumber');
      assertAnswer(answer, 200, { branches: allBranches, count: 13 });
    });
    assert.deepEqual(records, [
      managed(
        'branch',
        admin,
        ['success', 'list'],
        "successfully listed branch root with URI path: '/branches/cucumber'",
      ),
    ]);
  });

  it('lists for a user only what it may read', async () => {
    const alice = await on.world.as('alice@data-safe1');
    const branches = [allBranches[7], allBranches[8], allBranches[9]];
    assertAnswer(await sendV2(alice, 'GET', '/branches/cucumber'), 200, { branches, count: 3 });
  });

  it('lists a page, and counts all, where a semicolon separates the parameters', async () => {
    const answer = await sendV2(on.world.admin, 'GET', '/branches/cucumber?offset=2;limit=3');
    assertAnswer(answer, 200, { branches: allBranches.slice(2, 5), count: 13 });
  });

  it('refuses a limit below zero', async () => {
    const records = await on.world.recordsOf(async () => {
      const answer = await sendV2(on.world.admin, 'GET', '/branches/cucumber?offset=2;limit=-1');
      assertRefused(answer, 422, 'Limit must be greater than or equal to 0');
    });
    assert.deepEqual(records, [
      managed(
        'branch',
        admin,
        ['failure', 'list'],
        "failed to list branch root with URI path: '/branches/cucumber': Limit must be greater than or equal to 0",
      ),
    ]);
  });

  it('leaves out a branch whose parent is not there', async () => {
    await on.world.load(orphan, 'PATCH', 'data/safe1/branch1');
    const answer = await sendV2(on.world.admin, 'GET', '/branches/cucumber');
    assertAnswer(answer, 200, { branches: allBranches, count: 13 });
  });

  it('asks for the version', async () => {
    const answer = await on.world.admin.send('GET', '/branches/cucumber');
    assertRefused(answer, 400, versionMissing);
  });
});

describeScenarios("Conjur's scenarios: branches_read_one", (on) => {
  before(() => on.world.load(branchPolicy));

  it('shows the root, which the administrator owns', async () => {
    const records = await on.world.recordsOf(async () => {
      assertAnswer(await sendV2(on.world.admin, 'GET', '/branches/cucumber/root'), 200, {
        name: 'root',
        branch: '/',
        owner: owner('user', 'admin'),
        annotations: {},
      });
    });
    assert.deepEqual(records, [
      managed(
        'branch',
        admin,
        ['success', 'get'],
        "successfully retrieved branch root with URI path: '/branches/cucumber/root'",
      ),
    ]);
  });

  it('hides a branch that the user may not read', async () => {
    const alice = await on.world.as('alice@data-safe1');
    assert.equal((await sendV2(alice, 'GET', '/branches/cucumber/data/safe1/branch1')).status, 200);
    const answer = await sendV2(alice, 'GET', '/branches/cucumber/data/vault');
    assertRefused(answer, 404, "Branch 'data/vault' not found in account 'cucumber'");
  });

  it('names the parent where that is not there', async () => {
    await on.world.load(orphan, 'PATCH', 'data/safe1/branch1');
    const path = '/branches/cucumber/data/safe1/branch1/not_for_branch/branch2';
    const message = "Branch 'data/safe1/branch1/not_for_branch' not found in account 'cucumber'";
    const records = await on.world.recordsOf(async () => {
      assertRefused(await sendV2(on.world.admin, 'GET', path), 404, message);
    });
    assert.deepEqual(records, [
      managed(
        'branch',
        admin,
        ['failure', 'get'],
        `failed to retrieve branch data/safe1/branch1/not_for_branch/branch2 with URI path: '${path}': ${message}`,
      ),
    ]);
  });

  it('shows a branch to a user who may read it', async () => {
    const alice = await on.world.as('alice@data-safe1');
    assertAnswer(await sendV2(alice, 'GET', '/branches/cucumber/data/safe1/branch1'), 200, branch1);
  });

  it('asks for the version', async () => {
    const answer = await on.world.admin.send('GET', '/branches/cucumber/data/safe1/branch1');
    assertRefused(answer, 400, versionMissing);
    assert.equal(answer.headers.get('content-type'), v2);
  });
});
