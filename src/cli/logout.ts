import type { Command } from 'commander';
import { addCommand, outputOf } from './command.ts';
import { readCredentials, writeCredentials } from './credentials.ts';
import { readSettings } from './settings.ts';
import type { Terminal } from './terminal.ts';
import { printJson, printLine } from './terminal.ts';

export function addLogout(program: Command, terminal: Terminal): void {
  addCommand(program, 'logout', 'Forget the credentials for this server and account.').action(
    (_options: unknown, command: Command) => logout(terminal, command),
  );
}

async function logout(terminal: Terminal, command: Command): Promise<void> {
  const settings = await readSettings(terminal);
  const kept = await readCredentials(terminal, settings);
  if (kept !== undefined) await writeCredentials(terminal, settings, undefined);
  if (outputOf(command) === 'json') {
    printJson(terminal, { account: settings.account, login: kept?.login ?? null });
  } else {
    printLine(terminal, kept === undefined ? 'Nobody was logged in' : `Logged out ${kept.login}`);
  }
}
