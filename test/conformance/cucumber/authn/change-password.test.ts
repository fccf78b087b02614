import assert from 'node:assert/strict';
import { basicHeader, load, send, sessionOf, type Answer } from '../../../support/client.ts';
import { record } from '../../../support/audit-records.ts';
import { assertEmpty, describeScenarios } from '../../../support/conjur-world.ts';

const path = '/authn/cucumber/password';

/** change_password: 7 scenarios of 7. */
describeScenarios('changing a password', (on) => {
  let apiKey: string;

  beforeEach(async () => {
    await load(on.world.admin, '[]', 'root', 'PUT');
    const { created_roles: created } = await load(on.world.admin, '- !user alice', 'root', 'PUT');
    apiKey = created['cucumber:user:alice']?.api_key ?? '';
  });

  const put = (name: string, secret: string, password: string): Promise<Answer> =>
    send(on.world.service.url + path, 'PUT', { headers: basicHeader(name, secret), body: password });
  const logIn = async (name: string, password: string): Promise<number> =>
    (
      await send(`${on.world.service.url}/authn/cucumber/login`, 'GET', {
        headers: basicHeader(name, password),
      })
    ).status;
  const changed = (user: string): string =>
    record(
      86,
      'password',
      user,
      `role="${user}"`,
      ['success', 'change'],
      `${user} successfully changed their password`,
    );

  it('takes the present password', async () => {
    assertEmpty(await put('alice', apiKey, 'My-Password1'), 204);
    const records = await on.world.recordsOf(async () => {
      assertEmpty(await put('alice', 'My-Password1', 'New-Password1'), 204);
    });
    assert.equal(records.at(-1), changed('cucumber:user:alice'));
    assert.equal(await logIn('alice', 'New-Password1'), 200);
    assert.equal(await logIn('alice', 'My-Password1'), 401);
  });

  it('takes that of the administrator, too', async () => {
    assertEmpty(await put('admin', on.world.service.adminKey, 'My-Password1'), 204);
    const records = await on.world.recordsOf(async () => {
      assertEmpty(await put('admin', 'My-Password1', 'New-Password1'), 204);
    });
    assert.equal(records.at(-1), changed('cucumber:user:admin'));
    assert.equal(await logIn('admin', 'New-Password1'), 200);
  });

  it('takes the API key, which stays', async () => {
    assertEmpty(await put('alice', apiKey, 'New-Password1'), 204);
    assert.equal(await logIn('alice', 'New-Password1'), 200);
    assert.equal(await logIn('alice', apiKey), 200);
  });

  it('takes a slash for the special character', async () => {
    assertEmpty(await put('alice', apiKey, 'NewPassword1/'), 204);
    assert.equal(await logIn('alice', 'NewPassword1/'), 200);
  });

  it('refuses a password of 11 characters, and says what the rule is', async () => {
    const records = await on.world.recordsOf(async () => {
      const answer = await put('alice', apiKey, 'My-Passwor1');
      assert.equal(answer.status, 422);
      const { error } = answer.json() as {
        error: { code: string; message: string; details: { target: string; message: string }[] };
      };
      assert.equal(error.code, 'validation_failed');
      assert.match(error.message, /^password CONJ00046E /);
      assert.deepEqual(error.details, [
        { code: 'validation_failed', target: 'password', message: error.message.slice('password '.length) },
      ]);
    });
    assert.match(records.at(-1) ?? '', /^<84> password .* failed to change their password: .*CONJ00046E /);
  });

  it('refuses an access token', async () => {
    const token = await send(`${on.world.service.url}/authn/cucumber/alice/authenticate`, 'POST', {
      body: apiKey,
    });
    const alice = sessionOf(on.world.service, token.text);
    const answer = await alice.send('PUT', path, 'new-password');
    assert.equal(answer.status, 401);
    assert.deepEqual(answer.json(), {
      error: { code: 'unauthorized', message: 'Credential strength is insufficient' },
    });
  });

  it('lets nobody change the password of another, not even its owner', async () => {
    assertEmpty(await on.world.admin.send('PUT', `${path}?role=user:alice`, 'new-password'), 401);
  });
});
