import assert from 'node:assert/strict';
import { load, setSecret, signIn, type Session } from '../../support/client.ts';
import { describeOnStores } from '../../support/on-stores.ts';

/** Where a request comes from, as whoami tells it. The peer of these tests is this machine. */
function describeAddresses(
  title: string,
  env: Readonly<Record<string, string>>,
  rows: readonly (readonly [forwarded: string | undefined, seen: string, rule: string])[],
): void {
  describeOnStores(
    title,
    (on) => {
      let admin: Session;
      before(async () => {
        admin = await signIn(on.service);
      });
      for (const [forwarded, seen, rule] of rows) {
        it(rule, async () => {
          const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
          const answer = await admin.send('GET', '/whoami', undefined, headers);
          assert.equal((answer.json() as { client_ip: string }).client_ip, seen);
        });
      }
    },
    env,
  );
}

describeAddresses('the client address without TRUSTED_PROXIES', {}, [
  [undefined, '127.0.0.1', 'is the peer where nothing is forwarded'],
  ['3.3.3.3', '3.3.3.3', 'is the forwarded one, as loopback is trusted'],
  ['3.3.3.3, 127.0.0.1', '3.3.3.3', 'passes over loopback'],
  ['1.1.1.1, 3.3.3.3', '3.3.3.3', 'is the right-most that is not trusted, whatever a client put before it'],
  ['1.1.1.1, 192.168.1.1', '192.168.1.1', 'does not pass over a private address that nobody trusts'],
  ['3.3.3.3:4711', '3.3.3.3', 'has no port'],
  ['127.0.0.2, 127.0.0.1', '127.0.0.2', 'is the left-most where all are trusted'],
]);

describeAddresses('the client address with TRUSTED_PROXIES', { TRUSTED_PROXIES: '4.4.4.4,5.5.5.0/24' }, [
  ['3.3.3.3', '3.3.3.3', 'still trusts loopback'],
  ['3.3.3.3, 4.4.4.4', '3.3.3.3', 'passes over a trusted address'],
  ['3.3.3.3, 5.5.5.7, 4.4.4.4', '3.3.3.3', 'passes over a trusted range'],
  ['3.3.3.3, 6.6.6.6, 4.4.4.4', '6.6.6.6', 'stops at the first that is not trusted'],
  ['5.5.5.1, 4.4.4.4', '5.5.5.1', 'is the left-most where all are trusted'],
]);

describeAddresses('the client address with CONJUR_TRUSTED_PROXIES', { CONJUR_TRUSTED_PROXIES: '4.4.4.4' }, [
  ['3.3.3.3, 4.4.4.4', '3.3.3.3', 'passes over a trusted address'],
]);

describeOnStores('the client address', (on) => {
  it('is what restricted_to and the audit record look at', async () => {
    const admin = await signIn(on.service);
    const { created_roles: created } = await load(admin, '- !user { id: near, restricted_to: 3.3.3.0/24 }');
    const key = created[`${on.service.account}:user:near`]?.api_key ?? '';
    const path = `/authn/${on.service.account}/near/authenticate`;
    const from = async (address: string): Promise<number> =>
      (await admin.send('POST', path, key, { 'x-forwarded-for': address })).status;
    assert.deepEqual([await from('3.3.3.9'), await from('3.3.4.9')], [200, 401]);
    const lines = await on.service.auditLines();
    assert.match(lines.at(-2) ?? '', /\[client@43868 ip="3\.3\.3\.9"\]/);
  });

  it('is of no account for the use of a secret', async () => {
    const admin = await signIn(on.service);
    await load(admin, '- !variable v');
    await setSecret(admin, 'v', 'x');
    const path = `/secrets/${on.service.account}/variable/v`;
    assert.equal((await admin.send('GET', path, undefined, { 'x-forwarded-for': '9.9.9.9' })).text, 'x');
  });
});
