/** Reading a policy back as it is in effect. */
import assert from 'node:assert/strict';
import { describePolicies } from '../../support/policy-world.ts';

const policy = `
- !user ann
- !policy
  id: app
  owner: !user ann
  annotations: { team: one }
  body:
  - !group users
  - !user bob
  - !variable { id: db/password, kind: password }
  - !policy { id: inner, body: [ !host h ] }
  - !permit { role: !group users, privileges: [ read, execute ], resource: !variable db/password }
  - !permit { role: !user /ann, privilege: use, resource: !policy inner }
  - !grant { role: !group users, members: [ !user bob, !host inner/h ] }
`;

describePolicies('GET /policies', (on) => {
  it('answers YAML, whatever the client accepts, and says so', async () => {
    await on.world.post(policy);
    const answer = await on.world.fetch('app', '', { accept: 'application/json' });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('content-type'), 'application/x-yaml; charset=utf-8');
    assert.equal(
      answer.text,
      `---
- !policy
  id: app
  owner: !user /ann
  annotations:
    team: one
  body:
  - !user bob
  - !policy
    id: inner
    body:
    - !host h
  - !variable
    id: db/password
    kind: password
  - !group users
  - !grant
    role: !group users
    members:
    - !host /app/inner/h
    - !user /app/bob
  - !permit
    role: !user /ann
    privileges: [use]
    resource: !policy inner
  - !permit
    role: !group users
    privileges: [execute, read]
    resource: !variable db/password
`,
    );
  });

  it('answers JSON to a request of exactly that type', async () => {
    await on.world.post(
      '- !policy { id: outer, body: [ !group g, !permit { role: !group g, privileges: [ read, execute ], resource: !policy inner }, !policy inner ] }',
    );
    const answer = await on.world.fetch('outer', '', { 'content-type': 'application/json' });
    assert.equal(answer.headers.get('content-type'), 'application/json; charset=utf-8');
    assert.equal(
      answer.text,
      '[{"policy":{"id":"outer","body":[{"group":{"id":"g"}},{"policy":{"id":"inner","body":[]}},{"permit":{"role":{"group":"g"},"privileges":["execute","read"],"resource":{"policy":"inner"}}}]}}]',
    );
    for (const type of ['application/json; charset=utf-8', 'text/plain', 'text\\plain']) {
      const other = await on.world.fetch('outer', '', { 'content-type': type });
      assert.match(other.text, /^---\n/, type);
    }
  });

  it('lists the statements of the root, which is no statement itself', async () => {
    await on.world.post('- !variable v\n- !user u');
    assert.equal((await on.world.fetch()).text, '---\n- !user u\n- !variable v\n');
    await on.world.put('[]');
    assert.equal((await on.world.fetch()).text, '--- []\n');
    assert.equal((await on.world.fetch('root', '', { 'content-type': 'application/json' })).text, '[]');
  });

  it('is for who holds the owner: 403 without a body to others who see the policy, 404 to the rest', async () => {
    await on.world.post(
      `${policy}- !user see\n- !permit { role: !user see, privileges: [ read, create, update ], resource: !policy app }`,
    );
    const path = '/policies/acct/policy/app';
    const status = async (login: string, of = path): Promise<unknown> => {
      const answer = await (await on.world.as(login)).send('GET', of);
      return answer.status === 200 || answer.status === 404 ? answer.status : [answer.status, answer.text];
    };
    assert.equal(await status('ann'), 200);
    assert.deepEqual(await status('see'), [403, '']);
    assert.equal(await status('bob@app'), 404);
    assert.equal(await status('ann', '/policies/acct/policy/root'), 404);
    assert.equal(await status('ann', '/policies/acct/policy/none'), 404);
    const missing = await on.world.fetch('none');
    assert.match(missing.text, /"code":"not_found","message":"Policy 'none' not found in account 'acct'"/);
  });

  it('shows a holder of the owner only what he may see', async () => {
    await on.world.post(
      '- !user ann\n- !group far\n- !policy { id: p, owner: !user ann, body: [ !variable v ] }\n- !variable { id: p/w, owner: !group far }',
    );
    const answer = await (await on.world.as('ann')).send('GET', '/policies/acct/policy/p');
    assert.match(answer.text, /!variable v/);
    assert.doesNotMatch(answer.text, /!variable w/);
  });

  it('goes as deep as depth says, counted in slashes, with one more for users', async () => {
    await on.world.post(
      '- !policy { id: a, body: [ !user u, !policy { id: b, body: [ !user w, !variable c/d ] } ] }',
    );
    assert.equal(
      (await on.world.fetch('a', '?depth=0')).text,
      '---\n- !policy\n  id: a\n  body:\n  - !user u\n',
    );
    assert.doesNotMatch((await on.world.fetch('a', '?depth=2')).text, /c\/d/);
    assert.match((await on.world.fetch('a', '?depth=3')).text, /c\/d/);
    assert.match((await on.world.fetch('a', '?depth=%2B64')).text, /c\/d/);
  });

  it('answers 400 without a body to a depth or limit that is no number in its bounds', async () => {
    await on.world.post('- !policy p');
    for (const query of [
      'depth=65',
      'depth=-1',
      'depth=x',
      'depth=',
      'depth=1.5',
      'limit=100001',
      'limit=-1',
      'limit=x',
    ]) {
      const answer = await on.world.fetch('p', `?${query}`);
      assert.deepEqual([answer.status, answer.text], [400, ''], query);
    }
    assert.equal((await on.world.fetch('p', '?depth=64&limit=100000')).status, 200);
    assert.equal((await on.world.fetch('p', '?depth=0;limit=1')).status, 200);
  });

  it('answers 422 to more than limit allows: resources but users, annotations and permissions', async () => {
    await on.world.post(policy);
    // Two policies, a group, a variable and a host; two annotations; three permissions.
    assert.equal((await on.world.fetch('app', '?limit=10')).status, 200);
    const answer = await on.world.fetch('app', '?limit=9');
    assert.equal(answer.status, 422);
    assert.deepEqual(answer.json(), {
      error: {
        code: 'unprocessable_entity',
        message: "CONJ00164E Policy max allowed 'limit' = 9 exceeded. Value for policy is: 10",
      },
    });
  });

  it('leaves out secrets, keys and public keys', async () => {
    await on.world.post('- !user { id: u, public_keys: [ ssh-rsa AAA laptop ] }\n- !variable v');
    await on.world.setSecret('v', 'hush');
    const { text } = await on.world.fetch();
    assert.equal(text, '---\n- !user u\n- !variable v\n');
  });

  it('tells policies with characters that patterns give a meaning apart', async () => {
    await on.world.post(
      '- !policy { id: a+, body: [ !variable v ] }\n- !policy { id: aa, body: [ !variable w ] }\n- !policy { id: a%, body: [ !variable x ] }',
    );
    const answer = await on.world.session.send('GET', '/policies/acct/policy/a%2B');
    assert.equal(answer.text, '---\n- !policy\n  id: a+\n  body:\n  - !variable v\n');
  });

  it('is loaded again by every method, and then is what it was', async () => {
    await on.world.post(policy);
    const { text } = await on.world.fetch();
    for (const method of ['PUT', 'PATCH', 'POST'] as const) {
      await on.world.load(method, text, 'root');
      assert.equal((await on.world.fetch()).text, text);
    }
    await on.world.put('[]');
    await on.world.post(text);
    assert.equal((await on.world.fetch()).text, text);
  });

  it('leaves a record of what was asked for, and of a refusal', async () => {
    await on.world.post('- !policy p');
    const [read = '', refused = ''] = await on.world.recordsOf(async () => {
      await on.world.fetch('p', '?depth=3&limit=7');
      await on.world.fetch('p', '?depth=x');
    });
    assert.match(
      read,
      /\[subject@43868 account="acct" identifier="p" depth="3" limit="7" role_id="acct:user:admin"\]\[client@43868 ip="127\.0\.0\.1"\]\[action@43868 result="success" operation="read"\] acct:user:admin readed \{:account=>"acct", :identifier=>"p", :depth=>"3", :limit=>"7", :role_id=>"acct:user:admin"\}$/,
    );
    assert.match(
      refused,
      /result="failure" operation="read"\] Failed to load policy: CONJ00163E Param 'depth'/,
    );
  });
});
