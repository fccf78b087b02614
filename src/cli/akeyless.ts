/** The commands about OIDC apps, named as in Akeyless' command line. */
import type { Command } from 'commander';
import { z } from 'zod';
import { assignmentOf, type AssignmentOptions } from './akeyless-assignment.ts';
import { callAkeyless, type Parameters } from './akeyless-call.ts';
import { addCommand, outputOf } from './command.ts';
import { CommandError } from './exit-codes.ts';
import type { Session } from './session.ts';
import { withSession } from './session.ts';
import type { Terminal } from './terminal.ts';
import { printJson, printLine } from './terminal.ts';

interface AppOptions extends AssignmentOptions {
  readonly name: string;
  readonly redirectUris?: string;
  readonly scopes?: string;
  readonly audience?: string;
  readonly public?: true;
  readonly description?: string;
}

interface NameOptions {
  readonly name: string;
}

interface RenameOptions extends NameOptions {
  readonly newName: string;
}

interface RotateOptions extends NameOptions {
  readonly overlapSeconds?: string;
}

interface ListOptions {
  readonly path?: string;
  readonly filter?: string;
}

const answerForm = z.looseObject({});
const appForm = z.looseObject({
  name: z.string(),
  client_id: z.string(),
  client_secret: z.string().optional(),
});
const nameOption = ['-n, --name <name>', 'the name of the app, with its folders: team/app'] as const;
const filterOption = ['--filter <text>', 'only those with this in their name'] as const;

export function addAkeyless(program: Command, terminal: Terminal): void {
  addApps(program, terminal);
  addItems(program, terminal);
  addCommand(program, 'list-auth-methods', 'List the authentication methods with their access ids as JSON.')
    .option(...filterOption)
    .action((options: ListOptions) => withSession(terminal, (session) => listMethods(session, options)));
  addCommand(program, 'list-groups', 'List the groups with their group ids as JSON.')
    .option(...filterOption)
    .action((options: ListOptions) => withSession(terminal, (session) => listGroups(session, options)));
}

function addApps(program: Command, terminal: Terminal): void {
  withAppOptions(
    addCommand(
      program,
      'create-oidc-app',
      'Make an OIDC app, and print it as JSON with its secret, this once.',
    ),
  )
    .option('--public', 'the app cannot keep a secret: it gets none, and people sign in with PKCE')
    .action((options: AppOptions) => withSession(terminal, (session) => create(session, options)));
  withAppOptions(
    addCommand(
      program,
      'update-oidc-app',
      'Change an OIDC app; each list that is given replaces the old one.',
    ),
  ).action((options: AppOptions, command: Command) =>
    withSession(terminal, (session) => update(session, options, command)),
  );
  addCommand(
    program,
    'rotate-oidc-app-secret',
    'Give an OIDC app a new secret, and print it as JSON, this once.',
  )
    .requiredOption(...nameOption)
    .option('--overlap-seconds <seconds>', 'how long the old secret still works; by default an hour')
    .action((options: RotateOptions) => withSession(terminal, (session) => rotate(session, options)));
}

function withAppOptions(command: Command): Command {
  return command
    .requiredOption(...nameOption)
    .option('-r, --redirect-uris <uris>', 'where people are sent back to once they signed in; commas between')
    .option('-s, --scopes <scopes>', 'what may be asked for; commas between; by default openid')
    .option('-a, --audience <audiences>', 'whom access tokens may be asked for; commas between')
    .option('-p, --access-permission-assignment <json>', 'who may use it, as a JSON array')
    .option('-f, --permission-assignment-file <file>', 'a file with that JSON array; - for standard input')
    .option('--description <text>', 'what it is, for people to read');
}

function addItems(program: Command, terminal: Terminal): void {
  addCommand(program, 'update-item', 'Rename an OIDC app.')
    .requiredOption(...nameOption)
    .requiredOption('--new-name <name>', 'its new name, with its folders')
    .action((options: RenameOptions, command: Command) =>
      withSession(terminal, (session) => rename(session, options, command)),
    );
  addCommand(program, 'delete-item', 'Delete an OIDC app.')
    .requiredOption(...nameOption)
    .action((options: NameOptions, command: Command) =>
      withSession(terminal, (session) => remove(session, options, command)),
    );
  addCommand(program, 'list-items', 'List the OIDC apps, and the folders that they are in, as JSON.')
    .option('--path <folder>', 'only those in this folder, and in the folders below it')
    .option(...filterOption)
    .action((options: ListOptions) => withSession(terminal, (session) => list(session, options)));
  addCommand(program, 'describe-item', 'Show an OIDC app as JSON; its secret cannot be shown.')
    .alias('get')
    .requiredOption(...nameOption)
    .action((options: NameOptions) => withSession(terminal, (session) => describeApp(session, options)));
}

