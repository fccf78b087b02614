/** Conjur's scenarios: policy_load, policy_load_response, _errors, _permissions, _big, bad-content-type. */
import assert from 'node:assert/strict';
import { record } from '../../../support/audit-records.ts';
import { describePolicies } from '../../../support/policy-world.ts';

const cucumber = { LATCHKEY_ACCOUNT: 'cucumber' };

function loadRecord(
  user: string,
  subject: string,
  operation: string,
  version: number,
  message: string,
): string {
  return record(85, 'policy', user, subject, ['success', operation], `MESSAGE`).replace(
    '] MESSAGE',
    `][policy@43868 id="cucumber:policy:dev/db" version="${String(version)}"] ${user} ${message}`,
  );
}

function failedRecord(user: string, operation: string, reason: string): string {
  return record(85, 'policy', user, '', ['failure', operation], `Failed to load policy: ${reason}`).replace(
    'subject@43868 ]',
    'subject@43868]',
  );
}

describePolicies(
  "Conjur's scenarios: policy_load",
  (on) => {
    const policy = `
- !user alice
- !user bob
- !user eve
- !policy { id: dev, owner: !user alice, body: [ !policy db ] }
- !grant { role: !policy dev/db, member: !user bob }
- !permit { role: !user bob, privilege: update, resource: !policy dev/db }
- !permit { role: !user eve, privilege: read, resource: !policy dev/db }
`;
    beforeEach(() => on.world.put(policy));

    it('lets a role with update replace a policy, and records each thing that it adds', async () => {
      const bob = await on.world.as('bob');
      let version = 0;
      const records = await on.world.recordsOf(async () => {
        const answer = await on.world.try('PUT', '- !layer', 'dev/db', bob);
        assert.equal(answer.status, 201);
        ({ version } = answer.json() as { readonly version: number });
      });
      const layer = 'cucumber:layer:dev/db';
      const user = 'cucumber:user:bob';
      assert.deepEqual([...records].sort(), [
        loadRecord(user, `resource="${layer}"`, 'add', version, `added resource ${layer}`),
        loadRecord(
          user,
          `role="${layer}" owner="cucumber:policy:dev/db"`,
          'add',
          version,
          `added ownership of cucumber:policy:dev/db in ${layer}`,
        ),
        loadRecord(user, `role="${layer}"`, 'add', version, `added role ${layer}`),
      ]);
      assert.equal((await bob.send('GET', '/resources/cucumber/layer/dev/db')).status, 200);
    });

    it('refuses one who may only read it', async () => {
      assert.equal((await on.world.try('PUT', '- !layer', 'dev/db', await on.world.as('eve'))).status, 403);
    });

    it('takes an id of special characters, without a content type', async () => {
      const id = 'Special~!@#$%^&(){}[]-+=,Name/password';
      const answer = await on.world.session.send(
        'POST',
        '/policies/cucumber/policy/dev/db',
        Buffer.from(`- !variable\n  id: ${id}\n`),
      );
      assert.equal(answer.status, 201, answer.text);
      assert.ok(await on.world.exists(`variable:dev/db/${id}`));
    });

    it('takes a large text without a content type', async () => {
      const variables = Array.from(
        { length: 1_000 },
        (_, index) =>
          `  - !variable\n    id: safe_${String(index)}/password\n    annotations:\n      synced: 'true'\n`,
      );
      const answer = await on.world.session.send(
        'POST',
        '/policies/cucumber/policy/dev/db',
        Buffer.from(`- &variables\n${variables.join('')}`),
      );
      assert.equal(answer.status, 201);
      assert.match(answer.headers.get('content-type') ?? '', /^application\/json/);
    });
  },
  cucumber,
);

