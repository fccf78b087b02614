import assert from 'node:assert/strict';
import type { Session } from '../../../support/client.ts';
import { record } from '../../../support/audit-records.ts';
import { describeScenarios, getJson, notFoundBody } from '../../../support/conjur-world.ts';

const policy = `
- !user alice
- !user bob
- !variable
  id: team/app-01.mycorp.com
  owner: !user alice
  annotations:
    description: Front end server
- !permit { role: !user bob, privilege: execute, resource: !variable team/app-01.mycorp.com }
`;

describeScenarios("Conjur's scenarios: resource_show", (on) => {
  let alice: Session;
  before(async () => {
    await on.world.load(policy);
    alice = await on.world.as('alice');
  });

  it('shows privileges, annotations and versions of secrets', async () => {
    const id = 'team/app-01.mycorp.com';
    assert.equal((await alice.send('POST', `/secrets/cucumber/variable/${id}`, 'the-value')).status, 201);
    const records = await on.world.recordsOf(async () => {
      const { created_at: createdAt, ...shown } = (await getJson(
        alice,
        `/resources/cucumber/variable/${id}`,
      )) as { readonly created_at: string };
      assert.match(createdAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00$/);
      assert.deepEqual(shown, {
        id: `cucumber:variable:${id}`,
        owner: 'cucumber:user:alice',
        policy: 'cucumber:policy:root',
        permissions: [{ privilege: 'execute', role: 'cucumber:user:bob', policy: 'cucumber:policy:root' }],
        annotations: [{ name: 'description', value: 'Front end server', policy: 'cucumber:policy:root' }],
        secrets: [{ version: 1, expires_at: null }],
      });
    });
    assert.deepEqual(records, [
      record(
        86,
        'resource',
        'cucumber:user:alice',
        `resource="cucumber:variable:${id}"`,
        ['success', 'get'],
        'cucumber:user:alice successfully fetched resource details.',
      ),
    ]);
  });

  it('does not find a resource that is not there', async () => {
    const records = await on.world.recordsOf(async () => {
      const answer = await alice.send('GET', '/resources/cucumber/variable/claus');
      assert.equal(answer.status, 404);
      assert.deepEqual(answer.json(), notFoundBody('cucumber:variable:claus'));
    });
    assert.deepEqual(records, [
      record(
        84,
        'resource',
        'cucumber:user:alice',
        'resource="cucumber:variable:claus"',
        ['failure', 'get'],
        "cucumber:user:alice failed to fetch resource details: Variable 'claus' not found in account 'cucumber'",
      ),
    ]);
  });
});
