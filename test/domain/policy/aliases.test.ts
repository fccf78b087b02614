import assert from 'node:assert/strict';
import { meaning, refusal } from './meaning.ts';

describe('anchors and aliases', () => {
  const cases: readonly (readonly [title: string, text: string, lines: readonly string[]])[] = [
    [
      'refer to a record by its short form',
      '- !group g\n- !user &u bob\n- !grant { role: !group g, member: *u }\n',
      ['group:g of user:admin', 'user:bob of user:admin', 'grant group:g to user:bob'],
    ],
    [
      'refer to a record by its attributes',
      '- &h !host\n  id: web\n- !permit { role: *h, privilege: read, resource: *h }\n',
      ['host:web of user:admin', 'permit host:web read on host:web'],
    ],
    [
      'define a record once, however often they name it',
      '- &u !user bob\n- *u\n- *u\n',
      ['user:bob of user:admin'],
    ],
    [
      'keep the id that a record has where it stands first',
      '- !group &crew crew\n- !policy\n  id: dock\n  body:\n  - !variable crane\n' +
        '  - !permit { role: *crew, privilege: read, resource: !variable crane }\n',
      [
        'group:crew of user:admin',
        'policy:dock of user:admin',
        'variable:dock/crane of policy:dock',
        'permit group:crew read on variable:dock/crane',
      ],
    ],
    [
      'keep the id of a record that stands in a body',
      '- !policy { id: dock, body: [ &crew !group crew ] }\n- !grant { role: *crew, member: !user bob }\n',
      ['policy:dock of user:admin', 'group:dock/crew of policy:dock', 'grant group:dock/crew to user:bob'],
    ],
    [
      'repeat a list of references',
      '- !policy\n  id: app\n  body:\n  - &secrets\n    - !variable a\n    - !variable b\n  - !layer\n' +
        '  - !permit { role: !layer "", privileges: [ read, execute ], resources: *secrets }\n',
      [
        'policy:app of user:admin',
        'variable:app/a of policy:app',
        'variable:app/b of policy:app',
        'layer:app of policy:app',
        'permit layer:app read on variable:app/a',
        'permit layer:app read on variable:app/b',
        'permit layer:app execute on variable:app/a',
        'permit layer:app execute on variable:app/b',
      ],
    ],
    [
      'place a shared body in the first policy only',
      '- !policy { id: a, body: &b [ !user u ] }\n- !policy { id: c, body: *b }\n',
      ['policy:a of user:admin', 'user:u@a of policy:a', 'policy:c of user:admin'],
    ],
    [
      'repeat annotations',
      '- !user { id: a, annotations: &n { note: one } }\n- !user { id: b, annotations: *n }\n',
      ['user:a of user:admin {note=one}', 'user:b of user:admin {note=one}'],
    ],
    [
      'repeat a text',
      '- !permit { role: !user a, privileges: [ &p read ], resource: !variable v }\n' +
        '- !permit { role: !user b, privilege: *p, resource: !variable v }\n',
      ['permit user:a read on variable:v', 'permit user:b read on variable:v'],
    ],
    [
      'stand for the name of an attribute',
      '- !permit { role: !user a, privileges: [ &k role ], resource: !variable v }\n' +
        '- !grant { *k : !group g, member: !user b }\n',
      ['grant group:g to user:b', 'permit user:a role on variable:v'],
    ],
    [
      'repeat a member with its admin option',
      '- !grant { role: !group g, member: &m { role: !user a, admin: true } }\n- !grant { role: !group h, member: *m }\n',
      ['grant group:g to user:a as admin', 'grant group:h to user:a as admin'],
    ],
    [
      'let a body decide what an owner behind it means',
      '- !policy\n  id: p\n  body:\n  - &g !group { id: g, owner: !user /a }\n  owner: *g\n',
      ['group:p/g of user:a', 'policy:p of group:p/g'],
    ],
    [
      'let an owner before a body decide what it means within',
      '- !policy\n  id: p\n  owner: &o !group ops\n  body:\n  - !group g\n  - !grant { role: !group g, member: *o }\n',
      ['policy:p of group:ops', 'group:p/g of policy:p', 'grant group:p/g to group:ops'],
    ],
  ];
  for (const [title, text, lines] of cases) {
    it(title, () => {
      assert.deepEqual(meaning(text), lines);
    });
  }

  it('never carry an absolute id to where none may be', () => {
    const grant = '- !grant { role: !group g, member: &m !group /ops }\n';
    for (const text of [
      `${grant}- !grant { role: *m, member: !user eve }\n`,
      `${grant}- *m\n`,
      `${grant}- !permit { role: !user eve, privilege: read, resource: *m }\n`,
      `${grant}- !delete { record: *m }\n`,
    ]) {
      assert.match(refusal(text, { branch: 'app' }).message, /^Illegal absolute id: \/ops/, text);
    }
  });

  it('never carry a relative id to where none may be', () => {
    const text = '- !grant { role: !group g, member: &m !group ../ops }\n- *m\n';
    assert.match(refusal(text, { branch: 'app' }).message, /^Invalid relative reference: app\/\.\.\/ops/);
  });
});