describePolicies(
  "Conjur's scenarios: policy_load_response, policy_load_errors, policy_load_permissions, policy_load_big",
  (on) => {
    it('answers with the keys of the users and hosts that are new', async () => {
      const loaded = await on.world.post(
        '- !policy { id: frontend, body: [ !layer ] }\n- !user bob\n- !host host-01',
      );
      assert.equal(Object.keys(loaded.created_roles).length, 2);
      assert.equal(typeof loaded.created_roles['cucumber:host:host-01']?.api_key, 'string');
      assert.ok(Number.isInteger(loaded.version));
    });

    it('names the record that a reference does not find, and records that', async () => {
      const text =
        '- !variable password\n- !permit { role: !user bob, privilege: [ execute ], resource: !variable password }';
      const message = "User 'bob' not found in account 'cucumber'";
      const records = await on.world.recordsOf(async () => {
        assert.deepEqual(await on.world.refused('POST', text), {
          status: 422,
          code: 'policy_invalid',
          message,
        });
      });
      assert.deepEqual(records, [failedRecord('cucumber:user:admin', 'create', message)]);
    });

    it('refuses a resource with a blank id, and records that', async () => {
      const text = '- !user bob\n\n- !permit\n  role: !user bob\n  privilege: [ execute ]\n  resource:\n';
      const message = 'resource has a blank id';
      const records = await on.world.recordsOf(async () => {
        assert.deepEqual(await on.world.refused('POST', text), {
          status: 422,
          code: 'policy_invalid',
          message,
        });
      });
      assert.deepEqual(records, [failedRecord('cucumber:user:admin', 'create', message)]);
    });

    it('refuses a load without a body, and records that', async () => {
      const records = await on.world.recordsOf(async () => {
        const answer = await on.world.session.send('POST', '/policies/cucumber/policy/root');
        assert.equal(answer.status, 422);
        assert.deepEqual(answer.json(), {
          error: {
            code: 'validation_failed',
            message: 'policy_text is not present',
            details: [{ code: 'validation_failed', target: 'policy_text', message: 'is not present' }],
          },
        });
      });
      assert.deepEqual(records, [
        failedRecord('cucumber:user:admin', 'create', 'policy_text is not present'),
      ]);
    });

    it('refuses PUT to who may not update what is in the policy, and records that', async () => {
      await on.world.post(`
- !user read_update
- !policy { id: test_policy, owner: !user admin, body: [ !variable test ] }
- !permit { role: !user read_update, privileges: [ read, update ], resource: !policy test_policy }
`);
      const session = await on.world.as('read_update');
      const records = await on.world.recordsOf(async () => {
        assert.equal((await on.world.try('PUT', '- !variable alt', 'test_policy', session)).status, 403);
      });
      assert.deepEqual(records, [failedRecord('cucumber:user:read_update', 'update', 'Forbidden')]);
    });

    const permissions = `
- !user alice
- !user sam
- !policy { id: dev, owner: !user alice, body: [ !policy db ] }
`;

    it('does not show a policy to who has no privilege on it', async () => {
      await on.world.put(permissions);
      const sam = await on.world.as('sam');
      assert.equal((await on.world.try('POST', '- !variable a', 'dev/db', sam)).status, 404);
    });

    it('lets who owns a policy, or may create in it, add to it by POST', async () => {
      await on.world.put(
        `${permissions}- !user carol\n- !permit { role: !user carol, privilege: create, resource: !policy dev/db }`,
      );
      for (const login of ['alice', 'carol']) {
        const session = await on.world.as(login);
        assert.equal((await on.world.try('POST', '- !variable a', 'dev/db', session)).status, 201);
      }
    });

    it('takes a thousand users and a thousand groups at once', async () => {
      const lines = Array.from(
        { length: 1_000 },
        (_, index) => `- !user user-${String(index)}\n- !group group-${String(index)}\n`,
      );
      assert.equal(Object.keys((await on.world.put(lines.join(''))).created_roles).length, 1_000);
    });
  },
  cucumber,
);

describePolicies(
  "Conjur's scenarios: bad-content-type",
  (on) => {
    for (const [title, type] of [
      ['a valid', 'text/plain'],
      ['an invalid', 'text\\plain'],
      ['an empty', ''],
    ] as const) {
      it(`takes ${title} content type`, async () => {
        const headers = { 'content-type': type };
        const answer = await on.world.session.send('GET', '/resources/cucumber', undefined, headers);
        assert.equal(answer.status, 200);
      });
    }
  },
  cucumber,
);
