import assert from 'node:assert/strict';
import { describeOnStores } from '../../support/on-stores.ts';
import {
  alicePassword,
  authOf,
  dataOf,
  errorsOf,
  identityWorld,
  logIn,
  vault,
  type IdentityWorld,
} from '../../support/vault-identity.ts';

const failed = ['invalid username or password'];

describeOnStores("logging in to Vault's dialect", (on) => {
  let world: IdentityWorld;

  before(async () => {
    world = await identityWorld(on.service);
  });

  it('answers a password with a token and who it is for', async () => {
    const answer = await logIn(on.service, 'alice', alicePassword);
    const { client_token: token, accessor, entity_id: id, ...rest } = authOf(answer);
    assert.match(token, /^s\.[A-Za-z0-9]{32}$/);
    assert.match(String(accessor), /^[A-Za-z0-9]{24}$/);
    assert.match(id, /^[0-9a-f-]{36}$/);
    assert.deepEqual(rest, {
      policies: ['default'],
      token_policies: ['default'],
      metadata: { username: 'alice' },
      lease_duration: 8 * 60 * 60,
      renewable: true,
      token_type: 'service',
      orphan: true,
      num_uses: 0,
      mfa_requirement: null,
    });
    assert.equal((answer.json() as { data: unknown }).data, null);
    assert.equal(answer.headers.get('cache-control'), 'no-store');
  });

  it('takes POST as well as PUT', async () => {
    const path = 'auth/userpass/login/alice';
    authOf(await vault(on.service, 'POST', path, { body: { password: alicePassword } }));
  });

  it('takes an API key for a password', async () => {
    authOf(await logIn(on.service, 'alice', world.keys['alice'] ?? ''));
  });

  it('takes the login of a host, slashes and all', async () => {
    const { metadata } = authOf(await logIn(on.service, 'host/apps/app1', world.keys['apps/app1'] ?? ''));
    assert.deepEqual(metadata, { username: 'host/apps/app1' });
  });

  it('takes the login of a host with its slashes escaped', async () => {
    authOf(await logIn(on.service, 'host%2Fapps%2Fapp1', world.keys['apps/app1'] ?? ''));
  });

  for (const [who, login] of [
    ['a wrong password', 'alice'],
    ['an unknown user', 'nobody'],
    ['a name that no role can have', '%01'],
    ['a name of a group', 'group/eng'],
  ] as const) {
    it(`answers 400 with one text to ${who}`, async () => {
      const answer = await logIn(on.service, login, 'Wrong-Password-12-Xy');
      assert.equal(answer.status, 400);
      assert.deepEqual(errorsOf(answer), failed);
    });
  }

  it('answers 400 without a password', async () => {
    for (const body of [undefined, {}, { password: '' }]) {
      const answer = await vault(on.service, 'PUT', 'auth/userpass/login/alice', { body });
      assert.equal(answer.status, 400);
      assert.deepEqual(errorsOf(answer), ['missing password']);
    }
  });

  it('answers 400 to a password that is no text', async () => {
    const answer = await vault(on.service, 'PUT', 'auth/userpass/login/alice', { body: { password: {} } });
    assert.equal(answer.status, 400);
  });

  it('refuses a body of more than 64 KiB', async () => {
    const body = { password: 'x'.repeat(64 * 1024) };
    assert.equal((await vault(on.service, 'PUT', 'auth/userpass/login/alice', { body })).status, 413);
  });

  it('has no other method', async () => {
    for (const method of ['GET', 'DELETE']) {
      assert.equal((await vault(on.service, method, 'auth/userpass/login/alice')).status, 405);
    }
  });

  it('refuses who comes from an address that the role is not to come from, as any failure', async () => {
    const key = world.keys['bob'] ?? '';
    assert.deepEqual(errorsOf(await logIn(on.service, 'bob', key)), failed);
    const from = { 'x-forwarded-for': '10.9.9.9' };
    const { client_token: token } = authOf(await logIn(on.service, 'bob', key, from));
    const path = 'auth/token/lookup-self';
    assert.equal((await vault(on.service, 'GET', path, { token, headers: from })).status, 200);
    assert.equal((await vault(on.service, 'GET', path, { token })).status, 403);
  });

  it('is audited as a login and as the start of a session', async () => {
    const before = (await on.service.auditLines()).length;
    authOf(await logIn(on.service, 'carol', world.keys['carol'] ?? ''));
    const [login = '', session = ''] = (await on.service.auditLines()).slice(before);
    assert.match(login, /acct:user:carol successfully logged in with authenticator authn/);
    assert.match(session, /acct:user:carol .*session/);
  });

  it('is audited with the true reason where the address was wrong', async () => {
    const before = (await on.service.auditLines()).length;
    await logIn(on.service, 'bob', world.keys['bob'] ?? '');
    const lines = (await on.service.auditLines()).slice(before);
    assert.match(lines.join('\n'), /CONJ00003E/);
  });

  it('ends what the session may do with the credential that it was proven by', async () => {
    const token = authOf(
      await logIn(on.service, 'host/apps/app1', world.keys['apps/app1'] ?? ''),
    ).client_token;
    dataOf(await vault(on.service, 'GET', 'auth/token/lookup-self', { token }));
    const basic = `Basic ${Buffer.from(`host/apps/app1:${world.keys['apps/app1'] ?? ''}`).toString('base64')}`;
    const rotated = await fetch(`${on.service.url}/authn/acct/api_key`, {
      method: 'PUT',
      headers: { authorization: basic },
    });
    assert.equal(rotated.status, 200);
    await rotated.arrayBuffer();
    const after = await vault(on.service, 'GET', 'auth/token/lookup-self', { token });
    assert.equal(after.status, 403);
    assert.deepEqual(errorsOf(after), ['permission denied']);
  });
});

describeOnStores('failing to log in to Vault too often', (on) => {
  const from = (address: string): Readonly<Record<string, string>> => ({ 'x-forwarded-for': address });

  it('ends after ten failures of a login from an address, even with the right key', async () => {
    const tries = Array.from({ length: 10 }, () => logIn(on.service, 'admin', 'wrong', from('10.1.1.1')));
    const statuses = (await Promise.all(tries)).map(({ status }) => status);
    assert.deepEqual(new Set(statuses), new Set([400]));
    const before = (await on.service.auditLines()).length;
    const refused = await logIn(on.service, 'admin', on.service.adminKey, from('10.1.1.1'));
    assert.equal(refused.status, 429);
    assert.deepEqual(errorsOf(refused), ['Too many attempts have failed; try again in a few minutes']);
    assert.match((await on.service.auditLines()).slice(before).join(), /admin failed to login/);
  });

  it('is of no consequence to others, nor to other addresses', async () => {
    authOf(await logIn(on.service, 'admin', on.service.adminKey, from('10.1.1.2')));
    const other = await logIn(on.service, 'nobody', 'wrong', from('10.1.1.1'));
    assert.equal(other.status, 400);
  });
});
