/** `latchkey account`: looks after the accounts of a store. */
import type { Command } from 'commander';
import type { AccountsOnStore } from './account-store.ts';
import { plain } from './answers.ts';
import { addCommand, addGroup, outputOf } from './command.ts';
import { CommandError } from './exit-codes.ts';
import { readServerSettings, refusalOf } from './server-settings.ts';
import type { Terminal } from './terminal.ts';
import { printJson, printLine, readInputLine, remark } from './terminal.ts';

const flagsArgument = ['[flags...]', 'settings of the service that say where the store is'] as const;

export function addAccount(program: Command, terminal: Terminal): void {
  const group = addGroup(program, 'account', 'Look after the accounts of a store, without a server.');
  addCommand(group, 'create', "Make an account and print its administrator's API key.")
    .option('--password-stdin', "read the administrator's password, besides the API key, from standard input")
    .argument('<name>')
    .argument(...flagsArgument)
    .allowUnknownOption()
    .action((name: string, flags: readonly string[], options: CreateOptions, command: Command) =>
      create(terminal, name, flags, options, command),
    );
  addCommand(group, 'list', 'List the accounts.')
    .argument(...flagsArgument)
    .allowUnknownOption()
    .action((flags: readonly string[], _options: unknown, command: Command) =>
      list(terminal, flags, command),
    );
  addCommand(group, 'delete', 'Remove an account with everything in it.')
    .option('--yes', 'really do it: nothing brings the account back')
    .argument('<name>')
    .argument(...flagsArgument)
    .allowUnknownOption()
    .action((name: string, flags: readonly string[], options: DeleteOptions, command: Command) =>
      remove(terminal, name, flags, options, command),
    );
  addCommand(
    group,
    'operator',
    "Give '!:user:admin', the role that may look after accounts over HTTP, a new API key and print it.",
  )
    .argument(...flagsArgument)
    .allowUnknownOption()
    .action((flags: readonly string[], _options: unknown, command: Command) =>
      renew(terminal, flags, command),
    );
}

interface CreateOptions {
  readonly passwordStdin?: true;
}

interface DeleteOptions {
  readonly yes?: true;
}

async function create(
  terminal: Terminal,
  name: string,
  flags: readonly string[],
  options: CreateOptions,
  command: Command,
): Promise<void> {
  const password = options.passwordStdin === true ? await readInputLine(terminal) : undefined;
  const apiKey = await onStore(terminal, flags, 'the account was not made', (accounts) =>
    accounts.create(name, password),
  );
  if (outputOf(command) === 'json') printJson(terminal, { id: name, api_key: apiKey });
  else printLine(terminal, apiKey);
}

async function list(terminal: Terminal, flags: readonly string[], command: Command): Promise<void> {
  const names = await onStore(terminal, flags, 'the accounts cannot be listed', (accounts) =>
    accounts.list(),
  );
  if (outputOf(command) === 'json') printJson(terminal, names);
  else for (const name of names) printLine(terminal, plain(name));
}

async function remove(
  terminal: Terminal,
  name: string,
  flags: readonly string[],
  options: DeleteOptions,
  command: Command,
): Promise<void> {
  if (options.yes !== true) {
    throw new CommandError('usage', 'everything in the account would be lost. Add --yes if that is meant');
  }
  await onStore(terminal, flags, 'the account was not removed', (accounts) => accounts.remove(name));
  if (outputOf(command) === 'json') printJson(terminal, { id: name });
  else printLine(terminal, `Removed the account ${plain(name)}`);
}

async function renew(terminal: Terminal, flags: readonly string[], command: Command): Promise<void> {
  const apiKey = await onStore(terminal, flags, 'the key was not made', (accounts) =>
    accounts.renewOperator(),
  );
  if (outputOf(command) === 'json') printJson(terminal, { id: '!:user:admin', api_key: apiKey });
  else printLine(terminal, apiKey);
}

/** Loaded only here: the client commands need none of the service. */
async function onStore<Result>(
  terminal: Terminal,
  flags: readonly string[],
  what: string,
  act: (accounts: AccountsOnStore) => Promise<Result>,
): Promise<Result> {
  const { config, warnings } = readServerSettings(terminal, flags);
  for (const warning of warnings) remark(terminal, `note: ${warning}`);
  const { withAccountsOnStore } = await import('./account-store.ts');
  try {
    return await withAccountsOnStore(config, act);
  } catch (error) {
    throw refusalOf(error, what);
  }
}
