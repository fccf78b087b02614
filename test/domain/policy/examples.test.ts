/** Whole policies as people write them, each with what it means. */
import assert from 'node:assert/strict';
import { meaning } from './meaning.ts';

interface Example {
  readonly title: string;
  readonly branch?: string;
  readonly text: string;
  readonly lines: readonly string[];
}

const examples: readonly Example[] = [
  {
    title: 'a branch with a group that owns a variable',
    branch: 'shop',
    text: `
- !user kim
- !group ops
- !variable { id: tls, owner: !group ops }
`,
    lines: [
      'user:kim@shop of policy:shop',
      'group:shop/ops of policy:shop',
      'variable:shop/tls of group:shop/ops',
    ],
  },
  {
    title: 'a ledger that those outside may read',
    text: `
- !group auditors
- !policy
  id: fin
  body:
  - !group clerks
  - !policy
    id: ledger
    owner: !group ../fin/clerks          # read in fin, not in fin/ledger
    body:
    - !variable key
    - !permit { role: !group /auditors, privilege: read, resource: !variable key }
    - !permit { role: !group ../clerks, privileges: [ read, execute ], resource: !variable key }
`,
    lines: [
      'group:auditors of user:admin',
      'policy:fin of user:admin',
      'group:fin/clerks of policy:fin',
      'policy:fin/ledger of group:fin/clerks',
      'variable:fin/ledger/key of policy:fin/ledger',
      'permit group:auditors read on variable:fin/ledger/key',
      'permit group:fin/clerks read on variable:fin/ledger/key',
      'permit group:fin/clerks execute on variable:fin/ledger/key',
    ],
  },
  {
    title: 'a fleet whose hosts join its layer',
    branch: 'root',
    text: `
- !policy
  id: fleet
  body:
  - !layer
  - !host-factory
    layers: [ !layer ]
`,
    lines: [
      'policy:fleet of user:admin',
      'layer:fleet of policy:fleet',
      'host_factory:fleet of policy:fleet with layer:fleet',
    ],
  },
  {
    title: 'an authenticator whose webservice has the id of its policy',
    branch: 'conjur/authn-oidc',
    text: `
- !policy
  id: okta
  body:
  - !webservice
    annotations:
      description: OpenID Connect
  - !group users
  - !permit
    role: !group users
    privilege: [ read, authenticate ]
    resource: !webservice
`,
    lines: [
      'policy:conjur/authn-oidc/okta of policy:conjur/authn-oidc',
      'webservice:conjur/authn-oidc/okta of policy:conjur/authn-oidc/okta {description=OpenID Connect}',
      'group:conjur/authn-oidc/okta/users of policy:conjur/authn-oidc/okta',
      'permit group:conjur/authn-oidc/okta/users read on webservice:conjur/authn-oidc/okta',
      'permit group:conjur/authn-oidc/okta/users authenticate on webservice:conjur/authn-oidc/okta',
    ],
  },
  {
    title: 'a robot that may switch a lamp on',
    text: `
- !role { kind: robot, id: r1 }
- !resource { kind: lamp, id: l1, annotations: { watt: 5 } }
- !permit
  role: !role { kind: robot, id: r1 }
  privilege: switch on
  resource: !resource { kind: lamp, id: l1 }
`,
    lines: ['robot:r1', 'lamp:l1 of user:admin {watt=5}', 'permit robot:r1 switch on on lamp:l1'],
  },
  {
    title: 'what a branch takes back from those outside',
    branch: 'shop',
    text: `
- !revoke { role: !group g, member: !user /ann }
- !deny { role: !user /ann, privilege: read, resource: !variable v }
- !delete { record: !variable v }
- !delete { record: !policy "" }
`,
    lines: [
      'revoke group:shop/g from user:ann',
      'deny user:ann read on variable:shop/v',
      'delete variable:shop/v',
      'delete policy:shop',
    ],
  },
  {
    title: 'a deletion inside of a nested policy',
    text: `
- !policy
  id: t
  body:
  - !delete { record: !variable v }
  - !policy
    id: u
    body:
    - !delete { record: !user bob }
`,
    lines: ['policy:t of user:admin', 'policy:t/u of policy:t', 'delete variable:t/v', 'delete user:bob@t-u'],
  },
  {
    title: 'a branch whose policy is granted to somebody outside',
    branch: 'vault',
    text: `
- !grant { role: !policy "", member: !user /cre }
`,
    lines: ['grant policy:vault to user:cre'],
  },
];

describe('a policy', () => {
  for (const { title, branch = 'root', text, lines } of examples) {
    it(`means: ${title}`, () => {
      assert.deepEqual(meaning(text, { branch }), lines);
    });
  }

  it('means the same with dashes at the column of the attribute above and indented', () => {
    const indented =
      '- !policy\n  id: p\n  body:\n    - !grant\n      role: !group g\n      members:\n        - !user a\n';
    const flush =
      '- !policy\n  id: p\n  body:\n  - !grant\n    role: !group g\n    members:\n    - !user a\n';
    assert.deepEqual(meaning(indented), meaning(flush));
  });
});
