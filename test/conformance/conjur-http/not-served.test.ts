import assert from 'node:assert/strict';
import { send, signIn } from '../../support/client.ts';
import { describeOnStores } from '../../support/on-stores.ts';

describeOnStores('what Conjur has only where it is switched on', (on) => {
  it('has no routes: issuers and the database of audit records', async () => {
    const admin = await signIn(on.service);
    const { account } = on.service;
    for (const [method, path] of [
      ['GET', `/issuers/${account}`],
      ['POST', `/issuers/${account}`],
      ['GET', `/issuers/${account}/x?projection=minimal`],
      ['PATCH', `/issuers/${account}/x`],
      ['DELETE', `/issuers/${account}/x`],
      ['GET', '/audit'],
      ['GET', `/audit/resources/${account}:variable:x`],
      ['GET', `/audit/roles/${account}:user:admin`],
      ['GET', `/audit/entities/${account}:user:admin`],
    ] as const) {
      const answer = await admin.send(method, path);
      assert.deepEqual([answer.status, answer.text], [404, ''], `${method} ${path}`);
      assert.equal((await send(on.service.url + path, method)).status, 401, `${method} ${path}`);
    }
  });
});
