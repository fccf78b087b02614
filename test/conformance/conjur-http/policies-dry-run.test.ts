/** Dry runs: what a load would do, without doing it. */
import assert from 'node:assert/strict';
import type { Answer } from '../../support/client.ts';
import { describePolicies } from '../../support/policy-world.ts';

interface Told {
  readonly status: string;
  readonly created: { readonly items: readonly Readonly<Record<string, unknown>>[] };
  readonly updated: Readonly<
    Record<'before' | 'after', { readonly items: readonly Readonly<Record<string, unknown>>[] }>
  >;
  readonly deleted: { readonly items: readonly Readonly<Record<string, unknown>>[] };
  readonly warnings?: readonly string[];
}

const told = (answer: Answer): Told => answer.json() as Told;
const idsOf = ({ items }: Told['created']): readonly unknown[] => items.map(({ identifier }) => identifier);

describePolicies('?dryRun=true', (on) => {
  const methods = ['POST', 'PATCH', 'PUT'] as const;

  it('answers 200 and changes nothing, by any method', async () => {
    await on.world.post('- !policy { id: p, body: [ !variable v ] }');
    for (const method of methods) {
      const answer = await on.world.dryRun(method, '- !variable w\n- !user u', 'p');
      assert.equal(answer.status, 200, answer.text);
      assert.deepEqual(Object.keys(told(answer)), ['status', 'created', 'updated', 'deleted']);
      assert.equal(told(answer).status, 'Valid YAML');
    }
    assert.ok(await on.world.exists('variable:p/v'));
    assert.equal(await on.world.exists('variable:p/w'), false);
    assert.equal((await on.world.post('[]', 'p')).version, 1, 'no version was used');
  });

  it('is asked for by the word true in any case and with blanks, and by nothing else', async () => {
    const path = '/policies/acct/policy/root?dryRun=';
    for (const value of ['true', 'TRUE', '%20true%20', 'tRuE', 'x&dryRun=true', 'x;dryRun=true']) {
      assert.equal((await on.world.session.send('POST', path + value, '- !group g')).status, 200, value);
    }
    for (const value of ['', 'yes', '1', 'false', 'true&dryRun=no']) {
      assert.equal((await on.world.session.send('POST', path + value, '- !group g')).status, 201, value);
    }
  });

  it('tells a new user with all that there is to a role, in Conjur’s order, and the policy that now holds it', async () => {
    await on.world.post('- !policy p');
    const answer = await on.world.dryRun(
      'POST',
      '- !user { id: bob, restricted_to: 127.0.0.1, annotations: { a: b } }',
      'p',
    );
    const policy = {
      identifier: 'acct:policy:p',
      id: 'p',
      type: 'policy',
      owner: 'acct:user:admin',
      policy: 'acct:policy:root',
      permissions: {},
      annotations: {},
      members: ['acct:user:admin'],
      memberships: [],
      restricted_to: [],
    };
    const bob = {
      identifier: 'acct:user:bob@p',
      id: 'bob@p',
      type: 'user',
      owner: 'acct:policy:p',
      policy: 'acct:policy:p',
      permissions: {},
      annotations: { a: 'b' },
      members: ['acct:policy:p'],
      memberships: [],
      restricted_to: ['127.0.0.1/32'],
    };
    const expected = {
      status: 'Valid YAML',
      created: { items: [bob] },
      updated: {
        before: { items: [policy] },
        after: { items: [{ ...policy, memberships: ['acct:user:bob@p'] }] },
      },
      deleted: { items: [] },
    };
    assert.equal(answer.text, JSON.stringify(expected));
  });

  it('tells a new variable with all that there is to a resource, and nothing else', async () => {
    await on.world.post('- !policy { id: p, body: [ !group g ] }');
    const answer = await on.world.dryRun('POST', '- !variable { id: v, kind: password }', 'p');
    const item = {
      identifier: 'acct:variable:p/v',
      id: 'p/v',
      type: 'variable',
      owner: 'acct:policy:p',
      policy: 'acct:policy:p',
      permitted: {},
      annotations: { 'conjur/kind': 'password' },
    };
    const nothing = { items: [] };
    assert.equal(
      answer.text,
      JSON.stringify({
        status: 'Valid YAML',
        created: { items: [item] },
        updated: { before: nothing, after: nothing },
        deleted: nothing,
      }),
    );
  });

  it('lists permissions by privilege, on the side of the role and of the resource', async () => {
    await on.world.post('- !group g\n- !variable v\n- !variable w');
    const { updated } = told(
      await on.world.dryRun(
        'POST',
        '- !permit { role: !group g, privileges: [ read, execute ], resources: [ !variable w, !variable v ] }',
      ),
    );
    const [group, v] = updated.after.items;
    const both = ['acct:variable:v', 'acct:variable:w'];
    assert.deepEqual(group?.['permissions'], { execute: both, read: both });
    assert.deepEqual(v?.['permitted'], { execute: ['acct:group:g'], read: ['acct:group:g'] });
    assert.deepEqual(updated.before.items[0]?.['permissions'], {});
  });

  it('tells what PATCH deletes and PUT leaves out as it is now', async () => {
    await on.world.post('- !group g\n- !variable { id: v, annotations: { a: b } }\n- !webservice w');
    const patched = told(await on.world.dryRun('PATCH', '- !delete { record: !variable v }'));
    assert.deepEqual(idsOf(patched.deleted), ['acct:variable:v']);
    assert.deepEqual(patched.deleted.items[0]?.['annotations'], { a: 'b' });
    const replaced = told(await on.world.dryRun('PUT', '- !group h'));
    assert.deepEqual(idsOf(replaced.created), ['acct:group:h']);
    assert.deepEqual(idsOf(replaced.deleted), ['acct:group:g', 'acct:variable:v', 'acct:webservice:w']);
  });

  it('tells nothing of other kinds', async () => {
    const answer = await on.world.dryRun(
      'POST',
      '- !layer l\n- !host-factory { id: f, layers: [ !layer l ] }\n- !resource { kind: lamp, id: x }\n- !user { id: u, public_keys: [ a b c ] }',
    );
    assert.deepEqual(idsOf(told(answer).created), ['acct:layer:l', 'acct:user:u']);
  });

  it('carries warnings as a load does', async () => {
    const answer = await on.world.dryRun('POST', '- !group { id: g, annotations: { owner: x } }');
    assert.equal(told(answer).warnings?.length, 1);
  });

  it('redacts what the caller may not see: ids in other items, and all but id and type of an item', async () => {
    await on.world.post(`
- !user eve
- !group unseen
- !policy { id: p, body: [ !variable v, !variable w ] }
- !permit { role: !user eve, privilege: create, resource: !policy p }
- !permit { role: !group unseen, privilege: read, resource: !variable p/v }
`);
    const answer = await on.world.dryRun(
      'POST',
      '- !permit { role: !user /eve, privilege: read, resource: !variable v }',
      'p',
      await on.world.as('eve'),
    );
    const { before, after } = told(answer).updated;
    assert.deepEqual(before.items.at(-1), { identifier: 'acct:variable:p/v', type: 'variable' });
    const seen = after.items.at(-1);
    assert.equal(seen?.['owner'], 'acct:policy:p');
    assert.equal(seen['policy'], 'acct:policy:[REDACTED]');
    assert.deepEqual(seen['permitted'], { read: ['acct:group:[REDACTED]', 'acct:user:[REDACTED]'] });
  });

  it('asks for the same privileges as the load, and hides the same policies', async () => {
    await on.world.post(
      '- !user see\n- !policy p\n- !policy q\n- !permit { role: !user see, privilege: read, resource: !policy p }',
    );
    const see = await on.world.as('see');
    for (const method of methods) {
      const seen = await on.world.dryRun(method, '- !nonsense', 'p', see);
      assert.deepEqual([seen.status, seen.text], [403, '']);
      assert.equal((await on.world.dryRun(method, '- !nonsense', 'q', see)).status, 404);
      assert.equal((await on.world.dryRun(method, '- !nonsense', 'none')).status, 404);
    }
  });

  it('answers 422 with line, column, advice and the lines at fault to what cannot be read', async () => {
    for (const [text, line, message] of [
      [
        '- !user a\n- !nonsense x',
        2,
        /^Unrecognized data type '!nonsense'\n.*!delete, !deny, !grant, !group, !host, !host-factory, !layer, !permit, !policy, .*!revoke, .*!user, !variable, !webservice/,
      ],
      ['hello', 1, /^Unexpected scalar\nPlease check the syntax for defining a new node\.$/],
      [
        '- !host { id: h, restricted_to: x.test }',
        1,
        /^Invalid IP address or CIDR range 'x\.test'\nMake sure your address or range is in the correct format \(e\.g\. 192\.168\.1\.0 or 192\.168\.1\.0\/16\)$/,
      ],
      [
        '- !host { id: h, restricted_to: 10.0.0.1/24 }',
        1,
        /^Invalid IP address or CIDR range '10\.0\.0\.1\/24': Value has bits set to right of mask\. Did you mean '10\.0\.0\.0\/24'\?\n/,
      ],
      [
        '- !grant\n  role: !group g\n  members: - !user a',
        3,
        /^block sequence entries are not allowed in this context\nThis error can occur when you have an unnecessary '-' at the beginning of a line$/,
      ],
      [
        '- !user a\n-!group x\n',
        2,
        /^could not find expected ':' while scanning a simple key\nThis error can occur when you have a missing ':' or missing space after ':'$/,
      ],
      [
        '- !!str, x',
        1,
        /^did not find expected whitespace or line break while scanning a tag\nOnly one node can be defined per line\.$/,
      ],
      ['- !user a\n\t- !user b', 2, /\nYou must use spaces for indentation, not tabs\.$/],
      ['- !user { id: a, colour: red }', 1, /^No such attribute 'colour' on type User\n/],
    ] as const) {
      const answer = await on.world.dryRun('POST', text);
      assert.equal(answer.status, 422, text);
      const { status, errors } = answer.json() as {
        readonly status: string;
        readonly errors: readonly {
          readonly line: number;
          readonly column: number;
          readonly message: string;
          readonly context: unknown;
        }[];
      };
      assert.equal(status, 'Invalid YAML');
      assert.equal(errors.length, 1);
      const [error] = errors;
      assert.equal(error?.line, line, text);
      assert.ok(error.column >= 1);
      assert.match(error.message, message);
      assert.deepEqual(error.context, { policy_id: 'root', offending_lines: [line] });
    }
  });

  it('answers 422 without a line to what means nothing, and says beside it where that is', async () => {
    await on.world.post('- !policy p');
    for (const [text, problem, advice] of [
      ['- !grant { role: !group g, member: !user u }', "Group 'p/g' not found in account 'acct'", ''],
      [
        '- !policy { id: q, body: [ !group a, !group a ] }',
        "group 'p/q/a' is declared more than once",
        undefined,
      ],
      [
        '- !group { id: c, owner: !group d }\n- !group { id: d, owner: !group c }',
        "Dependency cycle encountered between group 'p/c' and group 'p/d'",
        'Try redefining one or both.',
      ],
      ['', 'policy_text is not present', ''],
      ['- !delete { record: !user u }', 'policy_text may not contain deletion statements', ''],
    ] as const) {
      const answer = await on.world.dryRun('POST', text, 'p');
      assert.equal(answer.status, 422, text);
      const [error] = (
        answer.json() as {
          readonly errors: readonly {
            readonly line: null;
            readonly column: null;
            readonly message: string;
            readonly context: { readonly policy_id: string; readonly offending_lines: readonly number[] };
          }[];
        }
      ).errors;
      assert.ok(error !== undefined);
      assert.deepEqual([error.line, error.column], [null, null]);
      assert.equal(error.message.split('\n')[0], problem);
      if (advice !== undefined) assert.equal(error.message, `${problem}\n${advice}`);
      assert.deepEqual([error.context.policy_id, error.context.offending_lines], ['p', []]);
    }
    const blank = await on.world.dryRun('POST', '- !layer');
    assert.match(blank.text, /layer has a blank id\\nEach resource must be identified using the 'id' field/);
  });

  it('leaves a record of what was tried, and of what failed', async () => {
    const [tried = '', failed = ''] = await on.world.recordsOf(async () => {
      await on.world.dryRun('POST', '- !group g');
      await on.world.dryRun('PATCH', '- !nonsense');
    });
    assert.match(
      tried,
      /\[subject@43868\]\[client@43868 ip="127\.0\.0\.1"\]\[action@43868 result="success" operation="validate"\] acct:user:admin validated \{\}$/,
    );
    assert.match(
      failed,
      /result="failure" operation="update"\] Failed to load policy: Unrecognized data type/,
    );
  });
});
