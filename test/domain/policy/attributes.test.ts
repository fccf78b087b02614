import assert from 'node:assert/strict';
import { meaning, refusal, resolved } from './meaning.ts';

type Case = readonly [title: string, text: string, lines: readonly string[]];

function check(cases: readonly Case[]): void {
  for (const [title, text, lines] of cases) {
    it(title, () => {
      assert.deepEqual(meaning(text), lines);
    });
  }
}

describe('records', () => {
  check([
    [
      'have a short form',
      '- !policy a\n- !user b\n- !host c\n- !group d\n- !layer e\n- !variable f\n- !webservice g\n',
      [
        'policy:a of user:admin',
        'user:b of user:admin',
        'host:c of user:admin',
        'group:d of user:admin',
        'layer:e of user:admin',
        'variable:f of user:admin',
        'webservice:g of user:admin',
      ],
    ],
    [
      'name an owner, or leave it empty for the default',
      '- !group { id: g, owner: !user a }\n- !user { id: a, owner: }\n- !user\n  id: b\n  owner: !role { kind: robot, id: r }\n',
      ['user:a of user:admin', 'group:g of user:a', 'user:b of robot:r'],
    ],
    ['may name their own account', '- !user { id: a, account: acct }\n', ['user:a of user:admin']],
    [
      'keep what their attributes say as annotations',
      '- !variable { id: v, kind: password, mime_type: text/plain }\n- !user { id: u, uidnumber: 1_001 }\n' +
        '- !group { id: g, gidnumber: 010 }\n',
      [
        'variable:v of user:admin {conjur/kind=password} {conjur/mime_type=text/plain}',
        'user:u of user:admin {conjur/uidnumber=1001}',
        'group:g of user:admin {conjur/gidnumber=8}',
      ],
    ],
    [
      'let an annotation win over the attribute that it stands for',
      '- !variable\n  id: v\n  kind: password\n  mime_type: text/plain\n' +
        '  annotations: { conjur/kind: pin, ttl: 010, on: yes }\n',
      ['variable:v of user:admin {conjur/kind=pin} {ttl=8} {true=true} {conjur/mime_type=text/plain}'],
    ],
    [
      'may leave numbers empty',
      '- !user { id: u, uidnumber: ~ }\n- !variable { id: v, kind: }\n',
      ['user:u of user:admin', 'variable:v of user:admin'],
    ],
    [
      'are restricted to addresses and ranges, which are kept with their mask',
      '- !host { id: h, restricted_to: [ 10.0.0.0/8, 192.0.2.7, "2001:db8::/32", "::1" ] }\n' +
        '- !user { id: u, restricted_to: 192.0.2.7 }\n- !user { id: v, restricted_tos: [] }\n',
      [
        'host:h of user:admin from [10.0.0.0/8, 192.0.2.7/32, 2001:db8::/32, ::1/128]',
        'user:u of user:admin from [192.0.2.7/32]',
        'user:v of user:admin from []',
      ],
    ],
    [
      'have public keys, of which the last of a name counts',
      '- !user\n  id: kim\n  public_keys:\n  - ssh-rsa AAAA laptop\n  - ssh-rsa BBBB the desk\n  - |\n    ssh-rsa CCCC laptop\n',
      ['user:kim of user:admin key laptop: ssh-rsa CCCC laptop key the desk: ssh-rsa BBBB the desk'],
    ],
    [
      'are host factories with layers',
      '- !host-factory { id: f, layers: [ !layer a, b ], role: !user x }\n- !host-factory { id: g, layer: c }\n' +
        '- !layer a\n- !host-factory { id: h, layers: [] }\n',
      [
        'layer:a of user:admin',
        'host_factory:f of user:admin with layer:a, layer:b',
        'host_factory:g of user:admin with layer:c',
        'host_factory:h of user:admin',
      ],
    ],
    [
      'are generic, with a kind',
      '- !role { kind: robot, id: r1 }\n- !resource { kind: lamp, id: l1, annotations: { watt: 5 } }\n' +
        '- !resource { kind: fan, id: l1 }\n',
      ['robot:r1', 'lamp:l1 of user:admin {watt=5}', 'fan:l1 of user:admin'],
    ],
    [
      'are a role and a resource of one id',
      '- !role { kind: robot, id: r }\n- !resource { kind: robot, id: r }\n',
      ['robot:r', 'robot:r of user:admin'],
    ],
    [
      'are of one id and several types',
      '- !variable x\n- !webservice x\n- !layer x\n',
      ['variable:x of user:admin', 'webservice:x of user:admin', 'layer:x of user:admin'],
    ],
    [
      'are policies with a body, an empty one or none',
      '- !policy x\n- !policy { id: y, body: [] }\n- !policy\n  id: z\n  body:\n',
      ['policy:x of user:admin', 'policy:y of user:admin', 'policy:z of user:admin'],
    ],
  ]);
});

