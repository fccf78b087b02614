import type { Command } from 'commander';
import { z } from 'zod';
import { readAnswer } from './answers.ts';
import { addCommand, outputOf } from './command.ts';
import { addConfigOptions, withConfigSession, type ConfigOptions } from './config-client-session.ts';
import { CommandError } from './exit-codes.ts';
import type { Terminal } from './terminal.ts';
import { printJson, printLine } from './terminal.ts';

interface IdOptions extends ConfigOptions {
  readonly id: string;
  readonly force?: true;
}

interface FieldOptions extends ConfigOptions {
  readonly name?: string;
  readonly tokenPolicy?: string;
  readonly loginPolicy?: string;
  readonly redirectUris?: readonly string[];
}

interface CreateOptions extends FieldOptions {
  readonly type: string;
}

const clientForm = z.looseObject({ id: z.string() });
const listForm = z.object({ _embedded: z.object({ clients: z.array(clientForm) }) });
export const forceOption = ['--force', 'do it although access to the configuration is lost by it'] as const;
const idOption = ['-i, --id <id>', 'the client id'] as const;

/** Adds the commands about clients. */
export function addClientCommands(group: Command, terminal: Terminal): void {
  addConfigOptions(addCommand(group, 'list', 'List the clients as JSON.')).action((options: ConfigOptions) =>
    list(terminal, options),
  );
  addConfigOptions(addCommand(group, 'get', 'Show a client as JSON.').requiredOption(...idOption)).action(
    (options: IdOptions) => get(terminal, options),
  );
  const make = addCommand(group, 'create', 'Make a client and print it as JSON, its secret this once.')
    .requiredOption('-n, --name <name>', 'its name')
    .requiredOption('-t, --type <type>', 'its type: configuration, confidential or public')
    .requiredOption('--token-policy <id>', 'the token policy')
    .option('--login-policy <id>', 'the login policy; of clients that sign people in')
    .option('--redirect-uris <uris...>', 'where people are sent back to');
  addConfigOptions(make).action((options: CreateOptions) => create(terminal, options));
  const change = addCommand(group, 'update', 'Change a client, and print it as JSON.')
    .requiredOption(...idOption)
    .option('-n, --name <name>', 'another name')
    .option('--token-policy <id>', 'another token policy')
    .option('--login-policy <id>', 'another login policy')
    .option('--redirect-uris <uris...>', 'all redirect URIs that it is to have')
    .option(...forceOption);
  addConfigOptions(change).action((options: IdOptions & FieldOptions) => update(terminal, options));
  const end = addCommand(group, 'delete', 'Delete a client; its tokens end with it.')
    .requiredOption(...idOption)
    .option(...forceOption);
  addConfigOptions(end).action((options: IdOptions, command: Command) => remove(terminal, options, command));
}

async function list(terminal: Terminal, options: ConfigOptions): Promise<void> {
  const action = 'list the clients';
  await withConfigSession(terminal, options, async (session) => {
    const answer = await session.call(action, 'GET', ['clients']);
    printJson(terminal, readAnswer(action, answer, listForm)._embedded.clients);
  });
}

async function get(terminal: Terminal, options: IdOptions): Promise<void> {
  const action = `show client ${options.id}`;
  await withConfigSession(terminal, options, async (session) => {
    const answer = await session.call(action, 'GET', ['clients', options.id]);
    printJson(terminal, readAnswer(action, answer, clientForm));
  });
}

async function create(terminal: Terminal, options: CreateOptions): Promise<void> {
  const action = `make client ${options.name ?? ''}`;
  await withConfigSession(terminal, options, async (session) => {
    const body = { ...fieldsOf(options), type: options.type };
    const answer = await session.call(action, 'POST', ['clients'], { body });
    printJson(terminal, readAnswer(action, answer, clientForm));
  });
}

async function update(terminal: Terminal, options: IdOptions & FieldOptions): Promise<void> {
  const action = `change client ${options.id}`;
  const body = fieldsOf(options);
  if (Object.keys(body).length === 0) throw new CommandError('usage', 'nothing to change: no field is given');
  await withConfigSession(terminal, options, async (session) => {
    const force = options.force === true;
    const answer = await session.call(action, 'PATCH', ['clients', options.id], { body, force });
    printJson(terminal, readAnswer(action, answer, clientForm));
  });
}

async function remove(
  terminal: Terminal,
  { id, force, ...options }: IdOptions,
  command: Command,
): Promise<void> {
  await withConfigSession(terminal, options, (session) =>
    session.call(`delete client ${id}`, 'DELETE', ['clients', id], { force: force === true }),
  );
  if (outputOf(command) === 'json') printJson(terminal, { id, deleted: true });
  else printLine(terminal, `Client ${id} is deleted`);
}

function fieldsOf({ name, tokenPolicy, loginPolicy, redirectUris }: FieldOptions): object {
  const fields = { name, tokenPolicy, loginPolicy, redirectURIs: redirectUris };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
