import type { Command } from 'commander';
import { z } from 'zod';
import { readAnswer, refusal } from './answers.ts';
import { addCommand, addGroup, outputOf } from './command.ts';
import type { Answer } from './connection.ts';
import { CommandError } from './exit-codes.ts';
import { readNamedFile } from './files.ts';
import type { Session } from './session.ts';
import { withSession } from './session.ts';
import type { Terminal } from './terminal.ts';
import { printJson, printLine } from './terminal.ts';

interface DataOptions {
  readonly data?: string;
  readonly file?: string;
}

interface CreateOptions extends DataOptions {
  readonly id: string;
  readonly type: string;
  readonly maxTtl: string;
}

interface UpdateOptions extends DataOptions {
  readonly id: string;
  readonly maxTtl?: string;
}

interface DeleteOptions {
  readonly id: string;
  readonly keepSecrets?: boolean;
}

const issuerForm = z.looseObject({ id: z.string() });
const listForm = z.object({ issuers: z.array(issuerForm) });
const idOption = ['-i, --id <id>', 'the id of the issuer'] as const;
const dataOption = ['--data <json>', 'what it proves itself with, as a JSON object'] as const;
const fileOption = ['-f, --file <file>', 'a file with that JSON object; - for standard input'] as const;
const json = { 'content-type': 'application/json' };

export function addIssuer(program: Command, terminal: Terminal): void {
  const group = addGroup(program, 'issuer', 'Manage the issuers of dynamic secrets.');
  addCommand(group, 'create', 'Make an issuer, and print it as JSON.')
    .requiredOption(...idOption)
    .requiredOption('-t, --type <type>', 'its type: aws')
    .requiredOption('-m, --max-ttl <seconds>', 'the longest that a secret of this issuer may live')
    .option(...dataOption)
    .option(...fileOption)
    .action((options: CreateOptions) => withSession(terminal, (session) => create(session, options)));
  addCommand(group, 'get', 'Show an issuer as JSON; what is secret is masked.')
    .requiredOption(...idOption)
    .action(({ id }: DeleteOptions) => withSession(terminal, (session) => get(session, id)));
  addCommand(group, 'list', 'List the issuers as JSON; what is secret is masked.').action(() =>
    withSession(terminal, (session) => list(session)),
  );
  addCommand(group, 'update', 'Change an issuer, and print it as JSON.')
    .requiredOption(...idOption)
    .option('-m, --max-ttl <seconds>', 'the longest that a secret may live; it can only grow')
    .option(...dataOption)
    .option(...fileOption)
    .action((options: UpdateOptions) => withSession(terminal, (session) => update(session, options)));
  addCommand(group, 'delete', 'Delete an issuer, its policy, and the dynamic variables that name it.')
    .requiredOption(...idOption)
    .option('-k, --keep-secrets', 'leave the variables')
    .action((options: DeleteOptions, command: Command) =>
      withSession(terminal, (session) => remove(session, options, command)),
    );
}

async function create(session: Session, options: CreateOptions): Promise<void> {
  const { id, type, maxTtl } = options;
  const data = await dataOf(session, options);
  if (data === undefined) throw new CommandError('usage', 'one of --data and --file is needed');
  const answer = await session.sendAsUser({
    method: 'POST',
    path: ['issuers', session.account],
    headers: json,
    body: JSON.stringify({ id, max_ttl: secondsOf(maxTtl), type, data }),
  });
  printIssuer(session, `create issuer ${id}`, answer, 201);
}

async function get(session: Session, id: string): Promise<void> {
  const answer = await session.sendAsUser({ method: 'GET', path: ['issuers', session.account, id] });
  printIssuer(session, `show issuer ${id}`, answer, 200);
}

async function list(session: Session): Promise<void> {
  const answer = await session.sendAsUser({ method: 'GET', path: ['issuers', session.account] });
  if (answer.status !== 200) throw refusal('list issuers', answer);
  printJson(session.terminal, readAnswer('list issuers', answer, listForm).issuers);
}

async function update(session: Session, options: UpdateOptions): Promise<void> {
  const { id, maxTtl } = options;
  const data = await dataOf(session, options);
  if (maxTtl === undefined && data === undefined) {
    throw new CommandError('usage', 'nothing to change: one of --max-ttl, --data and --file is needed');
  }
  const answer = await session.sendAsUser({
    method: 'PATCH',
    path: ['issuers', session.account, id],
    headers: json,
    body: JSON.stringify({ ...(maxTtl === undefined ? {} : { max_ttl: secondsOf(maxTtl) }), data }),
  });
  printIssuer(session, `update issuer ${id}`, answer, 200);
}

async function remove(
  session: Session,
  { id, keepSecrets = false }: DeleteOptions,
  command: Command,
): Promise<void> {
  const answer = await session.sendAsUser({
    method: 'DELETE',
    path: ['issuers', session.account, id],
    query: keepSecrets ? { keep_secrets: 'true' } : {},
  });
  if (answer.status !== 204) throw refusal(`delete issuer ${id}`, answer);
  if (outputOf(command) === 'json') printJson(session.terminal, { id, deleted: true });
  else printLine(session.terminal, `Issuer ${id} is deleted`);
}

function printIssuer(session: Session, action: string, answer: Answer, done: 200 | 201): void {
  if (answer.status !== done) throw refusal(action, answer);
  printJson(session.terminal, readAnswer(action, answer, issuerForm));
}

/** @throws CommandError `usage`: given twice, or no JSON object; the message never repeats it */
async function dataOf(session: Session, { data, file }: DataOptions): Promise<object | undefined> {
  if (data !== undefined && file !== undefined) {
    throw new CommandError('usage', 'only one of --data and --file can be given');
  }
  if (data === undefined && file === undefined) return undefined;
  const text = data ?? (await readNamedFile(session.terminal, file ?? '-')).toString('utf8');
  const parsed = z.looseObject({}).safeParse(parsedJson(text));
  if (parsed.success) return parsed.data;
  throw new CommandError('usage', 'the data must be a JSON object');
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** @throws CommandError `usage`: no whole number */
function secondsOf(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new CommandError('usage', 'the longest life must be a whole number of seconds');
}
