import assert from 'node:assert/strict';
import { load, setSecret, type Session } from '../../../support/client.ts';
import { record } from '../../../support/audit-records.ts';
import { assertEmpty, assertError, describeScenarios } from '../../../support/conjur-world.ts';

const id = 'cucumber:variable:probe';
const path = '/secrets/cucumber/variable/probe';
const subject = `resource="${id}"`;

const policyFor = (privileges: string): string => `
- !user bob
- !user alice
- !variable probe
- !permit { role: !user bob, privileges: [ ${privileges} ], resource: !variable probe }
`;

/** secrets_authorization: 5 scenarios of 5. */
describeScenarios('privileges on a secret', (on) => {
  let bob: Session;

  async function permit(privileges: string): Promise<void> {
    await load(on.world.admin, '[]', 'root', 'PUT');
    await on.world.load(policyFor(privileges));
    await setSecret(on.world.admin, 'probe', 'v-0');
    bob = await on.world.as('bob');
  }

  it('forbid fetching without execute', async () => {
    await permit('read');
    const records = await on.world.recordsOf(async () => {
      assertEmpty(await bob.send('GET', path), 403);
    });
    const message = `cucumber:user:bob tried to fetch ${id}: Forbidden`;
    assert.deepEqual(records, [
      record(84, 'fetch', 'cucumber:user:bob', subject, ['failure', 'fetch'], message),
    ]);
  });

  it('forbid updating without update', async () => {
    await permit('read');
    const records = await on.world.recordsOf(async () => {
      assertEmpty(await bob.send('POST', path, 'v-1'), 403);
    });
    const message = `cucumber:user:bob tried to update ${id}: Forbidden`;
    assert.deepEqual(records, [
      record(84, 'update', 'cucumber:user:bob', subject, ['failure', 'update'], message),
    ]);
  });

  it('let a role that was given execute fetch', async () => {
    await permit('read, execute');
    assert.equal((await bob.send('GET', path)).text, 'v-0');
  });

  it('let a role that was given update update', async () => {
    await permit('read, update');
    assertEmpty(await bob.send('POST', path, 'v-1'), 201);
  });

  it('hide the secret from who has none, while the record says Forbidden', async () => {
    await permit('read');
    const alice = await on.world.as('alice');
    const records = await on.world.recordsOf(async () => {
      const answer = await alice.send('GET', path);
      assertError(answer, 404, 'not_found', `CONJ00076E Variable ${id} is empty or not found.`);
    });
    const message = `cucumber:user:alice tried to fetch ${id}: Forbidden`;
    assert.deepEqual(records, [
      record(84, 'fetch', 'cucumber:user:alice', subject, ['failure', 'fetch'], message),
    ]);
  });
});
