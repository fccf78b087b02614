/** `latchkey backup` and `latchkey restore`: what a store holds, in one encrypted file. */
import type { Command } from 'commander';
import { plain } from './answers.ts';
import { readBackupFile, writeBackupFile, writeBackupTo } from './backup-file.ts';
import type { BackupStore, Summary } from './backup-summary.ts';
import { jsonOf, linesOf } from './backup-summary.ts';
import { outputOf, outputOption } from './command.ts';
import { CommandError } from './exit-codes.ts';
import { readServerSettings, refusalOf } from './server-settings.ts';
import type { Terminal } from './terminal.ts';
import { printJson, printLine, remark } from './terminal.ts';

const flagsArgument = [
  '[flags...]',
  'settings of the service that say where store and data key are',
] as const;

export function addBackup(program: Command, terminal: Terminal): void {
  const backup = program
    .command('backup')
    .description('Back up a store into one encrypted file, while services run on it.')
    .addOption(outputOption())
    .option('--file <path>', 'where to write the backup; - is standard output')
    .argument(...flagsArgument)
    .allowUnknownOption()
    .helpCommand(false)
    .action((flags: readonly string[], options: BackupOptions, command: Command) =>
      make(terminal, flags, options, command),
    );
  backup
    .command('verify')
    .description('Check that a backup is whole and that the data key opens it, without a store.')
    .addOption(outputOption())
    .argument('<file>', 'the backup; - is standard input')
    .argument(...flagsArgument)
    .allowUnknownOption()
    .action((file: string, flags: readonly string[], _options: unknown, command: Command) =>
      verify(terminal, file, flags, command),
    );
}

export function addRestore(program: Command, terminal: Terminal): void {
  program
    .command('restore')
    .description('Restore a backup into an empty store.')
    .addOption(outputOption())
    .option('--restart', 'start over where an earlier restore of this store was interrupted')
    .argument('<file>')
    .argument(...flagsArgument)
    .allowUnknownOption()
    .action((file: string, flags: readonly string[], options: RestoreOptions, command: Command) =>
      restore(terminal, file, flags, options, command),
    );
}

interface BackupOptions {
  readonly file?: string;
}

interface RestoreOptions {
  readonly restart?: true;
}

async function make(
  terminal: Terminal,
  flags: readonly string[],
  options: BackupOptions,
  command: Command,
): Promise<void> {
  const path = options.file ?? defaultName(new Date());
  const toOutput = path === '-';
  const summary = await onStore(terminal, flags, 'the backup was not made', (store, config) => {
    if (toOutput && config.auditFile === '-') {
      throw new CommandError('usage', 'the backup and the audit records cannot both go to standard output');
    }
    return store.backupStore(config, (bytes) =>
      toOutput ? writeBackupTo(terminal.stdout, bytes) : writeBackupFile(path, bytes),
    );
  });
  if (toOutput) return;
  if (outputOf(command) === 'json') printJson(terminal, { file: path, ...jsonOf(summary) });
  else for (const line of [`Wrote ${plain(path)}`, ...linesOf(summary)]) printLine(terminal, line);
}

/** One that sorts by time. */
function defaultName(now: Date): string {
  return `latchkey-${now.toISOString().replace(/[-:]|\.\d+/g, '')}.backup`;
}

async function verify(
  terminal: Terminal,
  file: string,
  flags: readonly string[],
  command: Command,
): Promise<void> {
  const bytes = file === '-' ? (terminal.stdin as AsyncIterable<Uint8Array>) : readBackupFile(file);
  const summary = await onStore(terminal, flags, 'the backup cannot be relied on', (store, config) =>
    store.verifyFile(config, bytes),
  );
  if (outputOf(command) === 'json') printJson(terminal, jsonOf(summary));
  else for (const line of ['The backup is whole', ...linesOf(summary)]) printLine(terminal, line);
}

async function restore(
  terminal: Terminal,
  file: string,
  flags: readonly string[],
  options: RestoreOptions,
  command: Command,
): Promise<void> {
  if (file === '-') throw new CommandError('usage', 'a backup is read twice; restore it from a file');
  const summary = await onStore(terminal, flags, 'the backup was not restored', (store, config) =>
    store.restoreStore(config, options.restart === true, () => readBackupFile(file)),
  );
  if (outputOf(command) === 'json') printJson(terminal, jsonOf(summary));
  else for (const line of ['Restored the backup', ...linesOf(summary)]) printLine(terminal, line);
}

/** Loaded only here: the client commands need none of the service. */
async function onStore(
  terminal: Terminal,
  flags: readonly string[],
  what: string,
  act: (store: BackupStore, config: ReturnType<typeof readServerSettings>['config']) => Promise<Summary>,
): Promise<Summary> {
  const { config, warnings } = readServerSettings(terminal, flags);
  for (const warning of warnings) remark(terminal, `note: ${warning}`);
  const store = await import('./backup-store.ts');
  try {
    return await act(store, config);
  } catch (error) {
    throw refusalOf(error, what);
  }
}
