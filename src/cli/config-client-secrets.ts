import type { Command } from 'commander';
import { z } from 'zod';
import { readAnswer } from './answers.ts';
import { addCommand, addGroup, outputOf } from './command.ts';
import { forceOption } from './config-client-clients.ts';
import { addConfigOptions, withConfigSession, type ConfigOptions } from './config-client-session.ts';
import { CommandError } from './exit-codes.ts';
import type { Terminal } from './terminal.ts';
import { printJson, printLine } from './terminal.ts';

interface SecretOptions extends ConfigOptions {
  readonly id: string;
  readonly force?: true;
}

interface AddOptions extends SecretOptions {
  readonly expiresIn?: string;
  readonly expireOthersIn?: string;
}

interface DeleteOptions extends SecretOptions {
  readonly secretId: string;
}

const secretForm = z.looseObject({ id: z.string(), secret: z.string() });
const listForm = z.object({ _embedded: z.object({ secrets: z.array(z.looseObject({ id: z.string() })) }) });
const idOption = ['-i, --id <id>', 'the client id'] as const;

/** Adds the commands about secrets of clients. */
export function addSecretCommands(group: Command, terminal: Terminal): void {
  const secrets = addGroup(group, 'secrets', 'The secrets of a client.');
  const make = addCommand(secrets, 'add', 'Give a client another secret and print it as JSON this once.')
    .requiredOption(...idOption)
    .option('--expires-in <seconds>', 'how long it is good; for ever by default')
    .option(
      '--expire-others-in <seconds>',
      'how long the others are still good; as long as they were by default',
    )
    .option(...forceOption);
  addConfigOptions(make).action((options: AddOptions) => add(terminal, options));
  addConfigOptions(
    addCommand(secrets, 'list', 'List the secrets of a client as JSON, without their texts.').requiredOption(
      ...idOption,
    ),
  ).action((options: SecretOptions) => list(terminal, options));
  const end = addCommand(secrets, 'delete', 'Delete a secret; tokens that were got with it end, too.')
    .requiredOption(...idOption)
    .requiredOption('--secret-id <id>', 'the id of the secret')
    .option(...forceOption);
  addConfigOptions(end).action((options: DeleteOptions, command: Command) =>
    remove(terminal, options, command),
  );
}

async function add(terminal: Terminal, options: AddOptions): Promise<void> {
  const action = `give client ${options.id} a secret`;
  const body = {
    ...(options.expiresIn === undefined ? {} : { expiresIn: secondsOf(options.expiresIn) }),
    ...(options.expireOthersIn === undefined ? {} : { expireOthersIn: secondsOf(options.expireOthersIn) }),
  };
  await withConfigSession(terminal, options, async (session) => {
    const path = ['clients', options.id, 'secrets'];
    const answer = await session.call(action, 'POST', path, { body, force: options.force === true });
    printJson(terminal, readAnswer(action, answer, secretForm));
  });
}

async function list(terminal: Terminal, options: SecretOptions): Promise<void> {
  const action = `list the secrets of client ${options.id}`;
  await withConfigSession(terminal, options, async (session) => {
    const answer = await session.call(action, 'GET', ['clients', options.id, 'secrets']);
    printJson(terminal, readAnswer(action, answer, listForm)._embedded.secrets);
  });
}

async function remove(terminal: Terminal, options: DeleteOptions, command: Command): Promise<void> {
  const { id, secretId, force } = options;
  await withConfigSession(terminal, options, (session) =>
    session.call(`delete secret ${secretId}`, 'DELETE', ['clients', id, 'secrets', secretId], {
      force: force === true,
    }),
  );
  if (outputOf(command) === 'json') printJson(terminal, { id: secretId, deleted: true });
  else printLine(terminal, `Secret ${secretId} is deleted`);
}

/** @throws CommandError `usage`: no whole number */
export function secondsOf(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new CommandError('usage', 'a time must be a whole number of seconds');
}
