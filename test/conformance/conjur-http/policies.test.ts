/** Loading policies: methods, privileges, answers and errors. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describePolicies } from '../../support/policy-world.ts';

const deletion = '- !delete { record: !user nobody }';

describePolicies('POST, PUT and PATCH /policies', (on) => {
  it('answer 201 with the users and hosts that are new, the version, and no warnings where there are none', async () => {
    const loaded = await on.world.post('- !user alice\n- !host h\n- !group g\n- !variable v\n- !layer l');
    assert.deepEqual(Object.keys(loaded).sort(), ['created_roles', 'version']);
    assert.deepEqual(Object.keys(loaded.created_roles).sort(), ['acct:host:h', 'acct:user:alice']);
    assert.equal(loaded.created_roles['acct:user:alice']?.id, 'acct:user:alice');
    assert.equal(typeof loaded.created_roles['acct:user:alice'].api_key, 'string');
    const again = await on.world.post('- !user alice');
    assert.deepEqual(again.created_roles, {});
    assert.equal(again.version, loaded.version + 1);
  });

  it('warn of every annotation that is called as an attribute, and load all the same', async () => {
    const names =
      'id owner body user annotations restricted_to permit deny role privileges resource grant revoke member host-factory layers layer variable kind mime_type delete record group host webservice';
    for (const name of names.split(' ')) {
      const { warnings } = await on.world.post(`- !group { id: g, annotations: { ${name}: x } }`);
      assert.deepEqual(warnings, [
        `Annotation '${name}' matches a known policy attribute. This annotation will not be treated as a standard attribute and may not have the intended effect.`,
      ]);
    }
    assert.equal((await on.world.post('- !group { id: g, annotations: { note: x } }')).warnings, undefined);
  });

  it('read the body as it is, whatever its type, or without one', async () => {
    const path = '/policies/acct/policy/root';
    for (const type of [
      'application/x-yaml',
      'application/json',
      'text/plain',
      'text\\plain',
      '',
      'multipart/form-data',
    ]) {
      const answer = await on.world.session.send('POST', path, Buffer.from('- !group typed'), {
        'content-type': type,
      });
      assert.equal(answer.status, 201, type);
      assert.equal(answer.headers.get('content-type'), 'application/json; charset=utf-8');
    }
    assert.equal((await on.world.session.send('POST', path, Buffer.from('- !group typed'))).status, 201);
    assert.equal((await on.world.session.send('POST', path, Buffer.from('[]'))).status, 201);
  });

  it('find the policy by its path with slashes raw or escaped, doubled, and at the end', async () => {
    await on.world.post('- !policy { id: dev, body: [ !policy db ] }');
    for (const path of ['dev/db', 'dev%2Fdb', '/dev//db/', 'dev%2Fdb/']) {
      const answer = await on.world.session.send('POST', `/policies/acct/policy/${path}`, '- !variable v');
      assert.equal(answer.status, 201, path);
    }
    assert.ok(await on.world.exists('variable:dev/db/v'));
  });

  it('answer 404 for a policy that is missing, in the words for any record', async () => {
    for (const method of ['POST', 'PUT', 'PATCH'] as const) {
      const answer = await on.world.try(method, '- !nonsense', 'no/where');
      assert.equal(answer.status, 404);
      assert.deepEqual(answer.json(), {
        error: {
          code: 'not_found',
          message: "Policy 'no/where' not found in account 'acct'",
          target: 'policy',
          details: { code: 'not_found', target: 'id', message: 'acct:policy:no/where' },
        },
      });
    }
  });

  it('have no route for other kinds, for an empty id and for DELETE', async () => {
    for (const [method, path] of [
      ['POST', '/policies/acct/group/g'],
      ['POST', '/policies/acct/policy/'],
      ['POST', '/policies/acct'],
      ['DELETE', '/policies/acct/policy/root'],
    ] as const) {
      assert.equal((await on.world.session.send(method, path, '[]')).status, 404, `${method} ${path}`);
    }
  });

  it('answer 403 without a body to who sees the policy and lacks the privilege', async () => {
    await on.world.post(
      '- !user see\n- !policy p\n- !permit { role: !user see, privilege: read, resource: !policy p }',
    );
    const see = await on.world.as('see');
    for (const method of ['POST', 'PUT', 'PATCH'] as const) {
      const answer = await on.world.try(method, '- !nonsense', 'p', see);
      assert.deepEqual([answer.status, answer.text], [403, '']);
    }
  });

  it('ask PUT for update on whatever lies below the policy, and of the root on the root alone', async () => {
    await on.world.post(`
- !user upd
- !policy { id: p, body: [ !variable v ] }
- !permit { role: !user upd, privilege: update, resource: !policy p }
- !permit { role: !user upd, privilege: update, resource: !policy root }
`);
    const upd = await on.world.as('upd');
    assert.equal((await on.world.try('PUT', '- !variable v', 'p', upd)).status, 403);
    assert.equal((await on.world.try('PATCH', '- !variable w', 'p', upd)).status, 201);
    await on.world.patch('- !permit { role: !user upd, privilege: update, resource: !variable p/v }');
    await on.world.patch('- !delete { record: !variable w }', 'p');
    assert.equal((await on.world.try('PUT', '- !variable v', 'p', upd)).status, 201);
    assert.equal((await on.world.try('PUT', '[]', 'root', upd)).status, 201);
  });

  it('answer 422 to a reference to what is missing, with nothing but the words of Conjur in the message', async () => {
    const answer = await on.world.try('POST', '- !group g\n- !grant { role: !group g, member: !user bob }');
    assert.equal(answer.status, 422);
    const { error } = answer.json() as { readonly error: Readonly<Record<string, unknown>> };
    assert.equal(error['code'], 'policy_invalid');
    assert.equal(error['message'], "User 'bob' not found in account 'acct'");
    assert.equal(error['innererror'], undefined);
  });

  it('answer 422 to what the resolver refuses, in the words of Conjur', async () => {
    for (const [text, message] of [
      ['- !permit\n  role: !user admin\n  privilege: read\n  resource:\n', 'resource has a blank id'],
      ['- !layer', 'layer has a blank id'],
      ['- !group a\n- !group a', "group 'a' is declared more than once"],
      ['- !group { id: a, owner: !group ../b }', 'Invalid relative reference: ../b'],
      ['- !delete { record: !group /a }', 'Illegal absolute id: /a'],
      ['- !policy { id: a, body: [ !host-factory h ] }', "Host factory 'a/h' does not include any layers"],
    ] as const) {
      assert.deepEqual(
        await on.world.refused('PATCH', text),
        { status: 422, code: 'policy_invalid', message },
        text,
      );
    }
  });

  it('answer 422 with line and column to what cannot be read', async () => {
    for (const [text, detail] of [
      ['- !nonsense x', "Unrecognized data type '!nonsense'"],
      ['- !user { id: a, colour: red }', "No such attribute 'colour' on type User"],
      ['- !user { id: a, restricted_to: dap.test }', "Invalid IP address or CIDR range 'dap.test'"],
      ['- !user { id: [a', 'did not find expected'],
    ] as const) {
      const answer = await on.world.try('POST', text);
      assert.equal(answer.status, 422, text);
      const { error } = answer.json() as {
        readonly error: {
          readonly code: string;
          readonly message: string;
          readonly innererror: Readonly<Record<string, unknown>>;
        };
      };
      const { code, message, innererror } = error;
      assert.deepEqual(
        [code, innererror['code'], innererror['filename']],
        ['policy_invalid', 'policy_invalid', 'policy'],
      );
      const { line, column } = innererror;
      assert.ok(
        message.startsWith(`Error at line ${String(line)}, column ${String(column)} in policy : ${detail}`),
        message,
      );
    }
  });

  it('answer 422 with the field to an empty text, and to deletions in POST', async () => {
    for (const [text, message] of [
      ['', 'is not present'],
      [deletion, 'may not contain deletion statements'],
      ['- !revoke { role: !group g, member: !user u }', 'may not contain deletion statements'],
      ['- !deny { role: !group g, privilege: x, resource: !user u }', 'may not contain deletion statements'],
    ] as const) {
      const answer = await on.world.try('POST', text);
      assert.equal(answer.status, 422);
      assert.deepEqual(answer.json(), {
        error: {
          code: 'validation_failed',
          message: `policy_text ${message}`,
          details: [{ code: 'validation_failed', target: 'policy_text', message }],
        },
      });
    }
  });

  it('take deletions of what is absent for done', async () => {
    await on.world.patch(
      `${deletion}\n- !group g\n- !revoke { role: !group g, member: !user nobody }\n- !deny { role: !group g, privilege: x, resource: !group g }`,
    );
  });

  it('tell 422 by the name that RFC 9110 gives it', async () => {
    const response = await fetch(`${on.world.session.service.url}/policies/acct/policy/root`, {
      method: 'POST',
      headers: { authorization: `Token token="${Buffer.from(on.world.session.token).toString('base64')}"` },
      body: '- !nonsense',
    });
    assert.equal(response.statusText, 'Unprocessable Content');
  });

  it('keep of each version its text, digest, loader and address, and the newest twenty', async () => {
    await on.world.post('- !policy kept');
    for (let number = 1; number <= 22; number += 1) {
      assert.equal((await on.world.post(`- !variable v${String(number)}`, 'kept')).version, number);
    }
    const numbers = Array.from({ length: 20 }, (_, index) => index + 3);
    assert.deepEqual(await on.world.versions('policy:kept'), numbers);
    const answer = await on.world.session.send('GET', '/resources/acct/policy/kept');
    const { policy_versions: versions } = answer.json() as {
      readonly policy_versions: readonly Readonly<Record<string, unknown>>[];
    };
    const newest = versions.at(-1) ?? {};
    assert.equal(newest['policy_text'], '- !variable v22');
    assert.equal(newest['policy_sha256'], createHash('sha256').update('- !variable v22').digest('hex'));
    assert.deepEqual([newest['role'], newest['id']], ['acct:user:admin', 'acct:policy:kept']);
  });

  it('number on when a policy was deleted and made again', async () => {
    await on.world.post('- !policy again');
    assert.equal((await on.world.post('[]', 'again')).version, 1);
    await on.world.patch('- !delete { record: !policy again }');
    await on.world.post('- !policy again');
    assert.deepEqual(await on.world.versions('policy:again'), []);
    assert.equal((await on.world.post('[]', 'again')).version, 2);
  });

  it('do loads to several policies at once, and answer what they cannot with 409 and when to retry', async () => {
    const branches = Array.from({ length: 6 }, (_, index) => `side-${String(index)}`);
    await on.world.post(branches.map((branch) => `- !policy ${branch}`).join('\n'));
    const answers = await Promise.all(
      branches.map((branch) => on.world.try('POST', '- !variable v', branch)),
    );
    for (const [index, answer] of answers.entries()) {
      if (answer.status === 409) assert.match(answer.headers.get('retry-after') ?? '', /^[1-8]$/);
      else assert.equal(answer.status, 201);
      const variable = `variable:${branches[index] ?? ''}/v`;
      assert.equal(await on.world.exists(variable), answer.status === 201);
    }
  });
});
