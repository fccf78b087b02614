import type { Command } from 'commander';
import { authorizationOf } from './access-token.ts';
import { addCommand, outputOf } from './command.ts';
import { withSession } from './session.ts';
import type { Terminal } from './terminal.ts';
import { printJson, printLine } from './terminal.ts';

interface AuthenticateOptions {
  readonly header?: true;
}

export function addAuthenticate(program: Command, terminal: Terminal): void {
  addCommand(program, 'authenticate', 'Print a new access token.')
    .option('-H, --header', 'print it as the Authorization header of a request')
    .action((options: AuthenticateOptions, command: Command) => authenticate(terminal, options, command));
}

async function authenticate(
  terminal: Terminal,
  options: AuthenticateOptions,
  command: Command,
): Promise<void> {
  await withSession(terminal, async (session) => {
    const token = await session.accessToken();
    const json = outputOf(command) === 'json';
    if (options.header === true) {
      if (json) printJson(terminal, { authorization: authorizationOf(token) });
      else printLine(terminal, `Authorization: ${authorizationOf(token)}`);
      return;
    }
    const text = Buffer.from(token.base64, 'base64').toString('utf8');
    if (json) printJson(terminal, JSON.parse(text));
    else printLine(terminal, text);
  });
}
