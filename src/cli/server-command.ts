import type { Command } from 'commander';
import { optionHelp } from '../config/help.ts';
import { readServerSettings, stopOf } from './server-settings.ts';
import type { Terminal } from './terminal.ts';

/** Adds `server`. Its flags are those of the option table, which reads them itself. */
export function addServer(program: Command, terminal: Terminal): void {
  program
    .command('server')
    .description('Run the service.')
    .argument('[flags...]', 'the settings below')
    .allowUnknownOption()
    .helpCommand(false)
    .addHelpText(
      'after',
      `\nSettings, from a flag, else from the environment, else from the configuration file:\n\n${optionHelp()}`,
    )
    .action((flags: readonly string[]) => serve(terminal, flags));
}

async function serve(terminal: Terminal, argv: readonly string[]): Promise<void> {
  const { config, warnings } = readServerSettings(terminal, argv);
  // Loaded only here: the client commands need none of the service.
  const { runServer } = await import('./server.ts');
  try {
    await runServer(config, warnings);
  } catch (error) {
    throw stopOf(error);
  }
}
