import assert from 'node:assert/strict';
import type { Session } from '../../../support/client.ts';
import { record } from '../../../support/audit-records.ts';
import { assertEmpty, describeScenarios } from '../../../support/conjur-world.ts';

const policy = `
- !user charlie
- !user { id: bob, owner: !user charlie }
- !policy { id: bacon, owner: !user charlie }
- !policy { id: bacon-no-permissions, owner: !user charlie }
- !permit { role: !user bob, privilege: fry, resource: !policy bacon }
`;

describeScenarios("Conjur's scenarios: check_permission", (on) => {
  let charlie: Session;
  before(async () => {
    await on.world.load(policy);
    charlie = await on.world.as('charlie');
  });

  const path = (query: string, policyId = 'bacon'): string =>
    `/resources/cucumber/policy/${policyId}?check=true&${query}`;

  /** Conjur's record of charlie's question; a blank ends it where there is no reason. */
  function checked(role: string, privilege: string, allowed: boolean): string {
    const whom = role === 'cucumber:user:charlie' ? 'they' : role;
    return record(
      allowed ? 86 : 84,
      'check',
      'cucumber:user:charlie',
      `resource="cucumber:policy:bacon" role="${role}" privilege="${privilege}"`,
      [allowed ? 'success' : 'failure', 'check'],
      `cucumber:user:charlie ${allowed ? 'successfully checked' : 'failed to check'} if ${whom} can ${privilege} cucumber:policy:bacon `,
    );
  }

  it('confirms what the caller may do', async () => {
    const records = await on.world.recordsOf(async () => {
      assertEmpty(await charlie.send('GET', path('privilege=fry')), 204);
    });
    assert.deepEqual(records, [checked('cucumber:user:charlie', 'fry', true)]);
  });

  it('confirms what a role that the caller holds may do', async () => {
    const records = await on.world.recordsOf(async () => {
      assertEmpty(await charlie.send('GET', path('role=cucumber:user:bob&privilege=fry')), 204);
    });
    assert.deepEqual(records, [checked('cucumber:user:bob', 'fry', true)]);
  });

  it('denies what that role may not do', async () => {
    const records = await on.world.recordsOf(async () => {
      assertEmpty(await charlie.send('GET', path('role=cucumber:user:bob&privilege=freeze')), 404);
    });
    assert.deepEqual(records, [checked('cucumber:user:bob', 'freeze', false)]);
  });

  it('confirms to the role itself', async () => {
    assertEmpty(await (await on.world.as('bob')).send('GET', path('privilege=fry')), 204);
  });

  it('refuses to check for a role that is not there', async () => {
    assertEmpty(await charlie.send('GET', path('role=cucumber:user:bob-not-exists&privilege=fry')), 403);
  });

  it('does not find a resource that is not there', async () => {
    const query = 'role=cucumber:user:bob&privilege=fry';
    assert.equal((await charlie.send('GET', path(query, 'bacon-not-exists'))).status, 404);
  });

  it('denies on a resource that nothing was permitted on', async () => {
    const query = 'role=cucumber:user:bob&privilege=fry';
    assertEmpty(await charlie.send('GET', path(query, 'bacon-no-permissions')), 404);
  });
});
