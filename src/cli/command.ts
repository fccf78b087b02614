/** What all commands share: how they are made, and the form of their output. */
import type { Command } from 'commander';
import { Option } from 'commander';

export type OutputFormat = 'text' | 'json';

/** The option `--output`, which stands before the command or after it. */
export function outputOption(): Option {
  return new Option('--output <format>', 'the form of the output').choices(['text', 'json']);
}

/** Adds a command that does something, as opposed to one that only groups others. */
export function addCommand(parent: Command, name: string, description: string): Command {
  return parent.command(name).description(description).addOption(outputOption());
}

/** Adds a command that groups others. */
export function addGroup(parent: Command, name: string, description: string): Command {
  return parent.command(name).description(description);
}

export function outputOf(command: Command): OutputFormat {
  return command.optsWithGlobals<{ readonly output?: OutputFormat }>().output ?? 'text';
}
