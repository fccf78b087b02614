import assert from 'node:assert/strict';
import { toRoleId } from '../../../../src/domain/ids.ts';
import { authnRecord, authnService } from '../../../support/audit-records.ts';
import { basicHeader, load, send, tokenHeader, type Answer } from '../../../support/client.ts';
import { assertEmpty, describeScenarios } from '../../../support/conjur-world.ts';
import { setPasswordOnStore } from '../../../support/operator.ts';

const password = 'My-Password1';
const path = '/authn/cucumber/login';

/** login: 10 scenarios of 10. */
describeScenarios('login', (on) => {
  const keys = new Map<string, string>();

  before(async () => {
    const { created_roles: created } = await load(on.world.admin, '- !user alice\n- !host app');
    for (const { id, api_key: apiKey } of Object.values(created)) keys.set(id, apiKey);
    // Over HTTP a host cannot get a password.
    for (const [kind, name] of [
      ['user', 'alice'],
      ['host', 'app'],
    ] as const) {
      await setPasswordOnStore(on.world.service, toRoleId('cucumber', kind, name), password);
    }
  });

  const login = (name: string, secret: string): Promise<Answer> =>
    send(on.world.service.url + path, 'GET', { headers: basicHeader(name, secret) });

  for (const [name, role] of [
    ['alice', 'cucumber:user:alice'],
    ['host/app', 'cucumber:host:app'],
  ] as const) {
    it(`gives ${name} its API key for its password`, async () => {
      let answer: Answer | undefined;
      const records = await on.world.recordsOf(async () => {
        answer = await login(name, password);
      });
      assert.equal(answer?.status, 200);
      assert.equal(answer.headers.get('content-type'), 'text/plain; charset=utf-8');
      assert.equal(answer.text, keys.get(role));
      assert.deepEqual(records, [
        authnRecord('login', role, `${role} successfully logged in ${authnService}`),
      ]);
    });

    it(`refuses a wrong password of ${name}`, async () => {
      const records = await on.world.recordsOf(async () => {
        assertEmpty(await login(name, 'Wrong-Password'), 401);
      });
      const message = `${role} failed to login ${authnService}: CONJ00002E Invalid credentials`;
      assert.deepEqual(records, [authnRecord('login', role, message, {})]);
    });
  }

  for (const [name, role] of [
    ['non-exist', 'cucumber:user:non-exist'],
    ['host/non-exist', 'cucumber:host:non-exist'],
  ] as const) {
    it(`refuses ${name}, which does not exist, and records that it does not`, async () => {
      const records = await on.world.recordsOf(async () => {
        assertEmpty(await login(name, password), 401);
      });
      const message = `${role} failed to login ${authnService}: CONJ00007E '${name}' not found`;
      assert.deepEqual(records, [authnRecord('login', role, message, { unknown: true })]);
    });
  }

  it('refuses an empty name', async () => {
    assertEmpty(await login('', password), 401);
  });

  it('refuses a name of odd characters', async () => {
    assertEmpty(await login('!@#$%^&*(){}', password), 401);
  });

  it('refuses an access token as a credential', async () => {
    const answer = await send(on.world.service.url + path, 'GET', {
      headers: tokenHeader(on.world.admin.token),
    });
    assertEmpty(answer, 401);
  });

  it('lets nobody log in as another', async () => {
    assertEmpty(await on.world.admin.send('GET', `${path}?role=user:alice`), 401);
  });
});
