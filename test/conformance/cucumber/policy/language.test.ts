/** Conjur's scenarios of the policy suite: bulk_actions, group_members, ownership, delegation, references, scoping, keys, secrets. */
import assert from 'node:assert/strict';
import { secretPath, type Session } from '../../../support/client.ts';
import { describePolicies } from '../../../support/policy-world.ts';

describePolicies(
  "Conjur's scenarios: records and what they give",
  (on) => {
    const set = async (session: Session, variable: string): Promise<number> =>
      (await session.send('POST', secretPath(session.service, variable), 'value')).status;

    it('bulk_actions: permits a list of variables by their anchor', async () => {
      await on.world.put(`
- &variables
  - !variable aws_access_key_id
  - !variable aws_secret_access_key
- !layer &rundeck rundeck
- !permit { role: *rundeck, privilege: [ execute ], resource: *variables }
`);
      for (const variable of ['aws_access_key_id', 'aws_secret_access_key']) {
        assert.ok(
          (await on.world.permittedRoles('execute', `variable:${variable}`)).includes('layer:rundeck'),
        );
      }
    });

    it('group_members: makes groups members of a group', async () => {
      await on.world.put(
        '- !group employees\n- !group developers\n- !group operations\n- !grant { role: !group employees, members: [ !group developers, !group operations ] }',
      );
      assert.deepEqual(await on.world.members('group:employees'), ['group:developers', 'group:operations']);
    });

    it('group_members: gives a member the admin option', async () => {
      await on.world.put(
        '- !group ci\n- !group &admin ci-admin\n- !grant\n  role: !group ci\n  member: !member\n    role: *admin\n    admin: true\n',
      );
      assert.deepEqual(await on.world.members('group:ci'), ['group:ci-admin admin']);
    });

    it('ownership: makes the policy the owner of what is in it', async () => {
      await on.world.put('- !user bob\n- !policy { id: db, body: [ !variable password ] }');
      assert.equal(await on.world.owner('user:bob'), 'user:admin');
      assert.equal(await on.world.owner('variable:db/password'), 'policy:db');
    });

    it('ownership: takes another owner', async () => {
      await on.world.put(
        '- !group secrets-managers\n- !variable { id: password, owner: !group secrets-managers }',
      );
      assert.equal(await on.world.owner('variable:password'), 'group:secrets-managers');
    });

    it('policy_delegation: lets a group fill a policy below the root', async () => {
      await on.world.put(`
- !policy { id: teams, body: [ !group frontend ] }
- !policy { id: prod, body: [ !policy { id: frontend, body: [] } ] }
- !user bob
- !grant { role: !group teams/frontend, member: !user bob }
- !permit { role: !group teams/frontend, privilege: [ read, update ], resource: !policy prod/frontend }
`);
      const answer = await on.world.try(
        'PUT',
        `
- &variables
  - !variable ssl/cert
  - !variable ssl/private_key
- !layer
- !permit
  role: !layer
  privileges: [ read, execute ]
  resources: *variables
- !host 01
- !grant
  role: !layer
  member: !host 01
`,
        'prod/frontend',
        await on.world.as('bob'),
      );
      assert.equal(answer.status, 201);
      const { created_roles: created } = answer.json() as {
        readonly created_roles: Readonly<Record<string, { readonly api_key: string }>>;
      };
      await on.world.setSecret('prod/frontend/ssl/cert', 'certificate');
      const key = created['cucumber:host:prod/frontend/01']?.api_key ?? '';
      const host = await on.world.signIn('host/prod/frontend/01', key);
      assert.equal(await on.world.secret('prod/frontend/ssl/cert', host), 'certificate');
    });

    it('policy_reference: names a sibling policy by a relative path', async () => {
      await on.world.put(`
- !policy
  id: prod
  body:
  - !policy
    id: frontend
    body:
    - !layer
  - !policy
    id: database
    body:
    - !variable password
    - !permit { role: !layer ../frontend, privilege: [ read, execute ], resource: !variable password }
- !host host-01
- !grant { role: !layer prod/frontend, member: !host host-01 }
`);
      await on.world.setSecret('prod/database/password', 'shared');
      assert.equal(
        await on.world.secret('prod/database/password', await on.world.as('host/host-01')),
        'shared',
      );
    });

    it('policy_reference: does so in a load of its own', async () => {
      await on.world.put('- !policy { id: prod, body: [ !policy database, !policy frontend ] }');
      await on.world.put('- !layer', 'prod/frontend');
      await on.world.put(
        '- !variable password\n- !permit { role: !layer ../frontend, privilege: [ read, execute ], resource: !variable password }',
        'prod/database',
      );
      assert.deepEqual(await on.world.permits('variable:prod/database/password'), [
        'layer:prod/frontend execute',
        'layer:prod/frontend read',
      ]);
    });

    it('policy_scoping: puts the id of a policy before those in it', async () => {
      await on.world.put(`
- !policy
  id: jenkins/v1
  annotations: { description: Who may read what the master needs }
  body:
  - !group &users users
  - !group &admins admins
  - &variables
    - !variable private-key
    - !variable api-token
  - !permit { role: *users, privilege: [ read, execute ], resource: *variables }
  - !permit { role: *admins, privilege: [ read, execute, update ], resource: *variables }
`);
      for (const group of ['users', 'admins']) assert.ok(await on.world.exists(`group:jenkins/v1/${group}`));
      const roles = await on.world.permittedRoles('execute', 'variable:jenkins/v1/private-key');
      assert.ok(roles.includes('policy:jenkins/v1') && roles.includes('group:jenkins/v1/users'));
    });

    it('public_keys: keeps the keys of a user', async () => {
      const keys = ['ssh-rsa AAAAB3NzaC1yc2EAAA laptop', 'ssh-rsa AAAAB3NzaC1yc2EBBB workstation'];
      await on.world.put(
        `- !user\n  id: alice\n  public_keys:\n${keys.map((key) => `  - ${key}\n`).join('')}`,
      );
      for (const name of ['laptop', 'workstation']) {
        assert.ok(await on.world.exists(`public_key:user/alice/${name}`));
      }
      assert.deepEqual(await on.world.publicKeys('alice'), keys);
    });

    it('public_keys: shows the last of those with one name', async () => {
      await on.world.put(
        '- !user\n  id: alice\n  public_keys:\n  - ssh-rsa AAA1 laptop\n  - ssh-rsa AAA2 laptop\n',
      );
      assert.deepEqual(await on.world.publicKeys('alice'), ['ssh-rsa AAA2 laptop']);
    });

    it('secrets: gives the owner of a variable all there is to do with it', async () => {
      await on.world.put(
        '- !group secrets-managers\n- !user alice\n- !grant { role: !group secrets-managers, member: !user alice }\n- !variable { id: db-password, owner: !group secrets-managers }',
      );
      const alice = await on.world.as('alice');
      assert.equal(await set(alice, 'db-password'), 201);
      assert.equal(await on.world.secret('db-password', alice), 'value');
    });

    it('secrets: keeps reading and writing apart', async () => {
      await on.world.put(`
- !group fetchers
- !group updaters
- !user alice
- !user bob
- !grant { role: !group fetchers, member: !user alice }
- !grant { role: !group updaters, member: !user bob }
- !variable db-password
- !permit { role: !group fetchers, privileges: [ read, execute ], resource: !variable db-password }
- !permit { role: !group updaters, privileges: [ read, update ], resource: !variable db-password }
`);
      const [alice, bob] = [await on.world.as('alice'), await on.world.as('bob')];
      assert.equal(await set(bob, 'db-password'), 201);
      assert.equal(await on.world.secret('db-password', bob), 403);
      assert.equal(await set(alice, 'db-password'), 403);
      assert.equal(await on.world.secret('db-password', alice), 'value');
    });

    it('secrets: gives the hosts of a layer what the layer may read', async () => {
      await on.world.put(`
- !policy
  id: myapp
  body:
  - &variables
    - !variable db-password
    - !variable ssl/cert
  - !group secrets-managers
  - !layer
  - !permit
    role: !layer
    privileges: [ read, execute ]
    resources: *variables
  - !permit { role: !group secrets-managers, privileges: [ read, execute, update ], resources: *variables }
- !user alice
- !host myapp-01
- !grant { role: !layer myapp, member: !host myapp-01 }
- !grant { role: !group myapp/secrets-managers, member: !user alice }
`);
      const [alice, host] = [await on.world.as('alice'), await on.world.as('host/myapp-01')];
      assert.equal(await set(alice, 'myapp/db-password'), 201);
      assert.equal(await on.world.secret('myapp/db-password', alice), 'value');
      assert.equal(await set(host, 'myapp/db-password'), 403);
      assert.equal(await on.world.secret('myapp/db-password', host), 'value');
    });
  },
  { LATCHKEY_ACCOUNT: 'cucumber' },
);