async function create(session: Session, options: AppOptions): Promise<void> {
  const parameters = { ...(await parametersOf(session, options)), public: options.public ?? false };
  const action = `make OIDC app ${options.name}`;
  const app = await callAkeyless(session, action, 'create-oidc-app', parameters, appForm);
  printJson(session.terminal, app);
}

async function update(session: Session, options: AppOptions, command: Command): Promise<void> {
  const { name, ...settings } = await parametersOf(session, options);
  if (Object.keys(settings).length === 0) {
    throw new CommandError(
      'usage',
      'nothing to change: at least one of the lists, or --description, is needed',
    );
  }
  await callAkeyless(
    session,
    `change OIDC app ${options.name}`,
    'update-oidc-app',
    { name, ...settings },
    answerForm,
  );
  printDone(session, command, `OIDC app ${options.name} is updated`, { name: options.name, updated: true });
}

/** A list that is not given is not sent, so that it stays as it is. */
async function parametersOf(
  session: Session,
  options: AppOptions,
): Promise<Parameters & { readonly name: string }> {
  const { name, redirectUris, scopes, audience, description } = options;
  const assignment = await assignmentOf(session.terminal, options);
  const given = {
    'redirect-uris': redirectUris,
    scopes,
    audience,
    'permission-assignment': assignment,
    description,
  };
  return { name, ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) };
}

async function rotate(session: Session, { name, overlapSeconds }: RotateOptions): Promise<void> {
  if (overlapSeconds !== undefined && !/^\d{1,9}$/.test(overlapSeconds)) {
    throw new CommandError('usage', 'the overlap must be a whole number of seconds');
  }
  const overlap = overlapSeconds === undefined ? {} : { 'overlap-seconds': Number(overlapSeconds) };
  const action = `rotate the secret of OIDC app ${name}`;
  const app = await callAkeyless(session, action, 'rotate-oidc-app-secret', { name, ...overlap }, appForm);
  const { client_id: clientId, client_secret: secret } = app;
  printJson(session.terminal, { name: app.name, client_id: clientId, client_secret: secret });
}

async function rename(session: Session, { name, newName }: RenameOptions, command: Command): Promise<void> {
  await callAkeyless(session, `rename ${name}`, 'update-item', { name, 'new-name': newName }, answerForm);
  printDone(session, command, `${name} is now ${newName}`, { name: newName, updated: true });
}

async function remove(session: Session, { name }: NameOptions, command: Command): Promise<void> {
  await callAkeyless(session, `delete ${name}`, 'delete-item', { name }, answerForm);
  printDone(session, command, `${name} is deleted`, { name, deleted: true });
}

async function list(session: Session, { path, filter }: ListOptions): Promise<void> {
  const parameters = { ...(path === undefined ? {} : { path }), ...(filter === undefined ? {} : { filter }) };
  printJson(
    session.terminal,
    await callAkeyless(session, 'list OIDC apps', 'list-items', parameters, answerForm),
  );
}

async function describeApp(session: Session, { name }: NameOptions): Promise<void> {
  printJson(
    session.terminal,
    await callAkeyless(session, `show ${name}`, 'describe-item', { name }, answerForm),
  );
}

const pageForm = z.looseObject({ next_page: z.string().optional() });
const methodsForm = pageForm.extend({ auth_methods: z.array(answerForm) });
const groupsForm = pageForm.extend({ groups: z.array(answerForm) });

async function listMethods(session: Session, { filter = '' }: ListOptions): Promise<void> {
  const all = await allPages(async (page) => {
    const parameters = { filter, 'pagination-token': page };
    const action = 'list authentication methods';
    const answer = await callAkeyless(session, action, 'list-auth-methods', parameters, methodsForm);
    return { entries: answer.auth_methods, next: answer.next_page };
  });
  printJson(session.terminal, { auth_methods: all });
}

async function listGroups(session: Session, { filter = '' }: ListOptions): Promise<void> {
  const all = await allPages(async (page) => {
    const parameters = { filter, 'pagination-token': page };
    const answer = await callAkeyless(session, 'list groups', 'list-groups', parameters, groupsForm);
    return { entries: answer.groups, next: answer.next_page };
  });
  printJson(session.terminal, { groups: all });
}

async function allPages<T>(
  pageAt: (page: string) => Promise<{ readonly entries: readonly T[]; readonly next: string | undefined }>,
): Promise<readonly T[]> {
  const all: T[] = [];
  let page: string | undefined = '';
  while (page !== undefined) {
    const { entries, next } = await pageAt(page);
    all.push(...entries);
    page = next;
  }
  return all;
}

function printDone(session: Session, command: Command, text: string, json: unknown): void {
  if (outputOf(command) === 'json') printJson(session.terminal, json);
  else printLine(session.terminal, text);
}
