import assert from 'node:assert/strict';
import { authnRecord, authnService } from '../../../support/audit-records.ts';
import { load, send, type Answer } from '../../../support/client.ts';
import { assertEmpty, describeScenarios } from '../../../support/conjur-world.ts';

const policy = `
- !user { id: alice, restricted_to: 192.0.2.0/24 }
- !user { id: bob, restricted_to: [ 127.0.0.1, 172.16.0.0/12 ] }
`;

/** authn_restricted_to: 2 scenarios of 2. */
describeScenarios('a user with restricted_to', (on) => {
  const keys = new Map<string, string>();

  before(async () => {
    const { created_roles: created } = await load(on.world.admin, policy, 'root', 'PUT');
    for (const { id, api_key: apiKey } of Object.values(created)) keys.set(id, apiKey);
  });

  const authenticate = (name: string): Promise<Answer> =>
    send(`${on.world.service.url}/authn/cucumber/${name}/authenticate`, 'POST', {
      body: keys.get(`cucumber:user:${name}`) ?? '',
    });

  it('is refused from elsewhere', async () => {
    const records = await on.world.recordsOf(async () => {
      assertEmpty(await authenticate('alice'), 401);
    });
    const alice = 'cucumber:user:alice';
    const reason = 'CONJ00003E User is not authorized to login from the current origin';
    const message = `${alice} failed to authenticate ${authnService}: ${reason}`;
    assert.deepEqual(records, [authnRecord('authenticate', alice, message, {})]);
  });

  it('is let in from one of its addresses', async () => {
    const answer = await authenticate('bob');
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('content-type'), 'application/json; charset=utf-8');
  });
});
