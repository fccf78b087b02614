import assert from 'node:assert/strict';
import { send, type Answer } from '../../support/client.ts';
import { describeScenarios } from '../../support/conjur-world.ts';

const key = (text: string, name: string): string => `ssh-rsa ${Buffer.from(text).toString('base64')} ${name}`;

const policy = `
- !user
  id: alice
  public_keys:
  - ${key('one', 'laptop')}
  - ${key('two', 'desktop')}
- !user
  id: alice2
  public_keys: [ "${key('three', 'laptop')}" ]
- !user
  id: bob@team
  public_keys: [ "${key('four', 'site/tablet')}" ]
- !user nokeys
`;

describeScenarios('GET /public_keys/:account/:kind/*id', (on) => {
  before(() => on.world.load(policy));

  const get = (path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> =>
    send(`${on.world.service.url}/public_keys/${path}`, method, { headers });

  it('shows the keys of a user by their names, to anybody', async () => {
    const answer = await get('cucumber/user/alice');
    assert.deepEqual([answer.status, answer.headers.get('content-type')], [200, 'text/plain; charset=utf-8']);
    assert.equal(answer.text, `${key('two', 'desktop')}\n${key('one', 'laptop')}\n`);
  });

  it('shows the newest value of each key', async () => {
    const { admin } = on.world;
    const path = '/secrets/cucumber/public_key/user/alice2/laptop';
    assert.equal((await admin.send('POST', path, key('five', 'laptop'))).status, 201);
    assert.equal((await get('cucumber/user/alice2')).text, `${key('five', 'laptop')}\n`);
  });

  it('shows keys that a policy adds or takes away at once', async () => {
    await on.world.load(`- !user { id: carol, public_keys: [ "${key('six', 'phone')}" ] }`, 'POST');
    assert.equal((await get('cucumber/user/carol')).text, `${key('six', 'phone')}\n`);
    await on.world.load(policy);
    assert.equal((await get('cucumber/user/carol')).text, '\n');
  });

  it('takes ids encoded or not, and shows all keys below one', async () => {
    for (const form of ['bob@team', 'bob%40team', 'bob@team/', 'bob@team/site', 'bob@team%2Fsite']) {
      assert.equal((await get(`cucumber/user/${form}`)).text, `${key('four', 'site/tablet')}\n`, form);
    }
  });

  it('takes the kind public_key, below which there is nothing', async () => {
    assert.equal((await get('cucumber/public_key/user/alice')).text, '\n');
  });

  it('answers a line end for who has no keys, is not there, or cannot be there', async () => {
    for (const path of [
      'cucumber/user/nokeys',
      'cucumber/user/nobody',
      'cucumber/user/ali',
      'cucumber/user/a%09b',
      'elsewhere/user/alice',
    ]) {
      const answer = await get(path);
      assert.deepEqual([answer.status, answer.text], [200, '\n'], path);
    }
  });

  it('has no route for other kinds', async () => {
    const { status } = await get('cucumber/host/alice');
    assert.equal(status, 404);
  });

  it('ignores that there is no token, and refuses a bad one', async () => {
    const bad = { authorization: `Token token="${Buffer.from('{}').toString('base64')}"` };
    assert.equal((await get('cucumber/user/alice', bad)).status, 401);
    const other = { authorization: 'Bearer x' };
    assert.equal((await get('cucumber/user/alice', other)).status, 200);
  });

  it('answers HEAD', async () => {
    const answer = await get('cucumber/user/alice', {}, 'HEAD');
    assert.deepEqual([answer.status, answer.text], [200, '']);
  });
});