describe('annotations', () => {
  check([
    [
      'are kept as text',
      '- !user\n  id: u\n  annotations:\n    a: yes\n    b: ~\n    c: 1,000\n    d: 12:30\n    e: "yes"\n    f: |\n      two\n      lines\n' +
        '    1: one\n    "": empty\n    g: Status #1\n',
      [
        'user:u of user:admin {a=true} {b=} {c=1000} {d=750.0} {e=yes} {f=two\nlines\n} {1=one} {=empty} {g=Status}',
      ],
    ],
    [
      'keep a list as text',
      '- !user { id: u, annotations: { a: [ x, 1, yes, ~, "q\\"" ] } }\n',
      ['user:u of user:admin {a=["x", 1, true, nil, "q\\""]}'],
    ],
    [
      'may have the names of properties that JavaScript objects have',
      '- !user { id: u, annotations: { __proto__: a, constructor: b, toString: c } }\n',
      ['user:u of user:admin {__proto__=a} {constructor=b} {toString=c}'],
    ],
    ['may be none', '- !user { id: u, annotations: {} }\n', ['user:u of user:admin']],
    [
      'name what is near when they are relative paths',
      '- !policy\n  id: app\n  body:\n  - !webservice\n    id: api\n    annotations:\n      peer: ../web\n' +
        '      link: https://x.test/a/../b\n      text: see .. and ../web\n      dots: a..b\n      abs: /a/../b\n      up: ..\n',
      [
        'policy:app of user:admin',
        'webservice:app/api of policy:app {peer=app/web} {link=https://x.test/a/../b} {text=see .. and ../web} ' +
          '{dots=a..b} {abs=/a/../b} {up=app}',
      ],
    ],
    [
      'name what is near to a user, too',
      '- !policy { id: app, body: [ !user { id: bob, annotations: { boss: ../eve } } ] }\n',
      ['policy:app of user:admin', 'user:bob@app of policy:app {boss=app/eve}'],
    ],
  ]);
});

