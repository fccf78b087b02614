/** What counts as a policy text: documents, tags, nodes, plain scalars, anchors and limits. */
import assert from 'node:assert/strict';
import { describePolicies } from '../../support/policy-world.ts';

/** What a text is answered with by a dry run: 200, or the first line of what is wrong. */
type Verdict = 'accepted' | RegExp;

describePolicies('a policy text', (on) => {
  const judged = (title: string, rows: readonly (readonly [string | Uint8Array, Verdict])[]): void => {
    it(title, async () => {
      for (const [text, verdict] of rows) {
        const answer = await on.world.dryRun('PATCH', text);
        const what = typeof text === 'string' ? text : Buffer.from(text).toString('latin1');
        if (verdict === 'accepted') {
          assert.equal(answer.status, 200, `${what}\n${answer.text}`);
          continue;
        }
        assert.equal(answer.status, 422, what);
        const { errors } = answer.json() as { readonly errors: readonly { readonly message: string }[] };
        assert.match(errors[0]?.message ?? '', verdict, what);
      }
    });
  };

  judged('may have no statements, but not no bytes', [
    ['# nothing\n', 'accepted'],
    ['---', 'accepted'],
    ['---\n...\n', 'accepted'],
    ['[]', 'accepted'],
    ["''", 'accepted'],
    ['', /^policy_text is not present/],
  ]);
  judged('is a list', [
    ['hello', /^Unexpected scalar/],
    ['null', /^Unexpected scalar/],
    ['~', /^Unexpected scalar/],
    ['!user bob', /^Unexpected scalar/],
    ['id: x', /^Unexpected mapping/],
    ['!user { id: x }', /^Unexpected mapping/],
  ]);
  judged('is one document, with or without directive, mark, comments, carriage returns and indentation', [
    [
      '- !user a\n---\n- !user b\n',
      /^Multiple YAML documents encountered\. Only a single document is permitted per policy/,
    ],
    ['- !user a\n---\n', /^Multiple YAML documents/],
    ['- !user a\n...\n', 'accepted'],
    ['%YAML 1.1\n---\n- !user a\n', 'accepted'],
    ['%YAML 1.2\n---\n- !user a\n', 'accepted'],
    ['\ufeff- !user a\n', 'accepted'],
    ['- !user a\r\n- !user b\r\n', 'accepted'],
    ['  - !user a # who\n  - !user b\n', 'accepted'],
    ['[!user a, !policy {id: p, body: [!variable v]}]', 'accepted'],
    ['%TAG ! tag:x,1:\n---\n- !user a\n', /./],
  ]);
  judged('is UTF-8 without control characters', [
    [Buffer.from([0x2d, 0x20, 0xff, 0xfe]), /^(?:incomplete|invalid)/],
    [Buffer.from('- !user a', 'utf16le'), /./],
    ['- !user a\0', /^control characters are not allowed/],
    ['- !user a\u0007', /^control characters are not allowed/],
    ['- !user "a\\0"', /./],
  ]);
  judged('writes tags in any of their spellings, and no others', [
    [
      '- !host-factory { id: a, layers: [] }\n- !host_factory { id: b, layers: [] }\n- !HostFactory { id: c, layers: [] }\n- !User d\n- !<!user> e',
      'accepted',
    ],
    ['- !hostfactory { id: a, layers: [] }', /^Unrecognized data type '!hostfactory'/],
    ['- !foo x', /^Unrecognized data type '!foo'/],
    ['- !user: x', /^Unrecognized data type '!user:'/],
    ['- ! x', /^Unrecognized data type '!'/],
    ['- !include x', /^Unrecognized data type '!include'/],
    ['- !string x', /^Unrecognized data type '!string'/],
    ['- !object x', /^Unrecognized data type '!object'/],
  ]);
  judged('leaves a blank behind a tag', [
    [
      '- !permit { role: !user admin, privilege: x, resources: [!layer] }',
      /^did not find expected whitespace or line break while scanning a tag/,
    ],
    ['- !layer l\n- !group g\n- !grant { role: !layer l, members: [!group g,!user admin] }', 'accepted'],
    ['- !policy { id: p, body: [ !layer ] }', 'accepted'],
  ]);
  judged('passes over the tags of YAML itself, and over a tag on a list', [
    ['- !user { id: !!str a }', 'accepted'],
    ['- !user { id: !!str 12 }', /^Expected a string for field 'id', got Integer/],
    ['- !user [a, b]', /^Unexpected scalar/],
  ]);
  judged('lists statements, lists of statements and nothing else', [
    ['- - !user a\n  - [ !user b, [ !user c ] ]', 'accepted'],
    ['- user a', /^Unexpected scalar/],
    ['- 5', /^Unexpected scalar/],
    ['- { id: a }', /^No type given or inferred for sequence entry/],
  ]);
  judged('takes the text behind a tag for the id as it stands', [
    ['- !variable yes\n- !variable ~\n- !host 443\n- !variable 2020-01-02', 'accepted'],
  ]);
  judged('names each attribute once, and by its name', [
    ['- !user { id: a, id: b }', /^Duplicate attribute: id/],
    ['- !user { ID: a }', /^No such attribute 'ID' on type User/],
    ['- !user { ? id : a }', 'accepted'],
    ['- !permit { role: !user admin, privilege: x, privileges: y, resource: !user admin }', 'accepted'],
    [
      '- !permit { role: !user admin, privilege: { a: b }, resource: !user admin }',
      /^Attribute 'privilege' can't be a mapping/,
    ],
  ]);
  judged('says of roles, members, layers, owners and resources what they are', [
    ['- !grant { role: !group g, member: bob }', /^Expected a Member for field 'member', got String/],
    ['- !group g\n- !grant { role: !group g, members: [] }', 'accepted'],
    ['- !group g\n- !grant { role: !group g, member: { role: !user admin, admin: true } }', 'accepted'],
    [
      '- !revoke { role: !group g, member: { role: !user a } }',
      /^Expected a Role for field 'member', got Member/,
    ],
    ['- !layer l1\n- !layer l2\n- !host-factory { id: f, layers: [l1, l2] }', 'accepted'],
    [
      '- !group g\n- !host-factory { id: f, layers: [ !group g ] }',
      /^Expected a Layer for field 'layer', got Group/,
    ],
    ['- !user { id: a, owner: bob }', /^Expected a Role for field 'owner', got String/],
    ['- !user { id: a, owner: { id: b } }', /^Attribute 'owner' can't be a mapping/],
    ['- !user { id: a, owner: !variable v }', /^Expected a Role for field 'owner', got Variable/],
    ['- !user\n  id: a\n  owner:\n', 'accepted'],
    [
      '- !permit { role: !variable v, privilege: x, resource: !user admin }',
      /^Expected a Role for field 'role', got Variable/,
    ],
    [
      '- !delete { record: !role { kind: user, id: a } }',
      /^Expected a Resource for field 'record', got Role/,
    ],
    ['- !delete { record: [ !user a ] }', /./],
    ['- !delete { records: [ !user a ] }', /^No such attribute 'records' on type Delete/],
    ['- !policy { id: p, body: { a: b } }', /^Attribute 'body' can't be a mapping/],
    ['- !policy { id: p, body: !user a }', /^Expected a list for field 'body'/],
    ['- !policy\n  id: p\n  body:\n', 'accepted'],
    ['- !user\n  id: a\n  annotations:\n', /^Expected a mapping for field 'annotations'/],
    ['- !user { id: a, annotations: { b: { c: d } } }', /^Attribute 'b' can't be a mapping/],
    [
      '- !grant { role: !group g, members: [ [ !user a ] ] }',
      /^Expected a Member for field 'member', got Array/,
    ],
    ['- !user { id: [a] }', /^Expected a string for field 'id', got Array/],
  ]);
  judged('quotes what is to be text and looks like something else', [
    ['- !user { id: 443 }', /got Integer/],
    ['- !user { id: yes }', /got TrueClass/],
    ['- !user { id: off }', /got FalseClass/],
    ['- !user { id: 2020-01-02 }', /got Date/],
    ['- !user { id: 1.5 }', /got Float/],
    ['- !user { id: "443" }\n- !user { id: "yes" }\n- !user { id: y }', 'accepted'],
  ]);
  judged('gives each anchor one name, and aliases what is above them', [
    ['- &a !user a\n- &a !user b', /^Duplicate anchor a/],
    ['- !user a\n- *none', /^Unknown alias 'none'/],
    [
      '- &all [ &a !user a, &b !group b ]\n- !grant { role: *b, member: *a }\n- !permit { role: *a, privilege: x, resources: *all }',
      'accepted',
    ],
    ['- !user { id: a, annotations: &n { x: y } }\n- !user { id: b, annotations: *n }', 'accepted'],
  ]);
  judged('has a statement for each tag that is one', [
    ['- !member { role: !user a }', /^!member is not a statement/],
    ['- !automatic-role { record: !layer x, role_name: y }', /./],
    ['- !grant x', /./],
    ['- !delete x', /./],
    [
      '- !grant { role: !group g, member: !user a, replace: true }',
      /^No such attribute 'replace' on type Grant/,
    ],
    ['- !webservice { id: w, description: x }', /^No such attribute 'description' on type Webservice/],
  ]);
  judged('makes nothing of automatic roles, which nothing makes any more', [
    [
      '- !variable v\n- !permit { role: !automatic-role { record: !layer x, role_name: use_host }, privilege: x, resource: !variable v }',
      /^@ 'layer\/x\/use_host' not found in account 'acct'/,
    ],
  ]);
  judged('names addresses in their canonical form', [
    ['- !host { id: h, restricted_to: [ 10.0.0.1, 192.168.0.0/16, "::1", "2001:db8::/32" ] }', 'accepted'],
    ['- !host { id: h, restricted_tos: 10.0.0.1 }', 'accepted'],
    [
      '- !host { id: h, restricted_to: 10.0.0.1/24 }',
      /^Invalid IP address or CIDR range '10\.0\.0\.1\/24': Value has bits set to right of mask\. Did you mean '10\.0\.0\.0\/24'\?/,
    ],
    ['- !host { id: h, restricted_to: 10.0.0.0/255.0.0.0 }', /^Invalid IP address or CIDR range/],
    ['- !host { id: h, restricted_to: "2001:0db8::1" }', /^Invalid IP address or CIDR range/],
    ['- !host { id: h, restricted_to: some.host }', /^Invalid IP address or CIDR range 'some\.host'/],
    ['- !host { id: h, restricted_to: [ ::1 ] }', 'accepted'],
  ]);
  judged('has public keys of three parts, the name with blanks if need be', [
    ['- !user { id: u, public_keys: [ ssh-rsa AAA my own laptop ] }', 'accepted'],
    ['- !user { id: u, public_key: ssh-rsa AAA }', /^Invalid public key format/],
  ]);
  judged('has form that people get wrong: what is refused', [
    ['- !policy\n  id: x\n  - !webservice\n', /^did not find expected key while parsing a block mapping/],
    ['- !policy x\n  body:\n  - !user a\n', /^mapping values are not allowed in this context/],
    ['- !webservice\n  description: x\n', /^No such attribute 'description' on type Webservice/],
    ['- !webservice status\n  annotations:\n    a: b\n', /^mapping values are not allowed in this context/],
    ['- !policy\n  id: p\n  description: x\n  body: []\n', /^No such attribute 'description' on type Policy/],
    [
      '- !user\n  id: a\n  annotations:\n    description: Status: ok\n',
      /^mapping values are not allowed in this context/,
    ],
    [
      '- !grant\n  role: !group g\n  members: - !user a - !user b\n',
      /^block sequence entries are not allowed in this context/,
    ],
    ['- !user a\n-!group x\n', /^could not find expected ':' while scanning a simple key/],
    ['- !grant role: !group g\n', /./],
    ['- !grant\n  role:!group g\n  member: !user a\n', /./],
    ['- !user a\n\t- !user b\n', /^found a tab character|^found character that cannot start any token/],
    ['- !user {{ x }}', /./],
    ['- !user a\n  - !group b\n', /runs on into the text behind it/],
  ]);
  judged('has form that people get wrong: what is accepted all the same', [
    ['- !user\n  id: a\n  annotations:\n    description: "Status: ok"\n', 'accepted'],
    ['- !policy\n  id: p\n  body:\n  - !user a\n', 'accepted'],
    ['- !user\n  id: <service-id>\n', 'accepted'],
    [
      '- !policy { id: p, body: [ !group g, !permit { role: !group g, privilege: x, resources: [ !webservice ] }, !webservice ] }',
      'accepted',
    ],
  ]);

  it('expands lists of lists by reference, and refuses too deep ones', async () => {
    const bomb = ['- &a [ !user x ]'];
    for (let index = 0; index < 12; index += 1) {
      const [from, to] = ['abcdefghijklmn'[index] ?? '', 'abcdefghijklmn'[index + 1] ?? ''];
      bomb.push(`- &${to} [ ${Array.from({ length: 9 }, () => `*${from}`).join(', ')} ]`);
    }
    assert.equal((await on.world.dryRun('POST', bomb.join('\n'))).status, 200);
    assert.ok([413, 422].includes((await on.world.dryRun('POST', '['.repeat(5_000))).status));
    const long = 'x'.repeat(3_000);
    assert.equal((await on.world.dryRun('POST', `- !user ${long}`)).status, 422);
  });

  it('may have two thousand records', async () => {
    const lines = Array.from(
      { length: 1_000 },
      (_, index) => `- !user u${String(index)}\n- !group g${String(index)}`,
    );
    const { created_roles: created } = await on.world.put(lines.join('\n'));
    assert.equal(Object.keys(created).length, 1_000);
  });

  it('keeps annotations as the text that their type reads as', async () => {
    const typed = [
      ['on', 'true'],
      ['No', 'false'],
      ['~', ''],
      ['null', ''],
      ['42', '42'],
      ['+5', '5'],
      ['-5', '-5'],
      ['1_000', '1000'],
      ['1,000', '1000'],
      ['10,20,30', '102030'],
      ['010', '8'],
      ['0x1F', '31'],
      ['0b11', '3'],
      ['12:30', '750.0'],
      ['12:30:45', '45045.0'],
      ['1.50', '1.5'],
      ['.5', '0.5'],
      ['1.0e+3', '1000.0'],
      ['.inf', 'Infinity'],
      ['.nan', 'NaN'],
      ['1e3', '1e3'],
      ['1.2.3', '1.2.3'],
      ['2020-01-02', '2020-01-02'],
      ['2020-01-02 03:04:05', '2020-01-02 03:04:05 +0000'],
      [':sym', ':sym'],
      ['"yes"', 'yes'],
      ["'010'", '010'],
    ] as const;
    const lines = typed.map(([written], index) => `    k${String(index)}: ${written}\n`);
    await on.world.post(`- !variable\n  id: typed\n  annotations:\n${lines.join('')}`);
    const notes = await on.world.notes('variable:typed');
    for (const [index, [written, kept]] of typed.entries()) {
      assert.equal(notes[`k${String(index)}`], kept, written);
    }
  });
});
