import { plain } from './answers.ts';
import type { KeysOnStore } from './key-store.ts';
import { readServerSettings, refusalOf } from './server-settings.ts';
import type { Terminal } from './terminal.ts';
import { remark } from './terminal.ts';
import type { Config } from '../config/options.ts';

/**
 * Works on the store that the settings of the service name. What takes it is loaded only here: the client
 * commands need none of the service.
 * @param flags settings of the service
 * @param what is said to have happened when it fails
 */
export async function onKeys<Result>(
  terminal: Terminal,
  flags: readonly string[],
  what: string,
  act: (keys: KeysOnStore, config: Config) => Promise<Result>,
): Promise<Result> {
  const { config, warnings } = readServerSettings(terminal, flags);
  for (const warning of warnings) remark(terminal, `note: ${plain(warning)}`);
  const { withKeysOnStore } = await import('./key-store.ts');
  try {
    return await withKeysOnStore(config, (keys) => act(keys, config));
  } catch (error) {
    throw refusalOf(error, what);
  }
}
