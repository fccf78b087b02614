import type { Command } from 'commander';
import { z } from 'zod';
import { jsonOf, readAnswer } from './answers.ts';
import { addCommand, addGroup, outputOf } from './command.ts';
import { forceOption } from './config-client-clients.ts';
import { secondsOf } from './config-client-secrets.ts';
import { addConfigOptions, withConfigSession, type ConfigOptions } from './config-client-session.ts';
import { CommandError } from './exit-codes.ts';
import { readNamedFile } from './files.ts';
import { parseJson } from '../parse-json.ts';
import type { Terminal } from './terminal.ts';
import { printJson, printLine } from './terminal.ts';

interface FieldOptions extends ConfigOptions {
  readonly title?: string;
  readonly allowedScopes?: readonly string[];
  readonly accessTokenLifetime?: string;
  readonly refreshTokenLifetime?: string;
  readonly file?: string;
}

interface IdOptions extends FieldOptions {
  readonly id: string;
  readonly force?: true;
}

/** What differs between token policies and login policies. */
interface PolicyKind {
  readonly command: string;
  readonly collection: 'tokenPolicies' | 'loginPolicies';
  readonly noun: string;
  readonly addFields: (command: Command) => Command;
}

const policyForm = z.looseObject({ id: z.string() });
const idOption = ['-i, --id <id>', 'the id of the policy'] as const;

const tokenPolicies: PolicyKind = {
  command: 'token-policies',
  collection: 'tokenPolicies',
  noun: 'token policy',
  addFields: (command) =>
    command
      .option('--allowed-scopes <scopes...>', 'the scopes that its clients may ask for')
      .option(
        '--access-token-lifetime <seconds>',
        'how long access tokens live, from 60 to 3600; 3600 by default',
      )
      .option(
        '--refresh-token-lifetime <seconds>',
        'how long refresh tokens live, from 60; 90 days by default',
      ),
};

const loginPolicies: PolicyKind = {
  command: 'login-policies',
  collection: 'loginPolicies',
  noun: 'login policy',
  addFields: (command) =>
    command.option(
      '-f, --file <file>',
      'a file with its other members as a JSON object; - for standard input',
    ),
};

/** Adds the commands about token policies and login policies. */
export function addPolicyCommands(group: Command, terminal: Terminal): void {
  addKind(
    addGroup(group, tokenPolicies.command, 'What tokens and scopes clients get.'),
    terminal,
    tokenPolicies,
  );
  addKind(addGroup(group, loginPolicies.command, 'How clients sign people in.'), terminal, loginPolicies);
}

function addKind(group: Command, terminal: Terminal, kind: PolicyKind): void {
  const { noun, collection } = kind;
  const plural = noun.replace(/y$/, 'ies');
  addConfigOptions(addCommand(group, 'list', `List the ${plural} as JSON.`)).action(
    (options: ConfigOptions) => list(terminal, collection, plural, options),
  );
  addConfigOptions(addCommand(group, 'get', `Show a ${noun} as JSON.`).requiredOption(...idOption)).action(
    (options: IdOptions) => get(terminal, kind, options),
  );
  const make = addCommand(group, 'create', `Make a ${noun} and print its id.`);
  addConfigOptions(kind.addFields(make.requiredOption('--title <title>', 'its title'))).action(
    (options: FieldOptions, command: Command) => create(terminal, kind, options, command),
  );
  const change = addCommand(group, 'update', `Change a ${noun}, and print it as JSON.`)
    .requiredOption(...idOption)
    .option('--title <title>', 'another title');
  addConfigOptions(kind.addFields(change).option(...forceOption)).action((options: IdOptions) =>
    update(terminal, kind, options),
  );
  const end = addCommand(group, 'delete', `Delete a ${noun} that no client has.`).requiredOption(...idOption);
  addConfigOptions(end).action((options: IdOptions, command: Command) =>
    remove(terminal, kind, options, command),
  );
}

async function list(
  terminal: Terminal,
  collection: string,
  plural: string,
  options: ConfigOptions,
): Promise<void> {
  const action = `list the ${plural}`;
  const listForm = z.object({ _embedded: z.record(z.string(), z.array(policyForm)) });
  await withConfigSession(terminal, options, async (session) => {
    const answer = await session.call(action, 'GET', [collection]);
    printJson(terminal, readAnswer(action, answer, listForm)._embedded[collection] ?? []);
  });
}

async function get(terminal: Terminal, { noun, collection }: PolicyKind, options: IdOptions): Promise<void> {
  const action = `show ${noun} ${options.id}`;
  await withConfigSession(terminal, options, async (session) => {
    const answer = await session.call(action, 'GET', [collection, options.id]);
    printJson(terminal, readAnswer(action, answer, policyForm));
  });
}

async function create(
  terminal: Terminal,
  { noun, collection }: PolicyKind,
  options: FieldOptions,
  command: Command,
): Promise<void> {
  const action = `make a ${noun}`;
  const body = await fieldsOf(terminal, options);
  await withConfigSession(terminal, options, async (session) => {
    const answer = await session.call(action, 'POST', [collection], { body });
    const id = z.string().safeParse(jsonOf(answer)).data ?? '';
    if (outputOf(command) === 'json') printJson(terminal, { id });
    else printLine(terminal, id);
  });
}

async function update(
  terminal: Terminal,
  { noun, collection }: PolicyKind,
  options: IdOptions,
): Promise<void> {
  const action = `change ${noun} ${options.id}`;
  const body = await fieldsOf(terminal, options);
  if (Object.keys(body).length === 0) throw new CommandError('usage', 'nothing to change: no field is given');
  await withConfigSession(terminal, options, async (session) => {
    const force = options.force === true;
    const answer = await session.call(action, 'PATCH', [collection, options.id], { body, force });
    printJson(terminal, readAnswer(action, answer, policyForm));
  });
}

async function remove(
  terminal: Terminal,
  { noun, collection }: PolicyKind,
  options: IdOptions,
  command: Command,
): Promise<void> {
  const { id } = options;
  await withConfigSession(terminal, options, (session) =>
    session.call(`delete ${noun} ${id}`, 'DELETE', [collection, id]),
  );
  if (outputOf(command) === 'json') printJson(terminal, { id, deleted: true });
  else printLine(terminal, `The ${noun} ${id} is deleted`);
}

/** @throws CommandError `usage`: a time is no number, or the file holds no JSON object */
async function fieldsOf(terminal: Terminal, options: FieldOptions): Promise<object> {
  const { title, allowedScopes, accessTokenLifetime, refreshTokenLifetime, file } = options;
  return {
    ...(file === undefined ? {} : await objectIn(terminal, file)),
    ...(title === undefined ? {} : { title }),
    ...(allowedScopes === undefined ? {} : { allowedScopes }),
    ...(accessTokenLifetime === undefined ? {} : { accessTokenLifetime: secondsOf(accessTokenLifetime) }),
    ...(refreshTokenLifetime === undefined ? {} : { refreshTokenLifetime: secondsOf(refreshTokenLifetime) }),
  };
}

async function objectIn(terminal: Terminal, file: string): Promise<object> {
  const parsed = z
    .looseObject({})
    .safeParse(parseJson((await readNamedFile(terminal, file)).toString('utf8')));
  if (parsed.success) return parsed.data;
  throw new CommandError('usage', `${file} holds no JSON object`);
}
