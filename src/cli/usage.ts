/** What is said of a command line that cannot be used, without repeating it: any part of it may be a secret. */
import type { Command, CommanderError } from 'commander';
import { suggestion } from '../config/nearest.ts';

const complaints: Readonly<Record<string, string>> = {
  'commander.unknownCommand': 'there is no such command',
  'commander.unknownOption': 'an option is not known',
  'commander.excessArguments': 'there are more arguments than the command takes',
  'commander.missingArgument': 'an argument is missing',
  'commander.invalidArgument': 'a value is not one of those that may be given',
  'commander.conflictingOption': 'two of the options exclude each other',
  'commander.optionMissingArgument': 'an option lacks its value',
};

/** One line that says what is wrong, and one that says where help is. */
export function complaint(error: CommanderError, program: Command, argv: readonly string[]): string {
  const { command, rest } = findCommand(program, argv);
  const name = pathOf(command);
  const text =
    error.code === 'commander.missingMandatoryOptionValue'
      ? `${name} needs ${missingOptions(command).join(' and ')}`
      : `${complaints[error.code] ?? 'the command is not valid'}${hint(error, command, rest)}`;
  return `${text}\nRun: ${name} --help`;
}

function missingOptions(command: Command): readonly string[] {
  return command.options
    .filter((option) => option.mandatory && command.getOptionValue(option.attributeName()) === undefined)
    .map((option) => option.flags);
}

/** The known name that a mistyped one is close to; what was typed is not shown. */
function hint(error: CommanderError, command: Command, rest: readonly string[]): string {
  const option = error.code === 'commander.unknownOption';
  if (!option && error.code !== 'commander.unknownCommand') return '';
  const known = option
    ? command.options.flatMap(({ long }) => (long === undefined ? [] : [long]))
    : command.commands.map((each) => each.name());
  const typed = rest
    .map((text) => text.replace(/=.*$/s, ''))
    .filter((text) => text.startsWith('--') === option && !known.includes(text));
  return typed.map((text) => suggestion(text, known)).find((text) => text !== '') ?? '';
}

/** Follows the names of commands as far as they are known. */
function findCommand(
  program: Command,
  argv: readonly string[],
): { readonly command: Command; readonly rest: readonly string[] } {
  let command = program;
  let rest = argv;
  for (;;) {
    const position = rest.findIndex((text) => !text.startsWith('-'));
    const next = command.commands.find((each) => each.name() === rest[position]);
    if (next === undefined) return { command, rest };
    command = next;
    rest = rest.slice(position + 1);
  }
}

function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}
