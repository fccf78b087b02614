import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { maxIdBytes } from '../../../src/domain/ids.ts';
import { fieldsOf } from '../../../src/domain/policy/fields.ts';
import { defaultPolicyLimits, maxEntries } from '../../../src/domain/policy/limits.ts';
import { statementTags, type Tag } from '../../../src/domain/policy/tags.ts';
import { effectivePolicy, worldOf } from '../effective-policy/account.ts';
import { meaning, refusal, resolved } from './meaning.ts';

const guide = readFileSync('docs/policy.md', 'utf8');

/** The cells of the table rows that follow a heading or text. */
function tableAfter(text: string): readonly (readonly string[])[] {
  const rows = guide
    .slice(guide.indexOf(text))
    .split('\n')
    .filter((line) => line.startsWith('|'));
  return rows.map((row) => row.split('|').map((cell) => cell.trim()));
}

function codeIn(cell: string | undefined): readonly string[] {
  return [...(cell ?? '').matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '');
}

/** The attributes as the guide names them: plurals in brackets, `account` told of in the text. */
function documented(tag: Tag): readonly string[] {
  const names = [...fieldsOf(tag).keys()].filter(
    (name) => !['account', 'role', 'restricted_tos'].includes(name),
  );
  return [
    ...new Set(
      names.map((name) => (/^(?:public_key|layer)s?$/.test(name) ? `${name.replace(/s$/, '')}(s)` : name)),
    ),
  ];
}

describe('the guide to policies', () => {
  const records = tableAfter('## Records').filter(([, tag]) => tag?.startsWith('`!') === true);
  const recordTags = [
    'policy',
    'user',
    'host',
    'group',
    'layer',
    'variable',
    'webservice',
    'host-factory',
    'role',
    'resource',
  ] as const;

  for (const tag of recordTags) {
    it(`names the attributes of !${tag}`, () => {
      const row = records.find(([, cell]) => codeIn(cell).includes(`!${tag}`));
      const named = codeIn(row?.[3]).filter((name) => name !== '[]');
      assert.deepEqual([...named].sort(), [...documented(tag)].sort());
    });
  }

  it('names every tag', () => {
    for (const tag of statementTags) assert.ok(guide.includes(`!${tag}`), tag);
  });

  it('names the limits', () => {
    const limits = guide.slice(guide.indexOf('## Limits'));
    const { maxBytes, maxNodes, maxStatements, maxDepth, maxExpansion, maxPrivilegeBytes } =
      defaultPolicyLimits;
    const { maxAnnotationNameBytes, maxAnnotationValueBytes } = defaultPolicyLimits;
    for (const limit of [
      `${maxBytes / 1_024 / 1_024} MiB`,
      `about ${maxNodes.toLocaleString('en')}`,
      `| statements, annotations included | ${maxStatements.toLocaleString('en')}`,
      `| grants and permissions, lists multiplied out | ${maxEntries.toLocaleString('en')}`,
      `| collections in collections | ${maxDepth},`,
      `| values that aliases repeat | ${maxExpansion.toLocaleString('en')}`,
      `${maxPrivilegeBytes} bytes`,
      `${maxAnnotationNameBytes} bytes, ${maxAnnotationValueBytes / 1_024} KiB`,
      `${maxIdBytes.toLocaleString('en')} bytes`,
    ]) {
      assert.ok(limits.replace(/ +/g, ' ').includes(limit), limit);
    }
  });

  it('shows only messages that there are', () => {
    const folder = 'test/fixtures/policies/errors';
    const messages = readdirSync(folder).map(
      (file) => readFileSync(`${folder}/${file}`, 'utf8').split('\n')[3] ?? '',
    );
    const known = messages.map((message) =>
      message.replace('# message: ', '').replace(/'[^']*'|\/\S+/g, '_'),
    );
    const rows = tableAfter('| Message begins').filter(([, cell]) => cell?.startsWith('`') === true);
    const shown = rows
      .flatMap(([, cell]) => codeIn(cell))
      .filter((message) => / /.test(message) && !/not found|belongs to policy/.test(message));
    assert.ok(shown.length > 20);
    for (const message of shown) {
      const beginning = message
        .replace(/'[^']*'|\/\S+/g, '_')
        .replace(/(anchor) a$/, '$1')
        .replace(/reference: a_$/, 'reference');
      assert.ok(
        known.some((text) => text.startsWith(beginning.split('_')[0] ?? beginning)),
        message,
      );
    }
  });

  const blocks = [...guide.matchAll(/```yaml\n([\s\S]*?)```/g)].map((match) => match[1] ?? '');

  it('shows policies that load', () => {
    assert.equal(blocks.length, 4);
    for (const block of blocks.slice(0, 3)) assert.ok(meaning(block).length > 0);
  });

  it('shows an effective policy as it is read back', () => {
    const [, , block = ''] = blocks;
    assert.equal(effectivePolicy(worldOf(block), 'shop'), block);
  });

  it('shows the two forms that mislead as they are', () => {
    const [outside = '', folded = ''] = (blocks[3] ?? '').split('\n\n');
    assert.match(resolved(outside).warnings[0] ?? '', /nothing below 'body:'/);
    assert.match(refusal(folded).message, /runs on into the text behind it/);
  });

  it('shows ids as they resolve', () => {
    const text = (reference: string): string =>
      `- !policy { id: fin/ledger, body: [ !group g, !grant { role: !group g, member: ${reference} } ] }`;
    const rows = tableAfter('| In `fin/ledger`').filter(([, cell]) => cell?.startsWith('`!') === true);
    let shown = 0;
    for (const [, references, ids] of rows.slice(0, 4)) {
      codeIn(references).forEach((reference, index) => {
        const line = meaning(text(reference)).at(-1);
        assert.ok(line?.endsWith(`:${codeIn(ids)[index] ?? ''}`), `${reference}: ${line ?? ''}`);
        shown++;
      });
    }
    assert.equal(shown, 5);
  });
});
