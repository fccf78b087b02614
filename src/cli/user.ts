import type { Command } from 'commander';
import { refusal } from './answers.ts';
import { addRotateApiKey } from './api-key.ts';
import { addCommand, addGroup, outputOf } from './command.ts';
import type { PasswordOptions } from './secret-input.ts';
import { addPasswordOptions, readPassword } from './secret-input.ts';
import { withSession } from './session.ts';
import type { Terminal } from './terminal.ts';
import { printJson, printLine } from './terminal.ts';

export function addUser(program: Command, terminal: Terminal): void {
  const group = addGroup(program, 'user', 'Change the credentials of users.');
  addRotateApiKey(group, terminal, 'user');
  const command = addCommand(group, 'change-password', 'Set the password of the user that is logged in.');
  addPasswordOptions(command, 'the new password').action((options: PasswordOptions, self: Command) =>
    changePassword(terminal, options, self),
  );
}

async function changePassword(terminal: Terminal, options: PasswordOptions, command: Command): Promise<void> {
  await withSession(terminal, async (session) => {
    const password = await readPassword(terminal, options, 'New password');
    const answer = await session.sendWithApiKey({
      method: 'PUT',
      path: ['authn', session.account, 'password'],
      headers: { 'content-type': 'text/plain' },
      body: password,
    });
    if (answer.status !== 204) throw refusal('change the password', answer);
    if (outputOf(command) === 'json') printJson(terminal, { account: session.account });
    else printLine(terminal, 'Password changed');
  });
}
