/** What annotations and settings of the service change about loads. */
import assert from 'node:assert/strict';
import { basicHeader, send } from '../../support/client.ts';
import { describePolicies, type PolicyWorld } from '../../support/policy-world.ts';

async function logsIn(world: PolicyWorld, user: string, password: string): Promise<boolean> {
  const { service } = world.session;
  const answer = await send(`${service.url}/authn/${service.account}/login`, 'GET', {
    headers: basicHeader(user, password),
  });
  return answer.status === 200;
}

describePolicies('by default', (on) => {
  it('users may be defined anywhere, and hosts need not say that they use a key', async () => {
    await on.world.post(
      '- !policy { id: p, body: [ !user u, !host h, !host { id: i, annotations: { authn/api-key: false } } ] }',
    );
    // The annotation is looked at by loads only.
    await on.world.as('host/p/i');
  });

  it('the type of a value is what its annotation says', async () => {
    await on.world.post('- !variable { id: v, mime_type: application/json }');
    await on.world.setSecret('v', '{}');
    const answer = await on.world.session.send('GET', '/secrets/acct/variable/v');
    assert.equal(answer.headers.get('content-type'), 'application/json');
  });
});

describePolicies(
  'with CONJUR_USERS_IN_ROOT_POLICY_ONLY',
  (on) => {
    it('a user must belong to the administrator, wherever it stands', async () => {
      const refusal = { status: 422, code: 'policy_invalid', message: 'User creation is disabled.' };
      await on.world.post('- !user u\n- !policy p\n- !group g');
      assert.deepEqual(await on.world.refused('POST', '- !user u', 'p'), refusal);
      assert.deepEqual(await on.world.refused('POST', '- !user { id: v, owner: !group g }'), refusal);
      await on.world.post('- !user { id: u, owner: !user /admin }', 'p');
      assert.ok(await on.world.exists('user:u@p'));
    });

    it('a dry run is refused alike', async () => {
      await on.world.post('- !policy p');
      const answer = await on.world.dryRun('POST', '- !user u', 'p');
      assert.equal(answer.status, 422);
      assert.match(answer.text, /User creation is disabled\.\\n/);
    });
  },
  { CONJUR_USERS_IN_ROOT_POLICY_ONLY: 'true' },
);

describePolicies(
  'with CONJUR_AUTHN_API_KEY_DEFAULT off',
  (on) => {
    it('a host must say that it uses a key, each time that it is named', async () => {
      for (const host of [
        '!host h',
        '!host { id: h, annotations: { authn/api-key: false } }',
        '!host { id: h, annotations: { authn/api-key: "False" } }',
      ]) {
        const { status, code, message } = await on.world.refused('POST', `- ${host}`);
        assert.deepEqual([status, code], [422, 'policy_invalid']);
        assert.match(message, /^Host 'h' /);
      }
      await on.world.post('- !host { id: h, annotations: { authn/api-key: true } }\n- !user u');
      await on.world.as('host/h');
      assert.equal((await on.world.refused('POST', '- !host h')).status, 422);
    });
  },
  { CONJUR_AUTHN_API_KEY_DEFAULT: 'false' },
);

const password = 'MySecret-123';

describePolicies(
  'with passwords in the environment',
  (on) => {
    it('a user that a policy defines has the password of the variable that is named after it', async () => {
      await on.world.post('- !user alice\n- !policy { id: team, body: [ !user bob ] }\n- !user eve');
      assert.equal(await logsIn(on.world, 'alice', password), true);
      assert.equal(await logsIn(on.world, 'bob@team', `${password}!`), true);
      assert.equal(await logsIn(on.world, 'eve', password), false);
      await on.world.as('alice');
    });

    it('gets it back with the next load that names it, and keeps its key and restriction', async () => {
      await on.world.post('- !user { id: alice, restricted_to: 127.0.0.0/8 }');
      const own = 'Another-Secret-45';
      const { service } = on.world.session;
      const changed = await send(`${service.url}/authn/acct/password`, 'PUT', {
        headers: basicHeader('alice', password),
        body: own,
      });
      assert.equal(changed.status, 204);
      assert.deepEqual(
        [await logsIn(on.world, 'alice', own), await logsIn(on.world, 'alice', password)],
        [true, false],
      );
      await on.world.post('- !group other');
      assert.equal(await logsIn(on.world, 'alice', own), true);
      await on.world.post('- !user { id: alice, restricted_to: 127.0.0.0/8 }');
      assert.deepEqual(
        [await logsIn(on.world, 'alice', own), await logsIn(on.world, 'alice', password)],
        [false, true],
      );
      assert.deepEqual(await on.world.restrictedTo('user:alice'), ['127.0.0.0/8']);
      await on.world.as('alice');
    });

    it('keeps its own if another policy only names it', async () => {
      await on.world.post('- !policy { id: team, body: [ !user bob ] }');
      const own = 'Another-Secret-45';
      const { service } = on.world.session;
      await send(`${service.url}/authn/acct/password`, 'PUT', {
        headers: basicHeader('bob@team', `${password}!`),
        body: own,
      });
      await on.world.post('- !user bob', 'team');
      assert.equal(await logsIn(on.world, 'bob@team', own), true);
    });

    it('is not made with a weak one', async () => {
      for (const answer of [
        await on.world.try('POST', '- !user weak'),
        await on.world.dryRun('POST', '- !user weak'),
      ]) {
        assert.equal(answer.status, 422, answer.text);
        assert.ok(!answer.text.includes('12345'));
      }
      const { code } = await on.world.refused('POST', '- !user weak');
      assert.equal(code, 'validation_failed');
      assert.equal(await on.world.exists('user:weak'), false);
    });
  },
  {
    CONJUR_PASSWORD_ALICE: password,
    LATCHKEY_PASSWORD_BOB_TEAM: `${password}!`,
    CONJUR_PASSWORD_WEAK: '12345',
  },
);

describePolicies(
  'with POLICIES_VERSION_LIMIT',
  (on) => {
    it('so many versions of each policy are kept', async () => {
      await on.world.post('- !policy limited');
      for (let version = 1; version <= 5; version += 1) await on.world.post('[]', 'limited');
      assert.deepEqual(await on.world.versions('policy:limited'), [3, 4, 5]);
    });
  },
  { POLICIES_VERSION_LIMIT: '3' },
);
