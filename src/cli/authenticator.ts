import type { Command } from 'commander';
import { z } from 'zod';
import { jsonOf, plain, refusal } from './answers.ts';
import { addAuthenticatorRecords } from './authenticator-records.ts';
import { addCommand, addGroup, outputOf } from './command.ts';
import { CommandError } from './exit-codes.ts';
import { withSession } from './session.ts';
import type { Session } from './session.ts';
import type { Terminal } from './terminal.ts';
import { printJson, printLine, remark } from './terminal.ts';

interface AuthenticatorOptions {
  readonly id: string;
}

const statusForm = z.object({
  status: z.string(),
  error: z.string().optional(),
  warnings: z.array(z.string()).optional(),
});

export function addAuthenticator(program: Command, terminal: Terminal): void {
  const group = addGroup(
    program,
    'authenticator',
    'Make authenticators, switch them on and off, and check them.',
  );
  const add = (name: string, description: string, act: typeof check): void => {
    addCommand(group, name, description)
      .requiredOption('-i, --id <id>', 'the authenticator, for example authn-oidc/okta')
      .action((options: AuthenticatorOptions, command: Command) =>
        withSession(terminal, (session) => act(session, options.id, command)),
      );
  };
  add('enable', 'Enable an authenticator in this account.', (session, id, command) =>
    change(session, id, command, true),
  );
  add('disable', 'Disable an authenticator in this account.', (session, id, command) =>
    change(session, id, command, false),
  );
  add('status', 'Check whether an authenticator is configured correctly.', check);
  addAuthenticatorRecords(group, terminal);
}

/** The type, and the service id where there is one, as the parts of a path. */
function partsOf(id: string): readonly string[] {
  const slash = id.indexOf('/');
  const parts = slash === -1 ? [id] : [id.slice(0, slash), id.slice(slash + 1)];
  if (!id.startsWith('authn') || parts.includes('')) {
    throw new CommandError('usage', 'the authenticator must be named like authn-oidc/okta');
  }
  return parts;
}

async function change(session: Session, id: string, command: Command, enabled: boolean): Promise<void> {
  const word = enabled ? 'enable' : 'disable';
  const answer = await session.sendAsUser({
    method: 'PATCH',
    path: [...partsOf(id), session.account],
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ enabled: String(enabled) }).toString(),
  });
  if (answer.status !== 204) {
    // The access token was just obtained or kept; a 401 here usually means the authenticator.
    const hint = `There is no policy conjur/${id} with a webservice, or you are no longer logged in`;
    throw refusal(`${word} ${id}`, answer, { 401: hint }, 'refused');
  }
  if (outputOf(command) === 'json') printJson(session.terminal, { id, enabled });
  else printLine(session.terminal, `Authenticator ${id} is ${word}d`);
}

/** @throws CommandError `refused`: the authenticator is not in order */
async function check(session: Session, id: string, command: Command): Promise<void> {
  const answer = await session.sendAsUser({
    method: 'GET',
    path: [...partsOf(id), session.account, 'status'],
  });
  const result = statusForm.safeParse(jsonOf(answer));
  if (!result.success) throw refusal(`check ${id}`, answer);
  const { status, error, warnings = [] } = result.data;
  if (outputOf(command) === 'json') printJson(session.terminal, result.data);
  if (answer.status !== 200 || status !== 'ok') {
    throw new CommandError('refused', `authenticator ${id} is not in order: ${plain(error ?? status)}`);
  }
  if (outputOf(command) === 'text') printLine(session.terminal, `Authenticator ${id} is in order`);
  for (const warning of warnings) remark(session.terminal, `warning: ${plain(warning)}`);
}
