import type { Command } from 'commander';
import { z } from 'zod';
import { jsonOf, readAnswer, refusal } from './answers.ts';
import { addCommand, addGroup, outputOf } from './command.ts';
import type { Answer, Call } from './connection.ts';
import { CommandError } from './exit-codes.ts';
import { readNamedFile, writeNamedFile } from './files.ts';
import { withSession } from './session.ts';
import type { Terminal } from './terminal.ts';
import { printJson, remark } from './terminal.ts';

interface PolicyOptions {
  readonly branch: string;
  readonly file: string;
  readonly dryRun?: true;
}

interface FetchOptions {
  readonly branch: string;
  readonly depth?: string;
  readonly limit?: string;
  readonly file?: string;
}

interface Mode {
  readonly method: Call['method'];
  readonly done: string;
}

const answerForm = z.looseObject({
  created_roles: z.record(z.string(), z.looseObject({ id: z.string(), api_key: z.string() })),
  version: z.number(),
});

const dryRunForm = z.looseObject({ status: z.string() });

/** A large policy takes the server a while. */
const loadTimeoutMs = 5 * 60 * 1_000;

export function addPolicy(program: Command, terminal: Terminal): void {
  const group = addGroup(program, 'policy', 'Load policy, try it out, and read it back.');
  addMode(group, terminal, 'load', 'Add what a policy file declares; nothing that exists changes.', {
    method: 'POST',
    done: 'Loaded',
  });
  addMode(group, terminal, 'update', 'Add, change and, where the file says so, delete.', {
    method: 'PATCH',
    done: 'Updated',
  });
  addMode(group, terminal, 'replace', 'Make a policy what the file says; everything else in it is deleted.', {
    method: 'PUT',
    done: 'Replaced',
  });
  addCommand(group, 'fetch', 'Print a policy as it is in effect now, in a form that loads again.')
    .requiredOption('-b, --branch <id>', 'the policy, for example root; its owner may fetch it')
    .option('-D, --depth <number>', 'how many levels of policies below it; all by default')
    .option('-l, --limit <number>', 'fail if there are more records than this')
    .option('-f, --file <file>', 'write to this file instead of standard output')
    .action((options: FetchOptions, command: Command) => fetchPolicy(terminal, options, command));
}

function addMode(group: Command, terminal: Terminal, name: string, description: string, mode: Mode): void {
  addCommand(group, name, description)
    .requiredOption('-b, --branch <id>', 'the policy to load into, for example root')
    .requiredOption('-f, --file <file>', 'the policy file; - for standard input')
    .option('--dry-run', 'only show what would change')
    .action((options: PolicyOptions) => load(terminal, options, name, mode));
}

/** Prints the answer as it is: the API keys of new roles are shown this once. */
async function load(terminal: Terminal, options: PolicyOptions, name: string, mode: Mode): Promise<void> {
  const action = `${name} policy ${options.branch}`;
  const body = await readNamedFile(terminal, options.file);
  await withSession(terminal, async (session) => {
    const answer = await session.sendAsUser({
      method: mode.method,
      path: ['policies', session.account, 'policy', options.branch],
      ...(options.dryRun === true ? { query: { dryRun: 'true' } } : {}),
      headers: { 'content-type': 'application/x-yaml' },
      body,
      timeoutMs: loadTimeoutMs,
    });
    if (options.dryRun === true) {
      showDryRun(terminal, action, answer);
      return;
    }
    if (answer.status !== 201) throw refusal(action, answer);
    printJson(terminal, readAnswer(action, answer, answerForm));
    remark(terminal, `${mode.done} policy ${options.branch}`);
  });
}

/** Prints what would change, or what is wrong with the text. */
function showDryRun(terminal: Terminal, action: string, answer: Answer): void {
  const told = dryRunForm.safeParse(jsonOf(answer));
  if (!told.success) throw refusal(action, answer);
  printJson(terminal, told.data);
  if (answer.status !== 200) throw new CommandError('refused', 'the policy is not valid');
  remark(terminal, 'Nothing was changed');
}

async function fetchPolicy(terminal: Terminal, options: FetchOptions, command: Command): Promise<void> {
  const { branch, depth, limit, file } = options;
  const json = outputOf(command) === 'json';
  await withSession(terminal, async (session) => {
    const answer = await session.sendAsUser({
      method: 'GET',
      path: ['policies', session.account, 'policy', branch],
      query: { ...(depth === undefined ? {} : { depth }), ...(limit === undefined ? {} : { limit }) },
      headers: { 'content-type': json ? 'application/json' : 'application/x-yaml' },
      timeoutMs: loadTimeoutMs,
    });
    if (answer.status !== 200) {
      throw refusal(`fetch policy ${branch}`, answer, {
        400: 'The depth is 0 to 64, the limit 0 to 100000',
        403: 'Whoever holds the owner of a policy may fetch it',
      });
    }
    if (file !== undefined) await writeNamedFile(file, answer.body);
    else terminal.stdout.write(answer.body);
  });
}