describePolicies(
  "Conjur's scenarios: cidr_restrictions",
  (on) => {
    const both =
      '- !user { id: alice, restricted_to: 192.168.101.1 }\n- !host { id: serviceA, restricted_to: [ 192.168.0.1, 192.168.1.10/32 ] }\n';

    it('keeps addresses and ranges of users and hosts', async () => {
      await on.world.put(`${both}- !user { id: bob, restricted_to: 192.168.0.0/16 }`);
      assert.deepEqual(await on.world.restrictedTo('user:alice'), ['192.168.101.1/32']);
      assert.deepEqual(await on.world.restrictedTo('user:bob'), ['192.168.0.0/16']);
      assert.deepEqual(await on.world.restrictedTo('host:serviceA'), ['192.168.0.1/32', '192.168.1.10/32']);
    });

    for (const [title, text, message] of [
      [
        'a text that is no address',
        'an_invalid_cidr_string',
        "Invalid IP address or CIDR range 'an_invalid_cidr_string'",
      ],
      ['a domain name', 'some.company.test', "Invalid IP address or CIDR range 'some.company.test'"],
      [
        'bits to the right of the mask',
        '10.0.0.1/24',
        "Invalid IP address or CIDR range '10.0.0.1/24': Value has bits set to right of mask. Did you mean '10.0.0.0/24'",
      ],
    ] as const) {
      it(`refuses ${title}`, async () => {
        const refusal = await on.world.refused('PUT', `- !host { id: serviceA, restricted_to: ${text} }`);
        assert.deepEqual([refusal.status, refusal.code], [422, 'policy_invalid']);
        assert.ok(refusal.message.includes(message), refusal.message);
      });
    }

    it('changes them by PUT', async () => {
      for (const address of ['1.2.3.7', '1.2.3.8']) {
        await on.world.put(
          `- !policy { id: servers, body: [ !host { id: server-a, restricted_to: ${address} } ] }`,
        );
        assert.deepEqual(await on.world.restrictedTo('host:servers/server-a'), [`${address}/32`]);
      }
    });

    it('lifts them where the attribute is left out', async () => {
      await on.world.put(both);
      await on.world.put('- !user alice\n- !host serviceA');
      assert.deepEqual(await on.world.restrictedTo('user:alice'), []);
      assert.deepEqual(await on.world.restrictedTo('host:serviceA'), []);
    });

    it('adds to them by POST', async () => {
      await on.world.put(
        '- !user { id: alice, restricted_to: 192.168.101.1 }\n- !host { id: serviceA, restricted_to: 192.168.0.1 }',
      );
      await on.world.post(
        '- !user { id: alice, restricted_to: 192.168.101.2 }\n- !host { id: serviceA, restricted_to: 192.168.0.2 }',
      );
      assert.deepEqual(await on.world.restrictedTo('user:alice'), ['192.168.101.1/32', '192.168.101.2/32']);
      assert.deepEqual(await on.world.restrictedTo('host:serviceA'), ['192.168.0.1/32', '192.168.0.2/32']);
    });
  },
  { LATCHKEY_ACCOUNT: 'cucumber' },
);
