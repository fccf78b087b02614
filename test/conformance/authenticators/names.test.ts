import assert from 'node:assert/strict';
import { send, signIn, type Session } from '../../support/client.ts';
import { describeOnStores } from '../../support/on-stores.ts';

/** Names of services that nothing in a policy can have. */
const impossible = ['%13', 'a%00b', '%F3%84%9C%89%C2%85', encodeURIComponent('x'.repeat(1_100))];

describeOnStores('authenticators under names that cannot be', (on) => {
  let admin: Session;

  before(async () => {
    admin = await signIn(on.service);
  });

  it('refuse everybody, as unknown ones do', async () => {
    const { url, account } = on.service;
    for (const name of impossible) {
      for (const [method, path, body] of [
        ['POST', `/authn-oidc/${name}/${account}/authenticate`, 'id_token=a.b.c'],
        ['GET', `/authn-oidc/${name}/${account}/authenticate?code=c&nonce=n`],
        ['POST', `/authn-jwt/${name}/${account}/authenticate`, 'jwt=a.b.c'],
        ['POST', `/authn-azure/${name}/${account}/host%2Fx/authenticate`, 'jwt=a.b.c'],
        ['POST', `/authn-k8s/${name}/${account}/host%2Fx/authenticate`, 'jwt=a.b.c'],
        ['POST', `/authn-ldap/${name}/${account}/alice/authenticate`, 'secret'],
        ['POST', `/authn-iam/${name}/${account}/host%2Fx/authenticate`, '{}'],
      ] as const) {
        const answer = await send(url + path, method, body === undefined ? {} : { body });
        assert.deepEqual([answer.status, answer.text], [401, ''], `${method} ${path}`);
      }
      const status = await admin.send('GET', `/authn-jwt/${name}/${account}/status`);
      assert.equal(status.status, 404, status.text);
      const enabled = await admin.send('PATCH', `/authn-jwt/${name}/${account}`, 'enabled=true');
      assert.equal(enabled.status, 401);
    }
  });
});
