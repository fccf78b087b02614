import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { optionHelp } from '../../src/config/help.ts';
import { clientVariables } from '../../src/config/client-variables.ts';
import { environmentNames, flagOf, optionList } from '../../src/config/options.ts';

const page = readFileSync('docs/configuration.md', 'utf8');

/** The rows of the table of settings: everything that starts with a code span in its first cell. */
function documentedRows(): readonly string[] {
  const [, table = ''] = page.split('<!-- options -->');
  return table.split('\n').filter((line) => line.startsWith('| `'));
}

function tableRows(): readonly string[] {
  return optionList.map(([, option]) => {
    const [variable = '', ...aliases] = environmentNames(option);
    const fallback =
      option.fallback === undefined ? 'none' : option.fallback === '' ? 'empty' : `\`${option.fallback}\``;
    const cells = [
      `\`${flagOf(option) ?? 'no flag'}\``,
      [variable, ...aliases].map((name) => `\`${name}\``).join(', '),
      option.limits,
      fallback,
      option.summary,
    ];
    return `| ${cells.join(' | ')} |`;
  });
}

function squeezed(rows: readonly string[]): readonly string[] {
  return rows.map((row) => row.replace(/ +/g, ' '));
}

describe('docs/configuration.md', () => {
  it('describes every option as the table does, in its order, and no other', () => {
    assert.deepEqual(squeezed(documentedRows()), tableRows());
  });

  it('names no LATCHKEY_ variable that nothing reads', () => {
    const known = new Set<string>([
      ...optionList.flatMap(([, option]) => environmentNames(option)),
      ...Object.values(clientVariables).flat(),
    ]);
    const named = page.match(/LATCHKEY_[A-Z_]*[A-Z]/g) ?? [];
    assert.deepEqual(
      named.filter((name) => !known.has(name)),
      [],
    );
  });
});

describe('optionHelp', () => {
  it('shows flag, environment names, limits and default of every option', () => {
    const help = optionHelp();
    for (const [, option] of optionList) {
      const [entry] = help.split('\n\n').filter((text) => text.includes(option.summary));
      assert.ok(entry !== undefined, option.name);
      for (const name of environmentNames(option)) assert.ok(entry.includes(name), name);
      const flag = flagOf(option);
      if (flag === undefined) assert.ok(!help.includes(`--${option.name} `));
      else assert.ok(entry.includes(flag));
      if (option.fallback !== undefined) assert.ok(entry.includes(option.fallback));
    }
  });
});

describe('the option table', () => {
  it('gives no name twice', () => {
    const names = optionList.flatMap(([, option]) => [option.name, ...environmentNames(option)]);
    assert.equal(new Set(names).size, names.length);
  });

  it('has defaults that its own types accept', () => {
    for (const [, option] of optionList) {
      if (option.fallback === undefined) continue;
      assert.ok(option.schema.safeParse(option.fallback.replace('<data>', './data')).success, option.name);
    }
  });

  it('keeps names, limits and summaries in one form', () => {
    for (const [, option] of optionList) {
      assert.match(option.name, /^[a-z]+(?:-[a-z]+)*$/);
      assert.match(option.summary, /^[A-Z].*\.$/);
      assert.doesNotMatch(option.summary + option.limits, /\||\n/);
    }
  });
});
