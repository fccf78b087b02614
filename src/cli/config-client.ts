/** `latchkey config-client`: manages clients and policies as a configuration client, in Akamai's API. */
import type { Command } from 'commander';
import { z } from 'zod';
import { readAnswer } from './answers.ts';
import { addCommand, addGroup, outputOf } from './command.ts';
import { addClientCommands } from './config-client-clients.ts';
import { addPolicyCommands } from './config-client-policies.ts';
import { addSecretCommands } from './config-client-secrets.ts';
import {
  addConfigOptions,
  customerOf,
  fetchToken,
  readCustomer,
  refused,
  type ConfigOptions,
} from './config-client-session.ts';
import type { Session } from './session.ts';
import { withSession } from './session.ts';
import type { Terminal } from './terminal.ts';
import { printJson, printLine } from './terminal.ts';

const madeForm = z.object({
  customer_id: z.string(),
  client_id: z.string(),
  client_secret: z.string(),
  token_policy: z.string(),
});

interface InitOptions {
  readonly another?: true;
}

export function addConfigClient(program: Command, terminal: Terminal): void {
  const group = addGroup(
    program,
    'config-client',
    'Manage clients and their policies as a configuration client.',
  );
  addCommand(
    group,
    'init',
    'Make the first configuration client, as the administrator; its secret is printed this once.',
  )
    .option('--another', 'make one although there is one that owns the configuration: its secret is lost')
    .action((options: InitOptions, command: Command) =>
      withSession(terminal, (session) => init(session, options, command)),
    );
  addCommand(
    group,
    'customer',
    'Show the customer id, which the paths of the configuration begin with.',
  ).action((_options: unknown, command: Command) =>
    withSession(terminal, (session) => customer(session, command)),
  );
  addConfigOptions(addCommand(group, 'token', 'Get an access token and print it.')).action(
    (options: ConfigOptions, command: Command) =>
      withSession(terminal, (session) => token(session, options, command)),
  );
  addClientCommands(group, terminal);
  addSecretCommands(group, terminal);
  addPolicyCommands(group, terminal);
}

async function init(session: Session, options: InitOptions, command: Command): Promise<void> {
  const action = 'make a configuration client';
  const answer = await session.sendAsUser({
    method: 'POST',
    path: ['akamai', 'configuration-client'],
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ another: options.another === true }),
  });
  if (answer.status !== 201) throw refused(action, answer);
  const made = readAnswer(action, answer, madeForm);
  if (outputOf(command) === 'json') {
    printJson(session.terminal, made);
    return;
  }
  printLine(session.terminal, `LATCHKEY_CUSTOMER_ID=${made.customer_id}`);
  printLine(session.terminal, `LATCHKEY_CONFIG_CLIENT_ID=${made.client_id}`);
  printLine(session.terminal, `LATCHKEY_CONFIG_CLIENT_SECRET=${made.client_secret}`);
}

async function customer(session: Session, command: Command): Promise<void> {
  const found = await readCustomer(session);
  if (outputOf(command) === 'json') printJson(session.terminal, found);
  else printLine(session.terminal, found.customer_id);
}

async function token(session: Session, options: ConfigOptions, command: Command): Promise<void> {
  const issued = await fetchToken(session, await customerOf(session, options), options);
  if (outputOf(command) === 'json') printJson(session.terminal, issued);
  else printLine(session.terminal, issued.access_token);
}
