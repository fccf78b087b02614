import type { Command } from 'commander';
import { Option } from 'commander';
import { CommandError } from './exit-codes.ts';
import type { Terminal } from './terminal.ts';
import { promptSecret, readInputLine } from './terminal.ts';

export interface PasswordOptions {
  readonly password?: string;
  readonly passwordStdin?: true;
}

/** Adds the ways to give a password: on the command line, on standard input, or else at a prompt. */
export function addPasswordOptions(command: Command, what: string): Command {
  return command
    .addOption(
      new Option('-p, --password <text>', `${what}; other users may see it in the list of processes`),
    )
    .addOption(new Option('--password-stdin', `read ${what} from standard input`).conflicts('password'));
}

/**
 * @param label what the prompt asks for
 * @throws CommandError `usage`: none is given and there is no terminal to ask at, or it is empty
 */
export async function readPassword(
  terminal: Terminal,
  options: PasswordOptions,
  label: string,
): Promise<string> {
  const password = options.password ?? (await readFromTerminal(terminal, options, label));
  if (password === '') throw new CommandError('usage', 'the password is empty');
  return password;
}

async function readFromTerminal(
  terminal: Terminal,
  options: PasswordOptions,
  label: string,
): Promise<string> {
  if (options.passwordStdin === true) return readInputLine(terminal);
  if (terminal.stdin.isTTY === true) return promptSecret(terminal, label);
  throw new CommandError(
    'usage',
    'no password is given, and there is no terminal to ask at. Use --password-stdin',
  );
}
