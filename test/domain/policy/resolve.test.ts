import assert from 'node:assert/strict';
import { meaning, refusal, resolved } from './meaning.ts';

/** Text in a policy `fin/ledger` of the root policy. */
function inLedger(...lines: readonly string[]): string {
  return ['- !policy', '  id: fin/ledger', '  body:', ...lines.map((line) => `  ${line}`), ''].join('\n');
}

describe('resolvePolicy', () => {
  describe('resolves an id', () => {
    const cases: readonly (readonly [
      title: string,
      text: string,
      branch: string,
      lines: readonly string[],
    ])[] = [
      ['at the root as it is', '- !host a/b', 'root', ['host:a/b of user:admin']],
      ['with the branch before it', '- !host a/b', 'shop', ['host:shop/a/b of policy:shop']],
      [
        'with all policies around it',
        '- !policy\n  id: eu/web\n  body: [ !layer "", !host node1, !user kim, !variable db/pw ]\n',
        'shop',
        [
          'policy:shop/eu/web of policy:shop',
          'layer:shop/eu/web of policy:shop/eu/web',
          'host:shop/eu/web/node1 of policy:shop/eu/web',
          'user:kim@shop-eu-web of policy:shop/eu/web',
          'variable:shop/eu/web/db/pw of policy:shop/eu/web',
        ],
      ],
      [
        'that is blank as that of the policy',
        '- !layer\n- !group " "\n- !host { owner: !user /a }',
        'shop',
        ['layer:shop of policy:shop', 'group:shop of policy:shop', 'host:shop of user:a'],
      ],
      [
        'of a user',
        '- !user lee\n- !user team/lee\n- !user lee@corp.test',
        'root',
        ['user:lee of user:admin', 'user:lee@team of user:admin', 'user:lee@corp.test of user:admin'],
      ],
      [
        'of a user in a policy',
        '- !user lee\n- !user lee@corp.test\n- !user x/lee',
        'hr/eu',
        [
          'user:lee@hr-eu of policy:hr/eu',
          'user:lee@corp.test@hr-eu of policy:hr/eu',
          'user:lee@hr-eu-x of policy:hr/eu',
        ],
      ],
      ['of a user that is blank', '- !user', 'shop', ['user:shop of policy:shop']],
      [
        'of a user that is blank in a nested policy',
        '- !user\n- !policy p',
        'shop/eu',
        ['user:eu@shop of policy:shop/eu', 'policy:shop/eu/p of policy:shop/eu'],
      ],
      ['of a generic user as a path', '- !role { kind: user, id: zed }', 'app', ['user:app/zed']],
      ['with colons and blanks', '- !host a:b c', 'root', ['host:a:b c of user:admin']],
      ['with dots that are no path', '- !host a..b/.c/...', 'root', ['host:a..b/.c/... of user:admin']],
    ];
    for (const [title, text, branch, lines] of cases) {
      it(title, () => {
        assert.deepEqual(meaning(text, { branch }), lines);
      });
    }
  });

  describe('resolves a member, an owner or the role of a permission', () => {
    const members: readonly (readonly [written: string, means: string])[] = [
      ['!group ops', 'group:fin/ledger/ops'],
      ['!group /ops', 'group:ops'],
      ['!group ../ops', 'group:fin/ops'],
      ['!group ../../ops', 'group:ops'],
      ['!group a/../ops', 'group:fin/ledger/ops'],
      ['!group /a/../ops', 'group:ops'],
      ['!policy ..', 'policy:fin'],
      ['!policy ""', 'policy:fin/ledger'],
      ['!user bob', 'user:bob@fin-ledger'],
      ['!user /bob', 'user:bob'],
      ['!user ../bob', 'user:bob@fin'],
      ['!user /fin/ledger/bob', 'user:bob@fin-ledger'],
      ['!user /bob@fin-ledger', 'user:bob@fin-ledger'],
      ['!host-factory f', 'host_factory:fin/ledger/f'],
    ];
    for (const [written, means] of members) {
      it(`${written}: ${means}`, () => {
        const text = inLedger(
          '- !group g',
          `- !grant { role: !group g, member: ${written} }`,
          `- !permit { role: ${written}, privilege: read, resource: !group g }`,
          `- !webservice { id: w, owner: ${written} }`,
        );
        const lines = meaning(text);
        assert.ok(lines.includes(`grant group:fin/ledger/g to ${means}`));
        assert.ok(lines.includes(`permit ${means} read on group:fin/ledger/g`));
        assert.ok(lines.includes(`webservice:fin/ledger/w of ${means}`));
      });
    }
    it('whose owner is read in the policy around it', () => {
      assert.deepEqual(meaning('- !policy { id: p, owner: !group g, body: [ !group g ] }', { branch: 'b' }), [
        'policy:b/p of group:b/g',
        'group:b/p/g of policy:b/p',
      ]);
    });
  });

  describe('refuses', () => {
    const refused: readonly (readonly [title: string, text: string, branch: string, problem: RegExp])[] = [
      [
        'an absolute resource',
        '- !permit { role: !group /t, privilege: read, resource: !group /t }',
        'fin',
        /^Illegal absolute id: \/t/,
      ],
      [
        'an absolute role to grant',
        '- !grant { role: !group /t, member: !group g }',
        'fin',
        /^Illegal absolute id: \/t/,
      ],
      [
        'an absolute role to revoke',
        '- !revoke { role: !group /t, member: !group g }',
        'fin',
        /^Illegal absolute id: \/t/,
      ],
      [
        'a relative role to grant',
        '- !grant { role: !group ../t, member: !group g }',
        'fin',
        /^Group 'fin\/\.\.\/t' not found in account 'acct'/,
      ],
      ['an absolute definition', '- !host /h', 'fin', /^Illegal absolute id: \/h/],
      ['a relative definition', '- !host ../h', 'fin', /^Invalid relative reference: fin\/\.\.\/h/],
      ['a relative user', '- !user ../u', 'fin', /^Invalid relative reference: fin\/\.\.\/u/],
      ['an absolute user', '- !user /u', 'fin', /^Illegal absolute id: \/u/],
      [
        'a relative record to delete',
        '- !delete { record: !host ../h }',
        'fin',
        /^Host 'fin\/\.\.\/h' not found in account 'acct'/,
      ],
      [
        'a relative layer',
        '- !host-factory { id: f, layers: [ !layer ../l ] }',
        'fin',
        /^Layer 'fin\/\.\.\/l' not found in account 'acct'/,
      ],
      [
        'references that lead out of the tree',
        '- !group { id: g, owner: !group ../../../t }',
        'a/b',
        /^Invalid relative reference: a\/b\/\.\.\/\.\.\/\.\.\/t/,
      ],
      [
        'references that lead to the root of the tree',
        '- !group { id: g, owner: !policy .. }',
        'a',
        /^Invalid relative reference: a\/\.\./,
      ],
      ['a slash alone', '- !group { id: g, owner: !group / }', 'a', /^The id '' has an empty part/],
      ['two slashes before an id', '- !group { id: g, owner: !group //x }', 'a', /has an empty part/],
      [
        'a blank resource at the root',
        '- !permit { role: !user a, privilege: read, resource: !variable "" }',
        'root',
        /^variable has a blank id/,
      ],
      ['a policy without an id in the branch', '- !policy', 'n', /^policy 'n' is declared more than once/],
      ['an id of over 1,000 bytes', `- !group ${'ö'.repeat(500)}`, 'root', /^The id '.*' is too long/],
      ['a kind with a colon', '- !role { kind: "a:b", id: c }', 'root', /^Invalid kind/],
      ['a blank kind', '- !resource { kind: "", id: c }', 'root', /^Invalid kind/],
    ];
    for (const [title, text, branch, problem] of refused) {
      it(title, () => {
        const error = refusal(text, { branch });
        assert.equal(error.code, 'POLICY_INVALID');
        assert.match(error.message, problem);
        assert.equal(error.at?.line, 1);
      });
    }
  });

  it('owns what a branch defines by the branch, and the branch by whom it was', () => {
    const { definitions } = resolved('- !group ops', { branch: 'shop' });
    assert.deepEqual(
      definitions.map(({ id, owner, implied }) => [id, owner, implied]),
      [
        ['acct:policy:shop', 'acct:user:admin', true],
        ['acct:group:shop/ops', 'acct:policy:shop', false],
      ],
    );
  });

  it('does not wrap the root', () => {
    assert.deepEqual(resolved('[]').definitions, []);
  });

  it('says what is a role and what a resource', () => {
    const text =
      '- !variable v\n- !role { kind: robot, id: r }\n- !group g\n- !resource { kind: lamp, id: l }\n- !webservice w\n';
    assert.deepEqual(
      resolved(text).definitions.map(({ tag, hasRole, hasResource }) => [tag, hasRole, hasResource]),
      [
        ['variable', false, true],
        ['role', true, false],
        ['group', true, true],
        ['resource', false, true],
        ['webservice', false, true],
      ],
    );
  });

  it('tells a restriction that was left out from one that is empty', () => {
    const { definitions } = resolved('- !host a\n- !host { id: b, restricted_to: [] }\n');
    assert.deepEqual(
      definitions.map(({ restrictedTo }) => restrictedTo),
      [undefined, []],
    );
  });

  it('does not change the statements, so that they can be resolved again', () => {
    const text =
      '- &g !group g\n- !policy { id: p, body: [ !user u, !grant { role: *g, member: !user u } ] }\n';
    assert.deepEqual(meaning(text), meaning(text));
  });
});

