import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { startFailure } from '../config/failure.ts';
import { optionHelp } from '../config/help.ts';
import type { Loaded } from '../config/load.ts';
import { loadConfig } from '../config/load.ts';
import { plain } from './answers.ts';
import { CommandError } from './exit-codes.ts';
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

/** What made the service stop: a failure of its own, or something that the system refused it. */
function stopOf(error: unknown): unknown {
  const failure = startFailure(error);
  if (failure !== undefined) {
    const text = `the service stopped: ${failure.lines.join('\n  ')} (${failure.code})`;
    return new CommandError(failure.setting ? 'usage' : 'refused', text, error);
  }
  if (error instanceof Error && 'syscall' in error) {
    return new CommandError('refused', `the service stopped: ${plain(error.message)}`, error);
  }
  return error;
}

function readServerSettings(terminal: Terminal, argv: readonly string[]): Loaded {
  try {
    return loadConfig({ argv, env: terminal.env, readFile: (path) => readFileSync(path, 'utf8') });
  } catch (error) {
    const failure = startFailure(error);
    if (failure === undefined) throw error;
    const text = `the service cannot start with these settings:\n  ${failure.lines.join('\n  ')}`;
    throw new CommandError('usage', text, error);
  }
}