describe('grants and permissions', () => {
  check([
    [
      'multiply out their lists',
      '- !grant { roles: [ !group a, !group b ], members: [ !user x, !user y ] }\n' +
        '- !permit { roles: [ !user x, !user y ], privileges: [ read, execute ], resources: [ !variable v, !variable w ] }\n',
      [
        'grant group:a to user:x',
        'grant group:b to user:x',
        'grant group:a to user:y',
        'grant group:b to user:y',
        'permit user:x read on variable:v',
        'permit user:x read on variable:w',
        'permit user:x execute on variable:v',
        'permit user:x execute on variable:w',
        'permit user:y read on variable:v',
        'permit user:y read on variable:w',
        'permit user:y execute on variable:v',
        'permit user:y execute on variable:w',
      ],
    ],
    [
      'mean nothing while a list is empty or left out',
      '- !grant { role: !group a }\n- !grant { role: !group a, members: [] }\n- !grant {}\n' +
        '- !permit { role: !user x, privilege: read }\n- !revoke { member: !user x }\n- !deny { role: !user x }\n- !delete {}\n',
      [],
    ],
    [
      'give the admin option, or take it',
      '- !grant\n  role: !group g\n  members:\n  - role: !user a\n    admin: true\n  - !member { role: !user b, admin: "true" }\n' +
        '  - { role: !user c, admin: no }\n  - { role: !user d, admin: ~ }\n  - !user e\n',
      [
        'grant group:g to user:a as admin',
        'grant group:g to user:b as admin',
        'grant group:g to user:c',
        'grant group:g to user:d',
        'grant group:g to user:e',
      ],
    ],
    [
      'take any text as a privilege',
      '- !permit { role: !user a, privileges: [ switch on, "", "yes" ], resource: !variable v }\n',
      [
        'permit user:a switch on on variable:v',
        'permit user:a  on variable:v',
        'permit user:a yes on variable:v',
      ],
    ],
    [
      'take mappings for generic records',
      '- !permit { role: { kind: robot, id: r }, privilege: read, resource: { kind: lamp, id: l } }\n' +
        '- !grant { role: !role { kind: robot, id: r }, member: { role: { kind: robot, id: s } } }\n',
      ['grant robot:r to robot:s', 'permit robot:r read on lamp:l'],
    ],
    [
      'take references with attributes, which mean nothing there',
      '- !permit\n  role: !group { id: g, owner: !user x, annotations: { a: b } }\n  privilege: read\n' +
        '  resource: !policy { id: p, body: [ !user y ] }\n',
      ['permit group:g read on policy:p'],
    ],
    [
      'take every type that can hold or be held',
      '- !grant\n  roles: [ !user a, !host a, !group a, !layer a, !policy a, !host-factory a ]\n  member: !group g\n' +
        '- !permit\n  role: !policy p\n  privilege: read\n' +
        '  resources: [ !user a, !host a, !group a, !layer a, !policy a, !host-factory a, !variable a, !webservice a ]\n',
      [
        ...['user', 'host', 'group', 'layer', 'policy', 'host_factory'].map(
          (kind) => `grant ${kind}:a to group:g`,
        ),
        ...['user', 'host', 'group', 'layer', 'policy', 'host_factory', 'variable', 'webservice'].map(
          (kind) => `permit policy:p read on ${kind}:a`,
        ),
      ],
    ],
    [
      'are taken back',
      '- !revoke { role: !group g, members: [ !user a, !user b ] }\n' +
        '- !deny { role: !user a, privilege: [ read, execute ], resource: !variable v }\n- !delete\n  record: !user c\n',
      [
        'revoke group:g from user:a',
        'revoke group:g from user:b',
        'deny user:a read on variable:v',
        'deny user:a execute on variable:v',
        'delete user:c',
      ],
    ],
    [
      'may name automatic roles, which nothing makes any more',
      '- !permit\n  role: !automatic-role { record: !layer x, role_name: use_host }\n  privilege: read\n  resource: !variable v\n' +
        '- !grant { role: !group g, member: !managed_role { record: !layer x, role_name: use_host } }\n',
      ['grant group:g to @:layer/x/use_host', 'permit @:layer/x/use_host read on variable:v'],
    ],
  ]);

  it('keep the place of each member', () => {
    const { grants } = resolved('- !grant\n  role: !group g\n  members:\n  - !user a\n  - role: !user b\n');
    assert.deepEqual(
      grants.map(({ at }) => at),
      [
        { line: 4, column: 5 },
        { line: 5, column: 5 },
      ],
    );
  });

  it('have a blank id where nothing is written, in words that clients match', () => {
    for (const [text, message] of [
      ['- !permit\n  role:\n  privilege: read\n  resource: !variable v\n', 'role has a blank id'],
      ['- !permit\n  role: !user a\n  privilege: read\n  resource:\n', 'resource has a blank id'],
      ['- !grant\n  role: ~\n  member: !user a\n', 'role has a blank id'],
    ] as const) {
      const error = refusal(text);
      assert.equal(error.code, 'POLICY_UNRESOLVED');
      assert.equal(error.message, message);
      assert.match(error.advice ?? '', /^Write the type and the id/);
    }
  });
});