describe('warnings', () => {
  const cases: readonly (readonly [title: string, text: string, warnings: readonly RegExp[]])[] = [
    [
      'are none for what is usual',
      '- !policy { id: p, body: [] }\n- !user { id: a, annotations: { note: b } }\n',
      [],
    ],
    [
      'name an annotation that looks like an attribute, once',
      '- !user { id: a, annotations: { owner: b } }\n- !user { id: b, annotations: { owner: b } }\n',
      [/^Annotation 'owner' matches a known policy attribute\. This annotation will not be treated/],
    ],
    [
      'name a policy whose body stands outside of it',
      '- !policy\n  id: okta\n  body:\n- !variable provider-uri\n',
      [/^Policy 'okta' \(line 1\) has nothing below 'body:'/],
    ],
    ['are none for an empty body at the end', '- !policy\n  id: okta\n  body:\n', []],
    [
      'name a placeholder that was left in',
      '- !policy conjur/authn-oidc/<service-id>\n',
      [/^The id 'conjur\/authn-oidc\/<service-id>' \(line 1\) contains what looks like a placeholder/],
    ],
    [
      'name a list of privileges without brackets',
      '- !permit { role: !user a, privileges: "read, execute", resource: !variable v }\n',
      [/^Privilege 'read, execute' is one privilege .* \[ read, execute \]/],
    ],
  ];
  for (const [title, text, warnings] of cases) {
    it(title, () => {
      const found = resolved(text).warnings;
      assert.equal(found.length, warnings.length);
      warnings.forEach((warning, index) => {
        assert.match(found[index] ?? '', warning);
      });
    });
  }

  it('are bounded', () => {
    const text = Array.from({ length: 500 }, (_, index) => `- !user <u${index}>\n`).join('');
    assert.equal(resolved(text).warnings.length, 100);
  });
});
