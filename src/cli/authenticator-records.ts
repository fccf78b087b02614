/** `latchkey authenticator list|show|create|delete`: authenticators as records of the v2 API. */
import type { Command } from 'commander';
import { z } from 'zod';
import { jsonOf, plain, readAnswer, refusal } from './answers.ts';
import { addCommand, outputOf } from './command.ts';
import type { Answer } from './connection.ts';
import { CommandError } from './exit-codes.ts';
import { readNamedFile } from './files.ts';
import type { Session } from './session.ts';
import { withSession } from './session.ts';
import type { Terminal } from './terminal.ts';
import { printJson, printLine } from './terminal.ts';

interface ListOptions {
  readonly type?: string;
}

interface RecordOptions {
  readonly id: string;
}

interface CreateOptions {
  readonly file: string;
}

const v2 = 'application/x.secretsmgr.v2beta+json';
const recordForm = z.looseObject({ type: z.string(), name: z.string() });
const listForm = z.looseObject({ authenticators: z.array(recordForm), count: z.number() });
const errorForm = z.object({ message: z.string() });
const idOption = ['-i, --id <id>', 'the authenticator, for example authn-jwt/ci'] as const;

export function addAuthenticatorRecords(group: Command, terminal: Terminal): void {
  addCommand(group, 'list', 'List the authenticators that you may see, as JSON.')
    .option('-t, --type <type>', 'only those of one type, for example jwt')
    .action((options: ListOptions) => withSession(terminal, (session) => list(session, options)));
  addCommand(group, 'show', 'Show an authenticator and its settings as JSON.')
    .requiredOption(...idOption)
    .action((options: RecordOptions) => withSession(terminal, (session) => show(session, options.id)));
  addCommand(group, 'create', 'Make an authenticator with its policy, groups, variables and values.')
    .requiredOption('-f, --file <file>', 'what it shall be, as JSON: type, name, data; - for standard input')
    .action((options: CreateOptions) => withSession(terminal, (session) => create(session, options)));
  addCommand(group, 'delete', 'Delete an authenticator with everything in its policy.')
    .requiredOption(...idOption)
    .action((options: RecordOptions, command: Command) =>
      withSession(terminal, (session) => remove(session, options.id, command)),
    );
}

async function list(session: Session, { type }: ListOptions): Promise<void> {
  const answer = await session.sendAsUser({
    method: 'GET',
    path: ['authenticators', session.account],
    query: type === undefined ? {} : { type },
    headers: { accept: v2 },
  });
  if (answer.status !== 200) throw refused('list authenticators', answer);
  printJson(session.terminal, readAnswer('list authenticators', answer, listForm).authenticators);
}

async function show(session: Session, id: string): Promise<void> {
  const answer = await session.sendAsUser({
    method: 'GET',
    path: pathOf(session, id),
    headers: { accept: v2 },
  });
  if (answer.status !== 200) throw refused(`show ${id}`, answer);
  printJson(session.terminal, readAnswer(`show ${id}`, answer, recordForm));
}

async function create(session: Session, { file }: CreateOptions): Promise<void> {
  const body = await readNamedFile(session.terminal, file);
  const answer = await session.sendAsUser({
    method: 'POST',
    path: ['authenticators', session.account],
    headers: { accept: v2, 'content-type': 'application/json' },
    body,
  });
  if (answer.status !== 201) throw refused('create the authenticator', answer);
  printJson(session.terminal, readAnswer('create the authenticator', answer, recordForm));
}

async function remove(session: Session, id: string, command: Command): Promise<void> {
  const answer = await session.sendAsUser({
    method: 'DELETE',
    path: pathOf(session, id),
    headers: { accept: v2 },
  });
  if (answer.status !== 204) throw refused(`delete ${id}`, answer);
  if (outputOf(command) === 'json') printJson(session.terminal, { id, deleted: true });
  else printLine(session.terminal, `Authenticator ${id} is deleted`);
}

/** `authn-jwt/ci` is `/authenticators/ACCOUNT/jwt/ci` there. */
function pathOf(session: Session, id: string): readonly string[] {
  const [, type = '', name = ''] = /^authn-([^/]+)(?:\/(.+))?$/.exec(id) ?? [];
  if (type === '') throw new CommandError('usage', 'the authenticator must be named like authn-jwt/ci');
  return ['authenticators', session.account, type, name === '' ? 'default' : name];
}

/** The v2 API has its own form of errors. */
function refused(action: string, answer: Answer): CommandError {
  const told = errorForm.safeParse(jsonOf(answer));
  const hint = told.success ? `It says: ${plain(told.data.message)}` : undefined;
  return refusal(action, answer, hint === undefined ? {} : { [answer.status]: hint });
}
