import tab from '@bomb.sh/tab/commander';
import type { Command } from 'commander';

const name = 'completion';

/**
 * Adds `completion SHELL`, which prints a script for the shell, and the hidden command that such
 * scripts ask; called last, as it learns the commands that are there.
 */
export function addCompletion(program: Command): void {
  tab(program, { completionCommandName: name });
  program.commands
    .find((command) => command.name() === name)
    ?.description('Print a completion script for a shell.');
}
