/** The worked examples of the policy language, first part: what a text means. */
import assert from 'node:assert/strict';
import { describePolicies } from '../../support/policy-world.ts';

describePolicies('worked examples of ids, references and records', (on) => {
  it('E1: names what is in nested policies by its path, and users by an address', async () => {
    const { created_roles: created } = await on.world.post(`
- !policy
  id: shop
  body:
  - !policy
    id: eu/web
    body: [ !layer "", !host node1, !user kim, !variable db/pw ]
`);
    assert.deepEqual(Object.keys(created).sort(), [
      'acct:host:shop/eu/web/node1',
      'acct:user:kim@shop-eu-web',
    ]);
    assert.equal(await on.world.owner('policy:shop'), 'user:admin');
    assert.equal(await on.world.owner('policy:shop/eu/web'), 'policy:shop');
    for (const id of [
      'layer:shop/eu/web',
      'host:shop/eu/web/node1',
      'user:kim@shop-eu-web',
      'variable:shop/eu/web/db/pw',
    ]) {
      assert.equal(await on.world.owner(id), 'policy:shop/eu/web', id);
      assert.equal(await on.world.definedBy(id), 'policy:root', id);
    }
  });

  it('E2: reads a text for a branch as the body of that branch, which itself stays as it is', async () => {
    await on.world.post('- !policy shop2');
    const { version } = await on.world.post(
      '- !user kim\n- !group ops\n- !variable { id: tls, owner: !group ops }\n',
      'shop2',
    );
    assert.equal(version, 1);
    assert.equal(await on.world.owner('user:kim@shop2'), 'policy:shop2');
    assert.equal(await on.world.owner('group:shop2/ops'), 'policy:shop2');
    assert.equal(await on.world.owner('variable:shop2/tls'), 'group:shop2/ops');
    assert.equal(await on.world.definedBy('variable:shop2/tls'), 'policy:shop2');
    assert.equal(await on.world.definedBy('policy:shop2'), 'policy:root');
    assert.equal(await on.world.owner('policy:shop2'), 'user:admin');
  });

  it('E3: turns the path of a user into an address, and leaves an at sign alone', async () => {
    await on.world.post(
      '- !user lee\n- !user team/lee\n- !user lee@corp.test\n- !policy { id: hr, body: [ !user lee@corp.test ] }',
    );
    for (const user of ['lee', 'lee@team', 'lee@corp.test', 'lee@corp.test@hr']) {
      assert.ok(await on.world.exists(`user:${user}`), user);
    }
  });

  it('E4: takes absolute and relative ids for owners and for the role of a permission', async () => {
    await on.world.post(`
- !group auditors
- !policy
  id: fin
  body:
  - !group clerks
  - !policy
    id: ledger
    owner: !group ../fin/clerks
    body:
    - !variable key
    - !permit { role: !group /auditors, privilege: read, resource: !variable key }
    - !permit { role: !group ../clerks, privileges: [ read, execute ], resource: !variable key }
`);
    assert.equal(await on.world.owner('policy:fin/ledger'), 'group:fin/clerks');
    assert.deepEqual(await on.world.permits('variable:fin/ledger/key'), [
      'group:auditors read',
      'group:fin/clerks execute',
      'group:fin/clerks read',
    ]);
  });

  it('E5: refuses to define, grant or permit what is outside of the branch', async () => {
    await on.world.post('- !group top\n- !policy fin');
    for (const [text, message] of [
      [
        '- !permit { role: !group /top, privilege: read, resource: !group /top }',
        'Illegal absolute id: /top',
      ],
      ['- !grant { role: !group /top, member: !group g }', 'Illegal absolute id: /top'],
      ['- !host /h', 'Illegal absolute id: /h'],
      ['- !user ../u', 'Invalid relative reference: fin/../u'],
      // Conjur takes these two for the ids that they are as text.
      ['- !host ../h', 'Invalid relative reference: fin/../h'],
      ['- !user /u', 'Illegal absolute id: /u'],
    ] as const) {
      assert.deepEqual(await on.world.refused('POST', text, 'fin'), {
        status: 422,
        code: 'policy_invalid',
        message,
      });
    }
    const { message } = await on.world.refused(
      'POST',
      '- !grant { role: !group ../top, member: !group g }',
      'fin',
    );
    assert.match(message, /fin\/\.\.\/top/);
  });

  it('E6: keeps for an alias the id that the record has where it stands first', async () => {
    await on.world.post(`
- !group &crew crew
- !policy
  id: dock
  body:
  - !variable crane
  - !permit { role: *crew, privilege: read, resource: !variable crane }
`);
    assert.deepEqual(await on.world.permits('variable:dock/crane'), ['group:crew read']);
  });

  it('E7: defines an anchored list where it stands, and lets blank ids stand for the policy', async () => {
    await on.world.post(`
- !policy
  id: app
  body:
  - &secrets
    - !variable a
    - !variable b
  - !layer
  - !permit { role: !layer "", privileges: [ read, execute ], resources: *secrets }
`);
    for (const variable of ['variable:app/a', 'variable:app/b']) {
      assert.deepEqual(await on.world.permits(variable), ['layer:app execute', 'layer:app read']);
    }
  });

  it('E8: refuses an alias of what comes later, where Conjur passes over it', async () => {
    for (const members of ['member: *late', 'members: [ *late ]']) {
      const { status, message } = await on.world.refused(
        'POST',
        `- !group g\n- !grant { role: !group g, ${members} }\n- !user &late zoe`,
      );
      assert.equal(status, 422);
      assert.match(message, /Unknown alias 'late'/);
    }
  });

  it('E28: keeps attributes as annotations, those that are written out winning, and types as Conjur reads them', async () => {
    await on.world.post(`
- !variable
  id: v
  kind: password
  mime_type: text/plain
  annotations: { conjur/kind: pin, ttl: 010, on: yes }
`);
    assert.deepEqual(await on.world.notes('variable:v'), {
      'conjur/kind': 'pin',
      'conjur/mime_type': 'text/plain',
      ttl: '8',
      true: 'true',
    });
  });

  it('E29: takes an id that looks like a number behind its tag, and in quotes', async () => {
    await on.world.post('- !host 443');
    const { status, code, message } = await on.world.refused('POST', '- !host\n  id: 443');
    assert.deepEqual([status, code], [422, 'policy_invalid']);
    assert.match(
      message,
      /^Error at line 2, column \d+ in policy : Expected a string for field 'id', got Integer/,
    );
    assert.deepEqual((await on.world.post('- !host { id: "443" }')).created_roles, {});
  });

  it('E34: makes a relative path in an annotation absolute, and leaves an address as it is', async () => {
    await on.world.post(`
- !policy
  id: app
  body:
  - !webservice
    id: api
    annotations: { peer: ../web, link: "https://x.test/a/../b" }
`);
    assert.deepEqual(await on.world.notes('webservice:app/api'), {
      peer: 'app/web',
      link: 'https://x.test/a/../b',
    });
  });

  it('E35: makes roles and resources of any kind, and takes any text for a privilege', async () => {
    await on.world.post(`
- !user eve
- !role { kind: robot, id: r1 }
- !resource { kind: configuration, id: l1, annotations: { watt: 5 } }
- !permit
  role: !role { kind: robot, id: r1 }
  privilege: switch on
  resource: !resource { kind: configuration, id: l1 }
`);
    assert.equal(await on.world.owner('configuration:l1'), 'user:admin');
    assert.deepEqual(await on.world.notes('configuration:l1'), { watt: '5' });
    assert.deepEqual(await on.world.permits('configuration:l1'), ['robot:r1 switch on']);
  });

  it('E39: takes a list at the column of the dash for statements beside the policy', async () => {
    const { warnings } = await on.world.post('- !policy\n  id: okta\n  body:\n- !variable provider-uri\n');
    assert.ok(await on.world.exists('policy:okta'));
    assert.ok(await on.world.exists('variable:provider-uri'));
    assert.match(warnings?.[0] ?? '', /^Policy 'okta' \(line 1\) has nothing below 'body:'/);
  });

  it('E40: refuses a list that has become part of the id, where Conjur takes it for the id', async () => {
    const { status, message } = await on.world.refused('POST', '- !policy\n  id: okta\n    - !webservice\n');
    assert.equal(status, 422);
    assert.match(message, /runs on into the text behind it/);
  });
});
