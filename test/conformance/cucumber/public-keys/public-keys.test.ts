import assert from 'node:assert/strict';
import { send } from '../../../support/client.ts';
import { describeScenarios } from '../../../support/conjur-world.ts';

const key = 'ssh-rsa AAAAB3NzagKagJ+JTg2LzKz3WzEe49HhIqxF';

describeScenarios("Conjur's scenarios: public_keys", (on) => {
  it('takes keys from whoever may update them, and shows them to anybody', async () => {
    await on.world.load(`
- !user
  id: alice
  public_keys:
  - ${key} workstation
  - ${key} laptop
`);
    for (const name of ['workstation', 'laptop']) {
      const path = `/secrets/cucumber/public_key/user/alice/${name}`;
      assert.equal((await on.world.admin.send('POST', path, `${key} ${name}`)).status, 201);
    }
    const answer = await send(`${on.world.service.url}/public_keys/cucumber/user/alice`, 'GET');
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('content-type'), 'text/plain; charset=utf-8');
    assert.equal(answer.text, `${key} laptop\n${key} workstation\n`);
  });
});
