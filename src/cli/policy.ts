import type { Command } from 'commander';
import { z } from 'zod';
import { readAnswer, refusal } from './answers.ts';
import { addCommand, addGroup } from './command.ts';
import type { Call } from './connection.ts';
import { readNamedFile } from './files.ts';
import { withSession } from './session.ts';
import type { Terminal } from './terminal.ts';
import { printJson, remark } from './terminal.ts';

interface PolicyOptions {
  readonly branch: string;
  readonly file: string;
}

interface Mode {
  readonly method: Call['method'];
  readonly done: string;
}

const answerForm = z.looseObject({
  created_roles: z.record(z.string(), z.looseObject({ id: z.string(), api_key: z.string() })),
  version: z.number(),
});

/** A large policy takes the server a while. */
const loadTimeoutMs = 5 * 60 * 1_000;

export function addPolicy(program: Command, terminal: Terminal): void {
  const group = addGroup(program, 'policy', 'Load policy.');
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
}

function addMode(group: Command, terminal: Terminal, name: string, description: string, mode: Mode): void {
  addCommand(group, name, description)
    .requiredOption('-b, --branch <id>', 'the policy to load into, for example root')
    .requiredOption('-f, --file <file>', 'the policy file; - for standard input')
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
      headers: { 'content-type': 'application/x-yaml' },
      body,
      timeoutMs: loadTimeoutMs,
    });
    if (answer.status !== 201) throw refusal(action, answer);
    printJson(terminal, readAnswer(action, answer, answerForm));
    remark(terminal, `${mode.done} policy ${options.branch}`);
  });
}
