import assert from 'node:assert/strict';
import type { Answer } from '../../../support/client.ts';
import { assertEmpty, describeScenarios } from '../../../support/conjur-world.ts';
import { managed } from '../../../support/audit-records.ts';
import { assertAnswer, assertRefused, branchPolicy, owner, sendV2 } from '../../../support/versioned-api.ts';

const admin = 'cucumber:user:admin';
const members = '/groups/cucumber/data/data-group/members';
const myhost = owner('host', 'data/myhost');

describeScenarios("Conjur's scenarios: group_memberships_create and _delete", (on) => {
  beforeEach(async () => {
    await on.world.load('- !group nothing\n');
    await on.world.load(branchPolicy);
  });

  const add = (path: string, body: unknown): Promise<Answer> => sendV2(on.world.admin, 'POST', path, body);
  const isMember = async (): Promise<boolean> => {
    const answer = await on.world.admin.send('GET', '/roles/cucumber/group/data%2Fdata-group?members');
    return (answer.json() as readonly { readonly member: string }[]).some(
      ({ member }) => member === 'cucumber:host:data/myhost',
    );
  };
  const recorded = (
    user: string,
    outcome: readonly ['success' | 'failure', string],
    message: string,
  ): string => managed('membership', user, outcome, message);

  it('adds a member to a group', async () => {
    const records = await on.world.recordsOf(async () => {
      assertAnswer(await add(members, myhost), 201, myhost);
    });
    assert.deepEqual(records, [
      recorded(
        admin,
        ['success', 'create'],
        `successfully created membership data/data-group with URI path: '${members}' and JSON object: {"kind":"host","id":"data/myhost"}`,
      ),
    ]);
    assert.equal(await isMember(), true);
  });

  it('does not find a group that is not there', async () => {
    const path = '/groups/cucumber/data/data-group-non/members';
    const message = "Group 'data/data-group-non' not found in account 'cucumber'";
    const records = await on.world.recordsOf(async () => {
      assertRefused(await add(path, myhost), 404, message);
    });
    assert.deepEqual(records, [
      recorded(
        admin,
        ['failure', 'create'],
        `failed to create membership data/data-group-non with URI path: '${path}' and JSON object: {"kind":"host","id":"data/myhost"}: ${message}`,
      ),
    ]);
  });

  it('says where a body stops being JSON', async () => {
    const path = '/groups/cucumber/data/data-group-non/members';
    const text = '"kind": "host",\n"id": "data/myhost"';
    const records = await on.world.recordsOf(async () => {
      const message = 'Invalid JSON body: unexpected token at \': "host",\n"id": "data/myhost"\'';
      assertRefused(await add(path, text), 400, message);
    });
    assert.deepEqual(records, [
      recorded(
        admin,
        ['failure', 'create'],
        `failed to create membership data/data-group-non with URI path: '${path}' and JSON object: "kind": "host", "id": "data/myhost": Invalid JSON body: unexpected token at ': "host", "id": "data/myhost"'`,
      ),
    ]);
  });

  describe('with a member', () => {
    beforeEach(async () => {
      assert.equal((await add(members, myhost)).status, 201);
    });

    it('removes a member from a group', async () => {
      const path = `${members}/host/data/myhost`;
      const records = await on.world.recordsOf(async () => {
        assertEmpty(await sendV2(on.world.admin, 'DELETE', path), 204);
      });
      assert.deepEqual(records, [
        recorded(
          admin,
          ['success', 'remove'],
          `successfully removed membership data/data-group with URI path: '${path}'`,
        ),
      ]);
      assert.equal(await isMember(), false);
    });

    it('refuses a member that is no role', async () => {
      const path = `${members}/host/data/myhost-nope`;
      const message = "Host 'data/myhost-nope' not found in account 'cucumber'";
      const records = await on.world.recordsOf(async () => {
        assertRefused(await sendV2(on.world.admin, 'DELETE', path), 422, message);
      });
      assert.deepEqual(records, [
        recorded(
          admin,
          ['failure', 'remove'],
          `failed to remove membership data/data-group with URI path: '${path}': ${message}`,
        ),
      ]);
    });

    // Two scenarios of one content.
    for (const title of ['does not find the group of a member to remove', 'records that it did not']) {
      it(title, async () => {
        const path = '/groups/cucumber/data/data-group-nope/members/host/data/myhost';
        const message = "Group 'data/data-group-nope' not found in account 'cucumber'";
        const records = await on.world.recordsOf(async () => {
          assertRefused(await sendV2(on.world.admin, 'DELETE', path), 404, message);
        });
        assert.deepEqual(records, [
          recorded(
            admin,
            ['failure', 'remove'],
            `failed to remove membership data/data-group-nope with URI path: '${path}': ${message}`,
          ),
        ]);
      });
    }

    it('hides the branch of a group from whoever may not change it', async () => {
      const alice = await on.world.as('alice@data-safe1');
      const path = `${members}/host/data/myhost`;
      const message = "Branch 'data' not found in account 'cucumber'";
      const records = await on.world.recordsOf(async () => {
        assertRefused(await sendV2(alice, 'DELETE', path), 404, message);
      });
      assert.deepEqual(records, [
        recorded(
          'cucumber:user:alice@data-safe1',
          ['failure', 'remove'],
          `failed to remove membership data/data-group with URI path: '${path}': ${message}`,
        ),
      ]);
    });

    it('removes a member from a group at the top', async () => {
      const path = '/groups/cucumber/Conjur_Issuers_Admins/members/group/Conjur_Admins';
      const records = await on.world.recordsOf(async () => {
        assertEmpty(await sendV2(on.world.admin, 'DELETE', path), 204);
      });
      assert.deepEqual(records, [
        recorded(
          admin,
          ['success', 'remove'],
          `successfully removed membership Conjur_Issuers_Admins with URI path: '${path}'`,
        ),
      ]);
    });
  });
});
