/** Conjur's scenarios of the policy suite: deletion, replace. */
import assert from 'node:assert/strict';
import { describePolicies, type PolicyWorld } from '../../../support/policy-world.ts';

const cucumber = { LATCHKEY_ACCOUNT: 'cucumber' };
const withPassword = '- !policy { id: test, body: [ !variable db-password ] }';

/** A policy with a variable that has had two values. */
async function setTwice(world: PolicyWorld): Promise<void> {
  await world.put(withPassword);
  await world.setSecret('test/db-password', 'first');
  await world.setSecret('test/db-password', 'second');
  assert.equal(await world.secret('test/db-password'), 'second');
}

async function assertEmptied(world: PolicyWorld): Promise<void> {
  assert.ok(await world.exists('variable:test/db-password'));
  for (const version of ['', '?version=1', '?version=2']) {
    const answer = await world.session.send('GET', `/secrets/cucumber/variable/test/db-password${version}`);
    assert.equal(answer.status, 404);
  }
}

describePolicies(
  "Conjur's scenarios: deletion",
  (on) => {
    it('deletes an object by !delete', async () => {
      await on.world.put('- !group developers');
      await on.world.patch('- !delete { record: !group developers }');
      assert.equal(await on.world.exists('group:developers'), false);
    });

    for (const [title, deletion, method] of [
      [
        'by name, added again by POST',
        '- !policy { id: test, body: [ !delete { record: !variable db-password } ] }',
        'POST',
      ],
      [
        'by name, declared again by PUT',
        '- !policy { id: test, body: [ !delete { record: !variable db-password } ] }',
        'PUT',
      ],
      ['with its policy, added again by POST', '- !delete { record: !policy test }', 'POST'],
    ] as const) {
      it(`does not bring back the values of a variable that was deleted: ${title}`, async () => {
        await setTwice(on.world);
        await on.world.patch(deletion);
        await on.world.load(method, withPassword, 'root');
        await assertEmptied(on.world);
      });
    }

    it('revokes a grant by !revoke', async () => {
      await on.world.put(
        '- !group developers\n- !group employees\n- !grant { role: !group employees, member: !group developers }',
      );
      assert.deepEqual(await on.world.members('group:employees'), ['group:developers']);
      await on.world.patch('- !revoke { role: !group employees, member: !group developers }');
      assert.deepEqual(await on.world.members('group:employees'), []);
    });

    it('revokes several roles from several members', async () => {
      const [developers, employees] = ['developers', 'employees'].map((name) =>
        [1, 2, 3].map((number) => `!group ${name}${String(number)}`),
      ) as [string[], string[]];
      await on.world.put(
        [...developers, ...employees].map((group) => `- ${group}\n`).join('') +
          `- !grant { roles: [ ${employees.join(', ')} ], members: [ ${developers.join(', ')} ] }`,
      );
      await on.world.patch(
        `- !revoke { roles: [ ${employees.slice(0, 2).join(', ')} ], members: [ ${developers.slice(0, 2).join(', ')} ] }`,
      );
      assert.deepEqual(await on.world.members('group:employees1'), ['group:developers3']);
      assert.deepEqual(await on.world.members('group:employees2'), ['group:developers3']);
      assert.equal((await on.world.members('group:employees3')).length, 3);
    });

    it('takes privileges back by !deny, and leaves the others', async () => {
      await on.world.put(
        '- !variable db/password\n- !host host-01\n- !permit { role: !host host-01, privileges: [ read, execute, update ], resource: !variable db/password }',
      );
      await on.world.patch(
        '- !deny { role: !host host-01, privileges: [ update, read ], resource: !variable db/password }',
      );
      const may = async (privilege: string): Promise<boolean> =>
        (await on.world.permittedRoles(privilege, 'variable:db/password')).includes('host:host-01');
      assert.deepEqual([await may('execute'), await may('update'), await may('read')], [true, false, false]);
    });

    it('denies several roles on several resources', async () => {
      const [variables, hosts] = [
        ['address', 'username', 'password'].map((name) => `!variable db/${name}`),
        ['host-01', 'host-02', 'host-03'].map((name) => `!host ${name}`),
      ];
      await on.world.put(
        [...variables, ...hosts].map((entry) => `- ${entry}\n`).join('') +
          `- !permit { roles: [ ${hosts.join(', ')} ], privileges: [ update ], resources: [ ${variables.join(', ')} ] }`,
      );
      await on.world.patch(
        `- !deny { roles: [ ${hosts.slice(0, 2).join(', ')} ], privileges: [ update ], resources: [ ${variables.slice(0, 2).join(', ')} ] }`,
      );
      const permitted = async (name: string): Promise<readonly string[]> =>
        on.world.permits(`variable:db/${name}`);
      assert.deepEqual(await permitted('address'), ['host:host-03 update']);
      assert.deepEqual(await permitted('username'), ['host:host-03 update']);
      assert.equal((await permitted('password')).length, 3);
    });

    it('lets deletion prevail over what the same text adds', async () => {
      await on.world.patch(`
- !variable db/password
- !host host-01
- !permit { role: !host host-01, privileges: [ execute ], resource: !variable db/password }
- !deny { role: !host host-01, privileges: [ execute ], resource: !variable db/password }
`);
      assert.deepEqual(await on.world.permits('variable:db/password'), []);
      await on.world.patch(
        '- !group hosts\n- !grant { role: !host host-01, member: !group hosts }\n- !revoke { role: !host host-01, member: !group hosts }',
      );
      assert.deepEqual(await on.world.members('host:host-01'), []);
      await on.world.patch('- !variable to_be_deleted\n- !delete { record: !variable to_be_deleted }');
      assert.equal(await on.world.exists('variable:to_be_deleted'), false);
    });

    it('deletes all that is in nested policies', async () => {
      await on.world.put('- !policy { id: data, body: [] }');
      await on.world.put('- !policy { id: outer, body: [] }', 'data');
      await on.world.put('- !variable outer_secret\n- !policy { id: inner, body: [] }', 'data/outer');
      await on.world.put('- !variable inner_secret', 'data/outer/inner');
      await on.world.put('- !variable replacement', 'data');
      for (const id of ['policy:data', 'variable:data/replacement']) assert.ok(await on.world.exists(id), id);
      for (const id of [
        'policy:data/outer',
        'policy:data/outer/inner',
        'variable:data/outer/outer_secret',
        'variable:data/outer/inner/inner_secret',
      ]) {
        assert.equal(await on.world.exists(id), false, id);
      }
    });
  },
  cucumber,
);

