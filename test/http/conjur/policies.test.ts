import assert from 'node:assert/strict';
import { load, secretPath, setSecret, signIn, type Answer, type Session } from '../../support/client.ts';
import { describeOnStores } from '../../support/on-stores.ts';

interface PolicyError {
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly innererror?: {
      readonly code: string;
      readonly filename: string;
      readonly line: number;
      readonly column: number;
    };
    readonly details?: readonly unknown[];
  };
}

describeOnStores('loading policies', (on) => {
  let admin: Session;

  before(async () => {
    admin = await signIn(on.service);
  });

  const send = (
    session: Session,
    method: string,
    branch: string,
    text: string | Uint8Array,
  ): Promise<Answer> =>
    session.send(method, `/policies/${on.service.account}/policy/${encodeURIComponent(branch)}`, text);
  const refused = async (text: string | Uint8Array, method = 'POST'): Promise<PolicyError['error']> => {
    const answer = await send(admin, method, 'root', text);
    assert.equal(answer.status, 422, answer.text);
    return (answer.json() as PolicyError).error;
  };
  const positionOf = async (text: string): Promise<string | null> =>
    (await send(admin, 'POST', 'root', text)).headers.get('x-policy-position');
  const roleOf = (login: string): string => `${on.service.account}:user:${login}`;
  const sessionFor = async (text: string, login: string): Promise<Session> => {
    const { created_roles: created } = await load(admin, text);
    return signIn(on.service, login, created[roleOf(login)]?.api_key);
  };

  it('answers with the users and hosts that it made, and the version', async () => {
    const first = await load(
      admin,
      '- !policy { id: fresh, body: [ !user kim, !host web, !group team, !variable v ] }',
    );
    assert.deepEqual(Object.keys(first.created_roles).sort(), [
      `${on.service.account}:host:fresh/web`,
      roleOf('kim@fresh'),
    ]);
    assert.match(first.created_roles[roleOf('kim@fresh')]?.api_key ?? '', /^[a-z0-9]{41,}$/);
    const again = await load(
      admin,
      '- !policy { id: fresh, body: [ !user kim, !host web, !group team, !variable v ] }',
    );
    assert.deepEqual(again.created_roles, {});
    assert.equal(again.version, first.version + 1);
  });

  it('counts versions for each policy by itself, and not for loads that failed', async () => {
    await load(admin, '- !policy counted');
    assert.equal((await load(admin, '- !variable a', 'counted')).version, 1);
    assert.equal((await send(admin, 'POST', 'counted', '- !nonsense')).status, 422);
    assert.equal((await load(admin, '- !variable b', 'counted')).version, 2);
  });

  it('warns of annotations that look like attributes', async () => {
    const { warnings } = await load(admin, '- !variable { id: warned, annotations: { owner: me } }');
    assert.deepEqual(warnings, [
      "Annotation 'owner' matches a known policy attribute. This annotation will not be treated as a standard attribute and may not have the intended effect.",
    ]);
  });

  it('takes the text whatever its content type', async () => {
    for (const type of [
      'application/x-yaml',
      'text/plain; charset=utf-8',
      'application/x-www-form-urlencoded',
      'text\\plain',
    ]) {
      const path = `/policies/${on.service.account}/policy/root`;
      assert.equal(
        (await admin.send('POST', path, '- !group typed', { 'content-type': type })).status,
        201,
        type,
      );
    }
  });

  it('names line and column of what cannot be read', async () => {
    const error = await refused('- !user a\n- !host\n  id: h\n  colour: red\n');
    assert.equal(error.code, 'policy_invalid');
    assert.equal(error.innererror?.code, 'policy_invalid');
    assert.equal(error.innererror.filename, 'policy');
    assert.equal(error.innererror.line, 4);
    assert.equal(error.innererror.column, 3);
    assert.match(
      error.message,
      /^Error at line 4, column 3 in policy : No such attribute 'colour' on type Host/,
    );
  });

  it('names line and column of a reference to what is not there, in Conjur’s words', async () => {
    const text = '- !group g\n- !grant\n  role: !group g\n  member: !user bob\n';
    const answer = await send(admin, 'POST', 'root', text);
    assert.deepEqual(answer.json(), {
      error: { code: 'policy_invalid', message: `User 'bob' not found in account '${on.service.account}'` },
    });
    assert.equal(answer.headers.get('x-policy-position'), 'line=4, column=11');
  });

  it('points at the very reference that is missing, of those that a statement has', async () => {
    const grant = '- !user u\n- !grant\n  role: !group none\n  member: !user u\n';
    assert.equal(await positionOf(grant), 'line=3, column=9');
    const permit = '- !group g\n- !permit\n  role: !group g\n  privilege: read\n  resource: !variable none\n';
    assert.equal(await positionOf(permit), 'line=5, column=13');
    assert.equal(await positionOf(permit.replace('!group g\n  p', '!group none\n  p')), 'line=3, column=9');
  });

  it('says what to do about a fault of meaning in a header, whatever its letters', async () => {
    const answer = await send(
      admin,
      'POST',
      'root',
      '- !policy\n  id: fin\n  body:\n    - !grant { role: !group ../Größe, member: !group g }\n',
    );
    assert.deepEqual(answer.json(), {
      error: {
        code: 'policy_invalid',
        message: `Group 'fin/../Größe' not found in account '${on.service.account}'`,
      },
    });
    assert.match(decodeURI(answer.headers.get('x-policy-advice') ?? ''), /^'\.\.' is understood in an owner/);
  });

  it('applies nothing of a policy that has a fault', async () => {
    await refused('- !user ghost\n- !grant { role: !group none, member: !user ghost }');
    const { created_roles: created } = await load(admin, '- !user ghost');
    assert.ok(created[roleOf('ghost')] !== undefined);
  });

  it('refuses an empty text, and deletions in POST', async () => {
    assert.deepEqual(await refused(''), {
      code: 'validation_failed',
      message: 'policy_text is not present',
      details: [{ code: 'validation_failed', target: 'policy_text', message: 'is not present' }],
    });
    const deletion = await refused('- !delete { record: !user nobody }');
    assert.equal(deletion.code, 'validation_failed');
    assert.equal(deletion.message, 'policy_text may not contain deletion statements');
  });

  it('refuses a body above the limit and deep nesting, and is not held up by an alias bomb', async () => {
    assert.equal((await send(admin, 'POST', 'root', Buffer.alloc(33 * 1024 * 1024, '#'))).status, 413);
    const bomb = [
      '- &a [ !user x, !user y ]',
      ...Array.from({ length: 20 }, (_, index) => {
        const from = String.fromCharCode(97 + index);
        const to = String.fromCharCode(98 + index);
        return `- &${to} [ *${from}, *${from}, *${from}, *${from} ]`;
      }),
    ].join('\n');
    // Each record counts once, however often it is referred to.
    assert.equal((await send(admin, 'POST', 'root', bomb)).status, 201);
    assert.ok([422, 413].includes((await send(admin, 'POST', 'root', '['.repeat(9000))).status));
  });

  it('does not find a policy that is missing, and hides one that the caller cannot see', async () => {
    const blind = await sessionFor('- !user blind\n- !policy unseen', 'blind');
    for (const [session, branch] of [
      [admin, 'nowhere'],
      [blind, 'unseen'],
      [blind, 'nowhere'],
    ] as const) {
      const answer = await send(session, 'POST', branch, '- !nonsense');
      assert.equal(answer.status, 404);
      assert.equal(
        (answer.json() as PolicyError).error.message,
        `Policy '${branch}' not found in account '${on.service.account}'`,
      );
    }
  });

  it('asks for create to add and update to change, before it looks at the text', async () => {
    const setup = `
- !user cre
- !user upd
- !policy { id: team, body: [ !policy { id: db, body: [ !variable a ] } ] }
- !permit { role: !user cre, privilege: create, resource: !policy team/db }
- !permit { role: !user upd, privilege: update, resource: !policy team/db }
`;
    const { created_roles: created } = await load(admin, setup);
    const cre = await signIn(on.service, 'cre', created[roleOf('cre')]?.api_key);
    const upd = await signIn(on.service, 'upd', created[roleOf('upd')]?.api_key);
    assert.equal((await send(cre, 'POST', 'team/db', '- !variable b')).status, 201);
    assert.equal((await send(cre, 'PATCH', 'team/db', '- !variable b')).status, 403);
    assert.equal((await send(upd, 'PATCH', 'team/db', '- !variable b')).status, 201);
    assert.equal((await send(upd, 'POST', 'team/db', '- !nonsense')).status, 403);
    assert.equal((await send(upd, 'PUT', 'team/db', '- !variable b')).status, 403);
    assert.equal((await send(cre, 'POST', 'team', '- !variable b')).status, 404);
  });

  it('replaces what the policy defined before, with its secrets and keys, and keeps what it still names', async () => {
    await load(admin, '- !policy swap');
    const { created_roles: created } = await load(
      admin,
      '- !user kept\n- !user gone\n- !variable stay\n- !variable leave',
      'swap',
    );
    await setSecret(admin, 'swap/stay', 'still here');
    await setSecret(admin, 'swap/leave', 'lost');
    await load(admin, '- !user kept\n- !variable stay', 'swap', 'PUT');
    assert.equal((await admin.send('GET', secretPath(on.service, 'swap/stay'))).text, 'still here');
    assert.equal((await admin.send('GET', secretPath(on.service, 'swap/leave'))).status, 404);
    await signIn(on.service, 'kept@swap', created[roleOf('kept@swap')]?.api_key);
    await assert.rejects(signIn(on.service, 'gone@swap', created[roleOf('gone@swap')]?.api_key));
    const { created_roles: anew } = await load(admin, '- !user gone', 'swap');
    assert.notEqual(anew[roleOf('gone@swap')]?.api_key, created[roleOf('gone@swap')]?.api_key);
  });

  it('gives and takes a privilege with the very next request', async () => {
    const reader = await sessionFor('- !user reader\n- !variable shared', 'reader');
    await setSecret(admin, 'shared', 'value');
    const read = (): Promise<Answer> => reader.send('GET', secretPath(on.service, 'shared'));
    assert.equal((await read()).status, 404);
    await load(
      admin,
      '- !permit { role: !user reader, privileges: [ read, execute ], resource: !variable shared }',
    );
    assert.equal((await read()).status, 200);
    await load(
      admin,
      '- !deny { role: !user reader, privilege: execute, resource: !variable shared }',
      'root',
      'PATCH',
    );
    assert.equal((await read()).status, 403);
  });

  it('restricts, widens and clears the addresses of a host', async () => {
    const { created_roles: created } = await load(
      admin,
      '- !host { id: fenced, restricted_to: 198.51.100.1 }',
    );
    const key = created[`${on.service.account}:host:fenced`]?.api_key ?? '';
    await assert.rejects(signIn(on.service, 'host/fenced', key));
    await load(admin, '- !host { id: fenced, restricted_to: 127.0.0.0/8 }');
    await signIn(on.service, 'host/fenced', key);
    await load(admin, '- !host { id: fenced, restricted_to: 203.0.113.0/24 }', 'root', 'PATCH');
    await assert.rejects(signIn(on.service, 'host/fenced', key));
    await load(admin, '- !host fenced', 'root', 'PATCH');
    await signIn(on.service, 'host/fenced', key);
  });

  it('stores public keys as secrets of their own', async () => {
    await load(admin, '- !user { id: keyed, public_keys: [ "ssh-ed25519 AAAAC3Nz laptop" ] }');
    const answer = await admin.send(
      'POST',
      `/secrets/${on.service.account}/public_key/user/keyed/laptop`,
      'not a key',
    );
    assert.equal(answer.status, 422);
    assert.equal((answer.json() as PolicyError).error.message, 'Invalid public key format');
    const good = await admin.send(
      'POST',
      `/secrets/${on.service.account}/public_key/user/keyed/laptop`,
      'ssh-rsa AAAAB3Nz me',
    );
    assert.equal(good.status, 201);
  });

  it('takes loads to several policies at once, and loses none of them', async () => {
    await load(
      admin,
      Array.from({ length: 8 }, (_, index) => `- !policy at-once-${String(index)}`).join('\n'),
    );
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        send(admin, 'POST', `at-once-${String(index)}`, '- !variable v'),
      ),
    );
    for (const answer of answers) {
      assert.ok(answer.status === 201 || answer.status === 409, answer.text);
      if (answer.status === 409) assert.match(answer.headers.get('retry-after') ?? '', /^[1-8]$/);
    }
    for (const [index, answer] of answers.entries()) {
      const set = await admin.send('POST', secretPath(on.service, `at-once-${String(index)}/v`), 'x');
      assert.equal(set.status, answer.status === 201 ? 201 : 404);
    }
  });

  it('never mistakes a dry run for a load', async () => {
    const path = `/policies/${on.service.account}/policy/root?dryRun=%20True`;
    const answer = await admin.send('POST', path, '- !variable only-asked');
    assert.equal(answer.status, 200);
    const twice = await admin.send(
      'POST',
      path.replace('%20True', 'no&dryRun=true'),
      '- !variable only-asked',
    );
    assert.equal(twice.status, 200);
    assert.equal((await admin.send('POST', secretPath(on.service, 'only-asked'), 'x')).status, 404);
    assert.equal((await admin.send('POST', path.replace('%20True', 'no'), '- !variable really')).status, 201);
  });

  it('answers HEAD as GET, without a body', async () => {
    const path = `/policies/${on.service.account}/policy/root`;
    const [get, head] = [await admin.send('GET', path), await admin.send('HEAD', path)];
    assert.deepEqual([head.status, head.text], [200, '']);
    for (const name of ['content-type', 'content-length']) {
      assert.equal(head.headers.get(name), get.headers.get(name));
    }
    assert.equal((await admin.send('HEAD', `${path}?depth=65`)).status, 400);
  });

  it('records what it added and removed, and a load that failed', async () => {
    await load(admin, '- !user recorded');
    await load(admin, '- !delete { record: !user recorded }', 'root', 'PATCH');
    await refused('- !nonsense');
    const lines = await on.service.auditLines();
    const role = roleOf('recorded');
    assert.ok(
      lines.some((line) => line.includes(`added role ${role}`)),
      'added',
    );
    assert.ok(
      lines.some((line) => line.includes(`removed role ${role}`)),
      'removed',
    );
    assert.ok(
      lines.some((line) => line.includes('result="failure"') && line.includes('Unrecognized data type')),
      'failed',
    );
  });
});
