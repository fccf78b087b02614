/** The command line: which commands there are, and how their outcome becomes an exit code. */
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { z } from 'zod';
import { addAccount } from './account.ts';
import { addAkeylessAuth } from './akeyless-auth.ts';
import { addAkeyless } from './akeyless.ts';
import { addAuthenticate } from './authenticate.ts';
import { addAuthenticator } from './authenticator.ts';
import { addAuthnOidc } from './authn-oidc.ts';
import { addBackup, addRestore } from './backup.ts';
import { outputOption } from './command.ts';
import { addConfigClient } from './config-client.ts';
import { addDataKey } from './data-key.ts';
import { CommandError, exits } from './exit-codes.ts';
import { addCompletion } from './completion.ts';
import { addHostFactory } from './host-factory.ts';
import { addHost } from './host.ts';
import { addInit } from './init.ts';
import { addIssuer } from './issuer.ts';
import { addList } from './list.ts';
import { addLogin } from './login.ts';
import { addLogout } from './logout.ts';
import { addOidc } from './oidc.ts';
import { addPolicy } from './policy.ts';
import { addPubkeys } from './pubkeys.ts';
import { addCheck, addResource } from './resource.ts';
import { addRole } from './role.ts';
import { addServer } from './server-command.ts';
import { addSigningKey } from './signing-key.ts';
import type { Terminal } from './terminal.ts';
import { remark } from './terminal.ts';
import { complaint } from './usage.ts';
import { addUser } from './user.ts';
import { addVariable } from './variable.ts';
import { addWhoami } from './whoami.ts';

export function createProgram(terminal: Terminal): Command {
  const program = new Command('latchkey')
    .description('A secrets service, and a client of it.')
    .version(packageVersion(), '-V, --version', 'print the version')
    .addOption(outputOption())
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void terminal.stdout.write(text),
      writeErr: (text) => void terminal.stderr.write(text),
      // Its own messages repeat what was typed, which may be a secret.
      outputError: () => undefined,
    });
  addServer(program, terminal);
  addAccount(program, terminal);
  addBackup(program, terminal);
  addRestore(program, terminal);
  addDataKey(program, terminal);
  addSigningKey(program, terminal);
  addInit(program, terminal);
  addLogin(program, terminal);
  addLogout(program, terminal);
  addWhoami(program, terminal);
  addAuthenticate(program, terminal);
  addPolicy(program, terminal);
  addVariable(program, terminal);
  addUser(program, terminal);
  addHost(program, terminal);
  addAuthnOidc(program, terminal);
  addAuthenticator(program, terminal);
  addList(program, terminal);
  addResource(program, terminal);
  addRole(program, terminal);
  addCheck(program, terminal);
  addPubkeys(program, terminal);
  addHostFactory(program, terminal);
  addIssuer(program, terminal);
  addOidc(program, terminal);
  addConfigClient(program, terminal);
  addAkeylessAuth(program, terminal);
  addAkeyless(program, terminal);
  addCompletion(program);
  return program;
}

/**
 * Runs one command.
 * @param argv the arguments after the program's name
 * @returns the exit code, one of {@link exits}
 */
export async function runProgram(argv: readonly string[], terminal: Terminal): Promise<number> {
  const program = createProgram(terminal);
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exits.done.code;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return exits.done.code;
      if (error.code !== 'commander.help') remark(terminal, `latchkey: ${complaint(error, program, argv)}`);
      return exits.usage.code;
    }
    if (error instanceof CommandError) {
      remark(terminal, `latchkey: ${error.message}`);
      return exits[error.exit].code;
    }
    remark(terminal, `latchkey: a fault in latchkey itself\n${traceOf(error)}`);
    return exits.fault.code;
  }
}

/** Where an unforeseen error arose, without its message, which may quote anything. */
function traceOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return [error.name, ...frames].join('\n');
}

const packageForm = z.object({ version: z.string() });

function packageVersion(): string {
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  return packageForm.parse(JSON.parse(text)).version;
}