describePolicies(
  "Conjur's scenarios: replace",
  (on) => {
    const groups = `
- !group { id: security-admin, owner: !user admin }
- !group { id: developers-admin, owner: !group security-admin }
- !group { id: developers, owner: !group developers-admin }
`;
    const users = (...names: readonly string[]): string =>
      names.map((name) => `- !user { id: ${name}, owner: !group security-admin }\n`).join('') +
      `- !grant { role: !group developers, members: [ ${names.map((name) => `!user ${name}`).join(', ')} ] }\n`;

    it('refuses a text that leaves out what the rest of it needs', async () => {
      await on.world.put(groups);
      await on.world.post(users('developer1', 'developer2'));
      const { status, code, message } = await on.world.refused('PUT', users('developer2'));
      assert.deepEqual([status, code], [422, 'policy_invalid']);
      assert.equal(message, "Group 'developers' not found in account 'cucumber'");
    });

    it('refuses a text whose owner it removes', async () => {
      await on.world.put(groups);
      assert.deepEqual(await on.world.refused('PUT', users('developer1', 'developer2')), {
        status: 422,
        code: 'policy_invalid',
        message: "Group 'security-admin' not found in account 'cucumber'",
      });
    });

    it('deletes the values of a variable that is left out', async () => {
      await setTwice(on.world);
      await on.world.put('- !policy test');
      await on.world.put(withPassword);
      await assertEmptied(on.world);
    });

    it('deletes the values of the variables of a policy that is left out', async () => {
      await setTwice(on.world);
      await on.world.put('- !policy empty');
      await on.world.put(withPassword);
      await assertEmptied(on.world);
    });

    for (const again of ['the same text', 'the same text once more, to the root'] as const) {
      it(`keeps the values of a variable that is declared again: ${again}`, async () => {
        await setTwice(on.world);
        await on.world.put(withPassword);
        assert.equal(await on.world.secret('test/db-password'), 'second');
      });
    }

    it('replaces what several loads made by all of them in one text', async () => {
      await on.world.put(groups);
      await on.world.post(users('developer1', 'developer2'));
      assert.deepEqual(await on.world.members('group:developers'), ['user:developer1', 'user:developer2']);
      await on.world.put(groups + users('developer2'));
      assert.equal(await on.world.exists('user:developer1'), false);
      assert.deepEqual(await on.world.members('group:developers'), ['user:developer2']);
    });

    it('refuses a reference to what it removes', async () => {
      const rest = (layer: string): string =>
        `- !host jenkins-ops-secrets\n${layer}- !permit { role: !host jenkins-ops-secrets, privileges: [ read, execute ], resource: !layer ops }`;
      await on.world.put(rest('- !layer ops\n'));
      assert.deepEqual(await on.world.refused('PUT', rest('')), {
        status: 422,
        code: 'policy_invalid',
        message: "Layer 'ops' not found in account 'cucumber'",
      });
    });

    for (const method of ['PATCH', 'PUT'] as const) {
      it(`takes for an owner, by ${method}, what the same text defines before it`, async () => {
        await on.world.put(
          '- !policy { id: testpolicy, body: [ !policy { id: testsubpolicy, owner: !host testhost }, !host testhost ] }',
        );
        await on.world.load(
          method,
          `
- !policy
  id: testpolicy
  body:
  - !host testhost
  - !group testgroup
  - !grant { role: !group testgroup, member: !host testhost }
  - !policy { id: testsubpolicy, owner: !group testgroup }
`,
          'root',
        );
        assert.ok(await on.world.exists('group:testpolicy/testgroup'));
        assert.equal(await on.world.owner('policy:testpolicy/testsubpolicy'), 'group:testpolicy/testgroup');
      });
    }
  },
  cucumber,
);
