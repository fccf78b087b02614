import type { Command } from 'commander';
import { Option } from 'commander';
import { addCommand, addGroup, outputOf } from './command.ts';
import { CommandError } from './exit-codes.ts';
import { readNamedFile } from './files.ts';
import { getVariable, setVariable } from './secrets.ts';
import { withSession } from './session.ts';
import type { Terminal } from './terminal.ts';
import { printJson, printLine, promptSecret, readInput, remark } from './terminal.ts';

interface GetOptions {
  readonly id: readonly string[];
  readonly version?: string;
}

interface SetOptions {
  readonly id: string;
  readonly value?: string;
  readonly file?: string;
}

export function addVariable(program: Command, terminal: Terminal): void {
  const group = addGroup(program, 'variable', 'Read and write the values of variables.');
  addCommand(group, 'get', 'Print the value of a variable, or of several as JSON.')
    .requiredOption('-i, --id <ids...>', 'the variable; several are separated by commas or blanks')
    .option('-v, --version <number>', 'the version of the value; the newest by default')
    .action((options: GetOptions, command: Command) => get(terminal, options, command));
  addCommand(group, 'set', 'Set the value of a variable: from an option, a file, standard input or a prompt.')
    .requiredOption('-i, --id <id>', 'the variable')
    .addOption(new Option('-v, --value <text>', 'the value; other users may see it in the list of processes'))
    .addOption(
      new Option('-f, --file <file>', 'a file with the value; - for standard input').conflicts('value'),
    )
    .action((options: SetOptions, command: Command) => set(terminal, options, command));
}

async function get(terminal: Terminal, options: GetOptions, command: Command): Promise<void> {
  const split = options.id.flatMap((text) => text.split(',')).map((text) => text.trim());
  const ids = [...new Set(split.filter((id) => id !== ''))];
  const [first] = ids;
  if (first === undefined) throw new CommandError('usage', 'no variable is given. Name it with --id');
  const { version } = options;
  if (version !== undefined && !/^\d{1,15}$/.test(version)) {
    throw new CommandError('usage', 'the version must be a whole number');
  }
  await withSession(terminal, async (session) => {
    if (ids.length === 1 && outputOf(command) === 'text') {
      printValue(terminal, await getVariable(session, first, version));
      return;
    }
    const values: (readonly [string, string])[] = [];
    for (const id of ids) values.push([id, textOf(id, await getVariable(session, id, version))]);
    printJson(terminal, Object.fromEntries(values));
  });
}

/** Exactly the value, so that it can go to a file; for eyes, a newline after it. */
function printValue(terminal: Terminal, value: Buffer): void {
  terminal.stdout.write(value);
  if (terminal.stdout.isTTY === true && value.at(-1) !== 0x0a) terminal.stdout.write('\n');
}

function textOf(id: string, bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new CommandError(
      'refused',
      `the value of ${id} is not text, which JSON cannot hold. Get it alone: latchkey variable get -i ${id}`,
      error,
    );
  }
}

async function set(terminal: Terminal, options: SetOptions, command: Command): Promise<void> {
  await withSession(terminal, async (session) => {
    await setVariable(session, options.id, await readValue(terminal, options));
    if (outputOf(command) === 'json') printJson(terminal, { id: options.id });
    else printLine(terminal, 'Value added');
  });
}

async function readValue(terminal: Terminal, options: SetOptions): Promise<Uint8Array> {
  if (options.value !== undefined) return Buffer.from(options.value);
  if (options.file !== undefined && options.file !== '-') return readNamedFile(terminal, options.file);
  if (options.file === undefined && terminal.stdin.isTTY === true) {
    return Buffer.from(await promptSecret(terminal, `Value of ${options.id}`));
  }
  const value = await readInput(terminal);
  if (value.indexOf(0x0a) === value.length - 1 && value.length > 1) {
    remark(terminal, 'note: the newline at the end of the input is part of the value (printf leaves it out)');
  }
  return value;
}
