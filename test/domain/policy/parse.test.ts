import assert from 'node:assert/strict';
import { isFailure } from '../../../src/domain/errors.ts';
import { parsePolicy } from '../../../src/domain/policy/parse.ts';
import { meaning, refusal } from './meaning.ts';

describe('parsePolicy', () => {
  describe('reads a document', () => {
    const accepted: readonly (readonly [
      title: string,
      text: string | Uint8Array,
      lines: readonly string[],
    ])[] = [
      ['of comments', '# nothing\n# at all\n', []],
      ['of blank lines', '\n  \n\n', []],
      ['that is empty behind its marker', '---\n...\n', []],
      ['that is an empty list', '[]', []],
      ['that is an empty text', "''", []],
      ['that is a lone tag', '!user', []],
      ['with a directive', '%YAML 1.1\n---\n- !user a\n', ['user:a of user:admin']],
      ['with the directive of a later YAML', '%YAML 1.2\n---\n- !user a\n', ['user:a of user:admin']],
      ['with an end marker', '- !user a\n...\n', ['user:a of user:admin']],
      ['with a byte order mark', '\uFEFF- !user a\n', ['user:a of user:admin']],
      [
        'with CR LF',
        '- !user a\r\n- !policy\r\n  id: b\r\n',
        ['user:a of user:admin', 'policy:b of user:admin'],
      ],
      ['with CR alone', '- !user a\r- !user b\r', ['user:a of user:admin', 'user:b of user:admin']],
      [
        'that is indented',
        '   - !user a\n   - !user b # c\n',
        ['user:a of user:admin', 'user:b of user:admin'],
      ],
      ['without a line break at its end', '- !user a', ['user:a of user:admin']],
      [
        'in flow style',
        '[!user a, !policy {id: p, body: [!variable v]}]',
        ['user:a of user:admin', 'policy:p of user:admin', 'variable:p/v of policy:p'],
      ],
      [
        'with a tab at the end of a line',
        '- !user a\t\n- !user b\n',
        ['user:a of user:admin', 'user:b of user:admin'],
      ],
      ['with characters of all kinds', '- !group "Größe-名-🔑"\n', ['group:Größe-名-🔑 of user:admin']],
    ];
    for (const [title, text, lines] of accepted) {
      it(title, () => {
        assert.deepEqual(meaning(text as string), lines);
      });
    }
  });

  it('refuses a text of no bytes', () => {
    assert.throws(
      () => parsePolicy(new Uint8Array()),
      (error) => isFailure(error, 'POLICY_TEXT_MISSING'),
    );
  });

  describe('knows a tag', () => {
    for (const tag of [
      '!host-factory',
      '!host_factory',
      '!HostFactory',
      '!Host-Factory',
      '!<!host-factory>',
    ]) {
      it(`spelled ${tag}`, () => {
        assert.deepEqual(meaning(`- ${tag} { id: f, layers: [] }`), ['host_factory:f of user:admin']);
      });
    }
    it('spelled with a capital letter', () => {
      assert.deepEqual(meaning('- !User a'), ['user:a of user:admin']);
    });
    it('by its standing in a list, whichever tag the list has', () => {
      assert.deepEqual(meaning('- !group [ !user a ]'), ['user:a of user:admin']);
    });
    it('and passes over those of YAML', () => {
      assert.deepEqual(meaning('- !user\n  id: !!str a\n- !user\n  id: !<tag:yaml.org,2002:str> b\n'), [
        'user:a of user:admin',
        'user:b of user:admin',
      ]);
    });
    it('with a comma behind it', () => {
      assert.deepEqual(meaning('- !policy { id: p, body: [ !layer, !group g,!user u ] }').length, 4);
    });
  });

  describe('takes the scalar behind a tag as it is', () => {
    for (const id of ['yes', '~', '443', '010', '2020-01-02', 'null', '<service-id>', 'a: b', 'a - b']) {
      it(id, () => {
        const quoted = id.includes(': ') ? `"${id}"` : id;
        assert.deepEqual(meaning(`- !variable ${quoted}`), [`variable:${id} of user:admin`]);
      });
    }
  });

  describe('reads nodes', () => {
    it('flattens lists within lists of statements', () => {
      assert.deepEqual(meaning('- - !user a\n  - - !user b\n    - [ [ !user c ] ]\n- !user d\n'), [
        'user:a of user:admin',
        'user:b of user:admin',
        'user:c of user:admin',
        'user:d of user:admin',
      ]);
    });
    it('takes an explicit key', () => {
      assert.deepEqual(meaning('- !user\n  ? id\n  : a\n'), ['user:a of user:admin']);
    });
    it('takes a quoted key', () => {
      assert.deepEqual(meaning('- !user\n  "id": a\n'), ['user:a of user:admin']);
    });
    it('lets the later of the singular and the plural win', () => {
      const text =
        '- !permit\n  role: !user a\n  privilege: read\n  privileges: [ execute ]\n  resource: !variable v\n';
      assert.deepEqual(meaning(text), ['permit user:a execute on variable:v']);
    });
    it('takes a quoted id that looks like a number', () => {
      assert.deepEqual(meaning('- !host\n  id: "443"\n'), ['host:443 of user:admin']);
    });
    it('takes a quoted id that looks like a folded list', () => {
      assert.deepEqual(meaning('- !group "a - !user b"\n'), ['group:a - !user b of user:admin']);
    });
    it('takes an unquoted id of two lines', () => {
      assert.deepEqual(meaning('- !group\n  id: night\n    shift\n'), ['group:night shift of user:admin']);
    });
    it('gives each statement its line and column', () => {
      const statements = parsePolicy(
        Buffer.from('- !user a\n-   !policy\n    id: p\n    body:\n    - !user b\n'),
      );
      assert.deepEqual(statements[0]?.at, { line: 1, column: 3 });
      assert.deepEqual(statements[1]?.at, { line: 2, column: 5 });
      const bodies = statements.flatMap((statement) => ('body' in statement ? statement.body : []));
      assert.deepEqual(bodies[0]?.at, { line: 5, column: 7 });
    });
    it('counts lines that end with CR LF or CR once each', () => {
      const statements = parsePolicy(Buffer.from('- !user a\r\n\r\n- !user b\r- !user c\n'));
      assert.deepEqual(
        statements.map(({ at }) => at.line),
        [1, 3, 4],
      );
    });
  });

  describe('refuses an encoding', () => {
    const refused: readonly (readonly [
      title: string,
      bytes: readonly number[],
      line: number,
      column: number,
    ])[] = [
      ['that is not UTF-8', [...Buffer.from('- !user a\n- !user b'), 0xe9, 0x0a], 2, 10],
      ['that breaks off', [...Buffer.from('- !user \u00e9'), 0xc3], 1, 10],
      [
        'with a genuine replacement character before the fault',
        [...Buffer.from('- !user \ufffd'), 0xff],
        1,
        10,
      ],
      ['that is UTF-16, little-endian', [0xff, 0xfe, 0x2d, 0x00, 0x20, 0x00], 1, 1],
      ['that is UTF-16, big-endian', [0xfe, 0xff, 0x00, 0x2d, 0x00, 0x20], 1, 1],
    ];
    for (const [title, bytes, line, column] of refused) {
      it(title, () => {
        const error = refusal(Uint8Array.from(bytes));
        assert.equal(error.code, 'POLICY_INVALID');
        assert.match(error.message, /UTF-8/);
        assert.deepEqual(error.at, { line, column });
      });
    }
    it('that has the zero bytes of UTF-16', () => {
      const error = refusal(Buffer.from('- !user a', 'utf16le'));
      assert.match(error.message, /^control characters are not allowed/);
      assert.deepEqual(error.at, { line: 1, column: 2 });
    });
  });
});
