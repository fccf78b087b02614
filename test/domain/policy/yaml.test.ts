import assert from 'node:assert/strict';
import { meaning, refusal, resolved } from './meaning.ts';

const user = ['user:a of user:admin {n=m}'];

describe('parseYaml', () => {
  describe('takes the lines of a list in brackets at any column', () => {
    const cases: readonly (readonly [title: string, text: string, lines: readonly string[]])[] = [
      ['closed at the column of the dash', '- !user {\n  id: a,\n  annotations: { n: m }\n}\n', user],
      ['closed left of its attribute', '  - !user\n    id: a\n    annotations: {\n   n: m\n   }\n', user],
      ['with all lines at the left', '- !user {\nid: a\n,\nannotations: {\nn:\nm\n}\n}\n', user],
      ['with CR LF', '- !user {\r\n  id: a,\r\n  annotations: { n: m }\r\n}\r\n', user],
      ['with comments', '- !user { # it\'s "a"\n  id: a, # ]\n# {\n\n  annotations: { n: m } # }\n}\n', user],
      ['with tabs between', '- !user {\tid: a,\tannotations: { n: m\t}\t}\n', user],
      [
        'with what looks like comments in quotes',
        '- !user {\n  id: "a # b",\n  annotations: { "n # o": "# p" # q\n}\n}\n',
        ['user:a # b of user:admin {n # o=# p}'],
      ],
      [
        'closed at the column of their attribute',
        '- !permit\n  role: !user a\n  privileges: [\n    read,\n    execute\n  ]\n  resources: [\n  !variable v,\n  !variable w\n  ]\n',
        [
          'permit user:a read on variable:v',
          'permit user:a read on variable:w',
          'permit user:a execute on variable:v',
          'permit user:a execute on variable:w',
        ],
      ],
    ];
    for (const [title, text, lines] of cases) {
      it(title, () => {
        assert.deepEqual(meaning(text), lines);
      });
    }
  });

  it('keeps the place of what follows', () => {
    const text =
      '- !permit\n  role: !user a\n  privileges: [\n    read\n  ]\n  resource: !variable v\n- !person b\n';
    assert.deepEqual(refusal(text).at, { line: 7, column: 3 });
    assert.deepEqual(resolved(text.replace('- !person b\n', '')).permits[0]?.at, { line: 1, column: 3 });
  });

  it('does not join what is not in brackets', () => {
    const text = '- !user\n  id: a\n  annotations:\n    n: |\n      [\n      ]\n    o: "[\n      ]"\n';
    assert.deepEqual(meaning(text), ['user:a of user:admin {n=[\n]\n} {o=[ ]}']);
  });

  it('gives up on a text that has too many such lines to try', () => {
    const users = Array.from({ length: 100 }, (_, index) => `  - !user {\n  id: u${index}\n  }\n`);
    const text = `- !policy\n  id: p\n  body:\n${users.join('')}`;
    assert.equal(meaning(text).length, 101);
    const error = refusal(text, { limits: { maxBytesAgain: 100_000 } });
    assert.equal(error.code, 'POLICY_INVALID');
    assert.match(error.message, /indent its further lines/);
  });
});
