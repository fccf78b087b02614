import type { Command } from 'commander';
import { refusal } from './answers.ts';
import { addCommand, outputOf } from './command.ts';
import { writeCredentials } from './credentials.ts';
import { CommandError } from './exit-codes.ts';
import type { Session } from './session.ts';
import { withSession } from './session.ts';
import type { Terminal } from './terminal.ts';
import { printJson, printLine, remark } from './terminal.ts';
import { idOfKind } from './typed-id.ts';

interface RotateOptions {
  readonly id?: string;
}

/** Adds `rotate-api-key` for users or hosts. */
export function addRotateApiKey(group: Command, terminal: Terminal, kind: 'user' | 'host'): void {
  addCommand(group, 'rotate-api-key', `Give a ${kind} a new API key and print it; the old one stops working.`)
    .option('-i, --id <id>', `the ${kind}; the one that is logged in by default`)
    .action((options: RotateOptions, command: Command) =>
      withSession(terminal, (session) => rotate(session, kind, options, command)),
    );
}

async function rotate(
  session: Session,
  kind: 'user' | 'host',
  options: RotateOptions,
  command: Command,
): Promise<void> {
  const id =
    options.id === undefined ? await ownId(session, kind) : idOfKind(session, kind, options.id).identifier;
  const identity = await session.identity();
  const login = kind === 'user' ? id : `host/${id}`;
  const own = login === identity.login;

  const path = ['authn', session.account, 'api_key'];
  const answer = own
    ? await session.sendWithApiKey({ method: 'PUT', path })
    : await session.sendAsUser({ method: 'PUT', path, query: { role: `${session.account}:${kind}:${id}` } });
  if (answer.status !== 200) throw refusal(`rotate the API key of ${kind} ${id}`, answer);

  // Printed before it is kept: the old key is gone, and this one is shown only here.
  const apiKey = answer.body.toString('utf8').trim();
  if (outputOf(command) === 'json') printJson(session.terminal, { id, api_key: apiKey });
  else printLine(session.terminal, apiKey);
  if (!own || identity.kind !== 'api-key') return;
  if (identity.source === 'file') {
    await writeCredentials(session.terminal, session.settings, { kind: 'api-key', login, api_key: apiKey });
  } else {
    remark(session.terminal, 'note: the environment still holds the old API key');
  }
}

/** The id of the role that is logged in, if it is of this kind. */
async function ownId(session: Session, kind: 'user' | 'host'): Promise<string> {
  const { login } = await session.identity();
  const isHost = login.startsWith('host/');
  if (isHost === (kind === 'host')) return isHost ? login.slice('host/'.length) : login;
  throw new CommandError('usage', `no ${kind} is logged in. Name the ${kind} with --id`);
}
