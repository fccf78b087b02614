import type { Command } from 'commander';
import { optionHelp } from '../config/help.ts';
import type { Loaded } from '../config/load.ts';
import { CommandError, exits, isExit } from './exit-codes.ts';
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
  const reload = (): Loaded => readServerSettings(terminal, argv);
  try {
    const loaded = reload();
    // Loaded only here: the client commands need none of the service.
    const { runServer } = await import('./server.ts');
    await runServer(loaded, reload);
  } catch (error) {
    throw await stopOfProcess(error);
  }
}

/** What stopped a worker is told by the process that looks after it, and is not said twice. */
async function stopOfProcess(error: unknown): Promise<unknown> {
  const { StartFailure } = await import('../cluster/workforce.ts');
  if (error instanceof StartFailure) {
    const { exit, text } = error.fault;
    return new CommandError(isExit(exit) ? exit : 'refused', text, error);
  }
  const stop = stopOf(error);
  const { isWorker, reportFault, takeLeave } = await import('../cluster/worker.ts');
  if (!isWorker()) return stop;
  if (stop instanceof CommandError) {
    await reportFault({ exit: stop.exit, text: stop.message });
    process.exit(exits[stop.exit].code);
  }
  await takeLeave(undefined);
  return stop;
}
