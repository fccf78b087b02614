import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import type { Command } from 'commander';
import { exits } from '../../src/cli/exit-codes.ts';
import { createProgram } from '../../src/cli/program.ts';
import { clientVariables } from '../../src/config/client-variables.ts';
import { environmentNames, optionList } from '../../src/config/options.ts';

const page = readFileSync('docs/cli.md', 'utf8');

/** The table rows below a heading, up to the next heading, with single blanks. */
function rowsBelow(heading: string): readonly string[] {
  const [, section = ''] = page.split(`\n${heading}\n`);
  const [own = ''] = section.split(/\n#+ /);
  return own
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.replace(/ +/g, ' '));
}

function leaves(command: Command, path: string): readonly (readonly [string, Command])[] {
  const shown = command.createHelp().visibleCommands(command);
  if (shown.length === 0) return [[path, command]];
  const below = shown
    .filter((each) => each.name() !== 'help')
    .flatMap((each) => leaves(each, `${path} ${each.name()}`));
  // One that takes arguments is a command of its own besides.
  return command.registeredArguments.length > 0 ? [[path, command], ...below] : below;
}

const stream = new PassThrough();
const terminal = { env: {}, home: '/', stdin: stream, stdout: stream, stderr: stream };
const commands = leaves(createProgram(terminal), 'latchkey');

describe('docs/cli.md', () => {
  it('has a section for every command and no other', () => {
    const documented = [...page.matchAll(/^### `(latchkey [^`]*)`$/gm)].map(([, name]) => name);
    assert.deepEqual(
      documented,
      commands.map(([path]) => path),
    );
  });

  it('describes every command and its options as the command does', () => {
    for (const [path, command] of commands) {
      assert.ok(page.includes(`\n### \`${path}\`\n\n${command.description()}`), path);
      const rows = command.options
        .filter(({ long }) => long !== '--output')
        .map(({ flags, description }) => `| \`${flags}\` | ${description} |`);
      assert.deepEqual(rowsBelow(`### \`${path}\``), rows, path);
    }
  });

  it('shows the exit codes as they are', () => {
    assert.deepEqual(
      rowsBelow('## Exit codes'),
      Object.values(exits).map(({ code, meaning }) => `| \`${code}\` | ${meaning} |`),
    );
  });

  it('names every variable that the commands read, and none that nothing reads', () => {
    const documented = rowsBelow('## Environment').flatMap(
      (row) => row.match(/(?:LATCHKEY|CONJUR)_[A-Z_]+/g) ?? [],
    );
    assert.deepEqual(documented, Object.values(clientVariables).flat());
    const known = new Set<string>([
      ...documented,
      ...optionList.flatMap(([, option]) => environmentNames(option)),
    ]);
    const named = page.match(/(?:LATCHKEY|CONJUR)_[A-Z_]+/g) ?? [];
    assert.deepEqual(
      named.filter((name) => !known.has(name)),
      [],
    );
  });
});
