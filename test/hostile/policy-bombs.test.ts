/** Policies that would grow without bound: refused over HTTP, with nothing of them applied. */
import assert from 'node:assert/strict';
import { openHostileStage, type HostileStage } from './stage.ts';

const levels = Array.from({ length: 30 }, (_, level) =>
  level === 0
    ? '- &l0 [ !user b0 ]'
    : `- &l${String(level)} [ ${Array(9)
        .fill(`*l${String(level - 1)}`)
        .join(', ')} ]`,
).join('\n');
const many = (tag: string, count: number): string =>
  Array.from({ length: count }, (_, index) => `!${tag} bomb${String(index)}`).join(', ');

const bombs: Readonly<Record<string, string>> = {
  'lists of lists of aliases within annotations': `${levels}\n- !user { id: x, annotations: { a: *l29 } }\n`,
  'lists that multiply': `- !permit { roles: [ ${many('user', 2_000)} ], privileges: [ a, b ], resources: [ ${many('variable', 2_000)} ] }\n`,
  'brackets without end': '['.repeat(200_000),
  'braces without end': '- {a: '.repeat(100_000),
  'an anchor that names itself': '- !user good\n- &a [ *a ]\n',
  'a merge key of many': `- !user good\n- &m { ${Array.from({ length: 5_000 }, (_, i) => `k${String(i)}: v`).join(', ')} }\n- !user { <<: [ ${Array(500).fill('*m').join(', ')} ], id: x }\n`,
  'a tag of another language': '- !user good\n- !!js/function "function () { return 1 }"\n',
  'a tag of Ruby': '- !user good\n- !ruby/object:Gem::Installer { i: x }\n',
  'a second document': '- !user good\n---\n- !user other\n',
  'the prototype as a key': '- !user good\n- !user { id: x, __proto__: { a: b } }\n',
  'a regular expression that backtracks': `- !user good\n- !host { id: h, restricted_to: "${'1'.repeat(50_000)}!" }\n`,
};

describe('a policy bomb', () => {
  let stage: HostileStage;
  before(async () => {
    stage = await openHostileStage();
  });
  after(() => stage.stop());

  for (const [title, text] of Object.entries(bombs)) {
    for (const method of ['POST', 'PATCH', 'PUT'])
      it(`of ${title} changes nothing by ${method}`, async () => {
        const before = await stage.authority();
        const { status } = await stage.admin.send(method, '/policies/acct/policy/root', text);
        assert.ok([413, 422].includes(status), String(status));
        assert.equal(await stage.authority(), before);
      });
  }
});
