import assert from 'node:assert/strict';
import fc from 'fast-check';
import { LatchkeyError } from '../../../src/domain/errors.ts';
import { meaning, resolved } from './meaning.ts';
import { assertProperty } from '../../support/property.ts';

const fragments = [
  '- ',
  '\n',
  '  ',
  '    ',
  '!user ',
  '!policy',
  '!group g',
  '!grant',
  '!permit',
  '!delete',
  '!variable v',
  '!host-factory',
  'id: ',
  'body:',
  'body: ',
  'owner: ',
  'role: ',
  'member: ',
  'members:',
  'privilege: read',
  'resource: ',
  'annotations:',
  'restricted_to: ',
  '10.0.0.0/8',
  '[ ',
  ' ]',
  '{ ',
  ' }',
  ', ',
  '&a ',
  '*a',
  '"',
  "'",
  '|\n',
  '>-\n',
  '#',
  ': ',
  '? ',
  '---\n',
  '...\n',
  '%TAG',
  '\t',
  '/x',
  '../x',
  'x',
  '12',
  'yes',
  '~',
  '\u00a0',
  '\ud83d\udd11',
  '<<: ',
  '!!str ',
  '!',
  '@',
] as const;

/** Accepts or refuses a text, and does nothing else. */
function load(text: string | Uint8Array): void {
  try {
    resolved(text, { branch: 'a/b' });
  } catch (error) {
    if (!(error instanceof LatchkeyError)) throw error;
    const placed = ['POLICY_INVALID', 'POLICY_UNRESOLVED'].includes(error.code);
    assert.ok(placed || ['POLICY_TOO_LARGE', 'POLICY_TEXT_MISSING'].includes(error.code));
    if (!placed) return;
    const lines = Buffer.from(text)
      .toString()
      .split(/\r\n?|\n/).length;
    assert.ok(error.at !== undefined && error.at.line >= 1 && error.at.line <= lines && error.at.column >= 1);
  }
}

describe('any text', () => {
  it('is accepted or refused with a place, when it is made of the language', () => {
    assertProperty(
      fc.property(fc.array(fc.constantFrom(...fragments), { maxLength: 40 }), (parts) => {
        load(parts.join(''));
      }),
      { numRuns: 3_000, seed: 1 },
    );
  });

  it('is accepted or refused with a place, when it is any characters', () => {
    assertProperty(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        load(text);
      }),
      { numRuns: 1_000, seed: 2 },
    );
  });

  it('is accepted or refused with a place, when it is any bytes', () => {
    assertProperty(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        load(bytes);
      }),
      { numRuns: 1_000, seed: 3 },
    );
  });

  it('is accepted or refused with a place, when it is a policy with a part cut out', () => {
    const policy =
      '- !policy\n  id: app\n  annotations:\n    note: "a b"\n  body:\n  - &all\n    - !variable x\n    - !variable y\n' +
      '  - !group { id: g, owner: !user /alice }\n  - !grant\n    role: !group g\n    members:\n    - !user /bob\n    - role: !user eve\n' +
      '      admin: true\n  - !permit { role: !group g, privileges: [ read, execute ], resources: *all }\n';
    assertProperty(
      fc.property(
        fc.nat(policy.length),
        fc.nat(12),
        fc.constantFrom(...fragments, ''),
        (start, length, insertion) => {
          load(policy.slice(0, start) + insertion + policy.slice(start + length));
        },
      ),
      { numRuns: 3_000, seed: 4 },
    );
  });
});

interface Group {
  readonly id: string;
  readonly note: string;
  readonly members: readonly string[];
}

const idPart = fc.stringMatching(/^[a-z][a-z0-9 :@_-]{0,8}[a-z0-9]$/);
const groups = fc.uniqueArray(
  fc.record({
    id: fc.array(idPart, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/')),
    note: fc.string({ unit: 'grapheme', maxLength: 20 }).filter((text) => !/[\0\p{Cs}]/u.test(text)),
    members: fc.array(idPart, { maxLength: 3 }),
  }),
  { selector: ({ id }) => id, maxLength: 8 },
);

/** Quoted as JSON quotes, which is also how YAML does, with what no policy text may hold as it is escaped as well. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(
    /[\x7f-\x9f\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function inBlocks({ id, note, members }: Group): string {
  return (
    `- !group\n  id: ${quoted(id)}\n  annotations:\n    note: ${quoted(note)}\n- !grant\n  role: !group ${quoted(id)}\n  members:` +
    (members.length === 0
      ? ' []\n'
      : `\n${members.map((member) => `  - !host ${quoted(member)}\n`).join('')}`)
  );
}

function inFlow({ id, note, members }: Group): string {
  const list = members.map((member) => `!host { id: ${quoted(member)} }`).join(', ');
  return `- !group { annotations: { note: ${quoted(note)} }, id: ${quoted(id)} }\n- !grant { members: [ ${list} ], role: !group ${quoted(id)} }\n`;
}

describe('a policy that was written out', () => {
  it('means what it was written for, in block style as in flow style', () => {
    assertProperty(
      fc.property(groups, (written) => {
        const expected = [
          ...written.map(({ id, note }) => `group:p/${id} of policy:p {note=${note}}`),
          ...written.flatMap(({ id, members }) =>
            members.map((member) => `grant group:p/${id} to host:p/${member}`),
          ),
        ];
        const notPaths = written.every(({ note }) => !note.includes('..'));
        fc.pre(notPaths && !expected.join('').includes('acct:'));
        for (const write of [inBlocks, inFlow]) {
          const text = written.map(write).join('') || '[]';
          assert.deepEqual(meaning(text, { branch: 'p' }), expected);
        }
      }),
      { numRuns: 300, seed: 5 },
    );
  });

  it('means the same when it is loaded to a branch and when it stands in a policy of the root', () => {
    assertProperty(
      fc.property(groups, (written) => {
        fc.pre(written.every(({ note }) => !/[\n\r\u0085\u2028\u2029]/.test(note)));
        const text = written.map(inBlocks).join('') || '[]\n';
        const nested = `- !policy\n  id: p\n  body:\n${text.replace(/^(?=.)/gm, '    ')}`;
        assert.deepEqual(meaning(nested), ['policy:p of user:admin', ...meaning(text, { branch: 'p' })]);
      }),
      { numRuns: 200, seed: 6 },
    );
  });
});
