/** The service's settings, and its failures, for commands that work on its store or run it. */
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { startFailure } from '../config/failure.ts';
import type { Loaded } from '../config/load.ts';
import { loadConfig } from '../config/load.ts';
import { openToOthers, openToOthersText } from '../private-file.ts';
import { plain } from './answers.ts';
import { CommandError } from './exit-codes.ts';
import type { Terminal } from './terminal.ts';

/**
 * @param argv the settings given as flags
 * @throws CommandError `usage`: a setting is not valid
 */
export function readServerSettings(terminal: Terminal, argv: readonly string[]): Loaded {
  try {
    return loadConfig({ argv, env: terminal.env, readFile: readSettingsFile });
  } catch (error) {
    const failure = startFailure(error);
    if (failure === undefined) throw error;
    const text = `the service cannot start with these settings:\n  ${failure.lines.join('\n  ')}`;
    throw new CommandError('usage', text, error);
  }
}

function readSettingsFile(path: string, secret?: 'secret'): string {
  const descriptor = openSync(path, 'r');
  try {
    if (secret !== undefined && openToOthers(fstatSync(descriptor), path))
      throw new Error(openToOthersText(path));
    return readFileSync(descriptor, 'utf8');
  } finally {
    closeSync(descriptor);
  }
}

/** What made the service stop: a failure of its own, or something that the system refused it. */
export function stopOf(error: unknown): unknown {
  return refusalOf(error, 'the service stopped');
}

/**
 * A failure of the service's own, or something that the system refused it, as a failure of a
 * command; any other error as it is.
 * @param what is said to have happened
 */
export function refusalOf(error: unknown, what: string): unknown {
  const failure = startFailure(error);
  if (failure !== undefined) {
    const text = `${what}: ${failure.lines.map(plain).join('\n  ')} (${failure.code})`;
    return new CommandError(failure.setting ? 'usage' : 'refused', text, error);
  }
  if (error instanceof Error && 'syscall' in error) {
    return new CommandError('refused', `${what}: ${plain(error.message)}`, error);
  }
  return error;
}
