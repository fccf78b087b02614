import assert from 'node:assert/strict';
import { record } from '../../../support/audit-records.ts';
import { assertEmpty, describeScenarios, listIds } from '../../../support/conjur-world.ts';

const policy = `
- !user alice
- !user bob
- !policy
  id: dev
  owner: !user alice
  body:
  - !variable dev-var
- !policy
  id: prod
  owner: !user bob
  body:
  - !variable prod-var
`;

describeScenarios("Conjur's scenarios: resource_list_by_role", (on) => {
  before(() => on.world.load(policy));

  it('lists for another role with the parameter role', async () => {
    const records = await on.world.recordsOf(async () => {
      const ids = await listIds(on.world.admin, '/resources?role=cucumber:user:alice');
      assert.ok(ids.includes('cucumber:variable:dev/dev-var'));
      assert.ok(!ids.includes('cucumber:variable:prod/prod-var'));
    });
    assert.deepEqual(records, [
      record(
        86,
        'list',
        'cucumber:user:admin',
        'limit="1000" role="cucumber:user:alice"',
        ['success', 'list'],
        'cucumber:user:admin successfully listed resources with parameters: {:limit=>"1000", :role=>"cucumber:user:alice"}',
      ),
    ]);
  });

  it('lists for another role with the parameter acting_as', async () => {
    const ids = await listIds(on.world.admin, '/resources?acting_as=cucumber:user:alice');
    assert.ok(ids.includes('cucumber:variable:dev/dev-var'));
    assert.ok(!ids.includes('cucumber:variable:prod/prod-var'));
  });

  it('refuses a role without its account', async () => {
    const records = await on.world.recordsOf(async () => {
      assertEmpty(await on.world.admin.send('GET', '/resources?acting_as=user:alice'), 403);
    });
    assert.deepEqual(records, [
      record(
        84,
        'list',
        'cucumber:user:admin',
        'limit="1000" acting_as="user:alice"',
        ['failure', 'list'],
        'cucumber:user:admin failed to list resources with parameters: {:limit=>"1000", :acting_as=>"user:alice"}: The authenticated user lacks the necessary privilege',
      ),
    ]);
  });
});
