import { resolve } from 'node:path';
import type { Command } from 'commander';
import { z } from 'zod';
import { plain, readAnswer, refusal } from './answers.ts';
import { addCommand, outputOf } from './command.ts';
import { Connection } from './connection.ts';
import { CommandError } from './exit-codes.ts';
import type { SettingsFile } from './settings.ts';
import { parseUrl, readCa, variableOf, writeSettings } from './settings.ts';
import type { Terminal } from './terminal.ts';
import { printJson, printLine } from './terminal.ts';

interface InitOptions {
  readonly url?: string;
  readonly account?: string;
  readonly caCert?: string;
  readonly selfSigned?: true;
  readonly insecure?: true;
}

const statusForm = z.object({ version: z.string() });

export function addInit(program: Command, terminal: Terminal): void {
  addCommand(program, 'init', 'Choose the server and the account for the commands that follow.')
    .option('-u, --url <url>', 'the address of the server; LATCHKEY_URL by default')
    .option('-a, --account <name>', 'the account; LATCHKEY_ACCOUNT by default')
    .option('--ca-cert <file>', 'PEM certificates to trust instead of those of the system')
    .option(
      '-s, --self-signed',
      'the server has a certificate of its own; needs --ca-cert, nothing is fetched',
    )
    .option('--insecure', 'accept plain http to another machine')
    .action((options: InitOptions, command: Command) => init(terminal, options, command));
}

async function init(terminal: Terminal, options: InitOptions, command: Command): Promise<void> {
  const url = options.url ?? variableOf(terminal, 'url');
  const account = options.account ?? variableOf(terminal, 'account');
  const caCert = options.caCert ?? variableOf(terminal, 'certFile');
  if (url === undefined) throw new CommandError('usage', 'no server is given. Name it with --url');
  if (account === undefined) throw new CommandError('usage', 'no account is given. Name it with --account');
  if (options.selfSigned === true && caCert === undefined) {
    throw new CommandError(
      'usage',
      'a certificate that is fetched from the server itself proves nothing, so none is fetched. ' +
        "Take it from the server's operator and name it with --ca-cert",
    );
  }
  const insecure = options.insecure === true || variableOf(terminal, 'insecure')?.toLowerCase() === 'true';
  const address = parseUrl(url, { insecure });
  const version = await serverVersion(
    new Connection({
      url: address,
      ...(caCert === undefined ? {} : { ca: await readCa(terminal, caCert) }),
    }),
  );
  const settings: SettingsFile = {
    appliance_url: address.href.replace(/\/+$/, ''),
    account,
    ...(caCert === undefined ? {} : { cert_file: resolve(caCert) }),
    ...(insecure ? { insecure } : {}),
  };
  const file = await writeSettings(terminal, settings);
  if (outputOf(command) === 'json') {
    printJson(terminal, { url: settings.appliance_url, account, server_version: version, file });
  } else {
    printLine(
      terminal,
      `Server ${address.origin} (version ${version}), account ${account}: written to ${file}`,
    );
  }
}

/** Asks the server what it is, so that a wrong address shows now and not at the first secret. */
async function serverVersion(connection: Connection): Promise<string> {
  const action = 'recognize the server';
  try {
    const answer = await connection.send({
      method: 'GET',
      path: [],
      headers: { accept: 'application/json' },
    });
    if (answer.status !== 200) {
      throw refusal(action, answer, { 401: 'Check the URL', 404: 'Check the URL' }, 'refused');
    }
    return plain(readAnswer(action, answer, statusForm).version);
  } finally {
    await connection.close();
  }
}
