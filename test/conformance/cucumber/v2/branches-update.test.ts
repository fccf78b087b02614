import assert from 'node:assert/strict';
import type { Answer } from '../../../support/client.ts';
import { describeScenarios } from '../../../support/conjur-world.ts';
import { managed } from '../../../support/audit-records.ts';
import {
  allBranches,
  assertAnswer,
  assertRefused,
  branchPolicy,
  owner,
  sendV2,
  versionMissing,
} from '../../../support/versioned-api.ts';

const admin = 'cucumber:user:admin';
const path = '/branches/cucumber/data/safe1/branch1';
const branch1 = allBranches[8];
const byAdmin = owner('user', 'admin');

describeScenarios("Conjur's scenarios: branches_update_partially", (on) => {
  beforeEach(async () => {
    await on.world.load('- !group nothing\n');
    await on.world.load(branchPolicy);
    assertAnswer(await sendV2(on.world.admin, 'GET', path), 200, branch1);
  });

  const patch = (body: unknown): Promise<Answer> => sendV2(on.world.admin, 'PATCH', path, body);
  const annotations = { 'branch1-ann-1': 'Foo bar', 'branch1-ann-2': '222', 'branch1-ann-3': '333' };
  const changed = { 'branch1-ann-2': '222', 'branch1-ann-3': '333' };

  for (const [title, id] of [
    ['gives a branch another owner', 'admin'],
    ['takes an owner with a slash at the front', '/admin'],
  ] as const) {
    it(title, async () => {
      const body = { owner: owner('user', id) };
      const records = await on.world.recordsOf(async () => {
        assertAnswer(await patch(body), 200, { ...branch1, owner: byAdmin });
      });
      assert.deepEqual(records, [
        managed(
          'branch',
          admin,
          ['success', 'update'],
          `successfully updated branch data/safe1/branch1 with URI path: '${path}' and JSON object: ${JSON.stringify(body)}`,
        ),
      ]);
      assertAnswer(await sendV2(on.world.admin, 'GET', path), 200, { ...branch1, owner: byAdmin });
    });
  }

  for (const [title, more] of [
    ['changes and adds annotations, and leaves the others', {}],
    ['changes the owner and annotations at once', { owner: byAdmin }],
  ] as const) {
    it(title, async () => {
      const expected = { ...branch1, ...more, annotations };
      assertAnswer(await patch({ ...more, annotations: changed }), 200, expected);
      assertAnswer(await sendV2(on.world.admin, 'GET', path), 200, expected);
    });
  }

  it('refuses a request without a body', async () => {
    assertRefused(await patch(''), 400, "Invalid JSON body: unexpected token at ''");
  });

  it('refuses an empty object', async () => {
    assertRefused(await patch('{ }'), 400, 'Empty request body');
  });

  it('names an unknown parameter, alone or beside known ones', async () => {
    for (const more of [
      {},
      { owner: byAdmin },
      { annotations: { mykey1: 'def' } },
      { owner: byAdmin, annotations },
    ]) {
      assertRefused(await patch({ foo: 'bar', ...more }), 422, 'Unexpected parameters: foo');
    }
  });

  it('hides a branch that the user may not change', async () => {
    const alice = await on.world.as('alice@data-safe1');
    const hidden = `${path}/alice-execute-only`;
    const message = "Branch 'data/safe1/branch1/alice-execute-only' not found in account 'cucumber'";
    const records = await on.world.recordsOf(async () => {
      assertRefused(await sendV2(alice, 'PATCH', hidden, { owner: byAdmin }), 404, message);
    });
    assert.deepEqual(records, [
      managed(
        'branch',
        'cucumber:user:alice@data-safe1',
        ['failure', 'update'],
        `failed to update branch data/safe1/branch1/alice-execute-only with URI path: '${hidden}' and JSON object: {"owner":{"kind":"user","id":"admin"}}: ${message}`,
      ),
    ]);
  });

  it('names the parent where that is not there', async () => {
    await on.world.load('- !policy not_for_branch/branch2\n', 'PATCH', 'data/safe1/branch1');
    const body = { owner: byAdmin, annotations: changed };
    const answer = await sendV2(on.world.admin, 'PATCH', `${path}/not_for_branch/branch2`, body);
    assertRefused(answer, 404, "Branch 'data/safe1/branch1/not_for_branch' not found in account 'cucumber'");
  });

  it('asks for the version', async () => {
    const answer = await on.world.admin.send('PATCH', path, JSON.stringify({ owner: byAdmin }));
    assertRefused(answer, 400, versionMissing);
  });
});
