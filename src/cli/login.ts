import type { Command } from 'commander';
import { refusal } from './answers.ts';
import { addCommand, outputOf } from './command.ts';
import { writeCredentials } from './credentials.ts';
import { CommandError } from './exit-codes.ts';
import type { PasswordOptions } from './secret-input.ts';
import { addPasswordOptions, readPassword } from './secret-input.ts';
import { basicAuthorization, withSession } from './session.ts';
import { variableOf } from './settings.ts';
import type { Terminal } from './terminal.ts';
import { printJson, printLine } from './terminal.ts';

interface LoginOptions extends PasswordOptions {
  readonly id?: string;
}

export function addLogin(program: Command, terminal: Terminal): void {
  const command = addCommand(
    program,
    'login',
    'Log in with a password or an API key, and keep the API key.',
  ).option(
    '-i, --id <login>',
    'the login name: alice, or host/name for a host; LATCHKEY_AUTHN_LOGIN by default',
  );
  addPasswordOptions(command, 'the password or the API key').action((options: LoginOptions, self: Command) =>
    login(terminal, options, self),
  );
}

async function login(terminal: Terminal, options: LoginOptions, command: Command): Promise<void> {
  const name = options.id ?? variableOf(terminal, 'login');
  if (name === undefined) throw new CommandError('usage', 'no login name is given. Name it with --id');
  await withSession(terminal, async (session) => {
    const password = await readPassword(terminal, options, `Password or API key of ${name}`);
    const answer = await session.send({
      method: 'GET',
      path: ['authn', session.account, 'login'],
      headers: { authorization: basicAuthorization(name, password) },
    });
    if (answer.status !== 200) {
      throw refusal(`log in as ${name}`, answer, {
        401: `Login name, password or account ${session.account} is wrong`,
      });
    }
    const apiKey = answer.body.toString('utf8').trim();
    if (!/^\S+$/.test(apiKey)) {
      throw new CommandError('refused', `cannot log in as ${name}: the server's answer is no API key`);
    }
    await writeCredentials(terminal, session.settings, { kind: 'api-key', login: name, api_key: apiKey });
    if (outputOf(command) === 'json') printJson(terminal, { account: session.account, login: name });
    else printLine(terminal, `Logged in to account ${session.account} as ${name}`);
  });
}
