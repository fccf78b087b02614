import type { Command } from 'commander';
import { z } from 'zod';
import { readAnswer, refusal } from './answers.ts';
import { addCommand, addGroup, outputOf } from './command.ts';
import { CommandError } from './exit-codes.ts';
import type { Session } from './session.ts';
import { withSession } from './session.ts';
import type { Terminal } from './terminal.ts';
import { printJson, printLine } from './terminal.ts';
import { fullId, idOfKind } from './typed-id.ts';

interface CreateTokensOptions {
  readonly hostfactoryId: string;
  readonly duration: string;
  readonly cidr?: readonly string[];
  readonly count: string;
}

interface RevokeOptions {
  readonly token: string;
}

interface CreateHostOptions {
  readonly id: string;
  readonly token: string;
}

const form = { 'content-type': 'application/x-www-form-urlencoded' };
const tokenForm = z.looseObject({ token: z.string(), expiration: z.string() });
const hostForm = z.looseObject({ id: z.string(), api_key: z.string() });

export function addHostFactory(program: Command, terminal: Terminal): void {
  const group = addGroup(program, 'hostfactory', 'Let machines enrol themselves as hosts.');
  const tokens = addGroup(group, 'tokens', 'The tokens with which hosts are made.');
  addCommand(tokens, 'create', 'Make tokens of a host factory, and print them as JSON this once.')
    .requiredOption('-i, --hostfactory-id <id>', 'the host factory')
    .option('--duration <time>', 'how long they are valid: 30s, 10m, 1h30m', '10m')
    .option('-c, --cidr <ranges...>', 'the addresses that they may be used from; any by default')
    .option('-n, --count <number>', 'how many', '1')
    .action((options: CreateTokensOptions) =>
      withSession(terminal, (session) => createTokens(session, options)),
    );
  addCommand(tokens, 'revoke', 'End a token at once; the hosts that it made stay.')
    .requiredOption('-t, --token <token>', 'the token')
    .action((options: RevokeOptions, command: Command) =>
      withSession(terminal, (session) => revoke(session, options, command)),
    );
  const hosts = addGroup(group, 'hosts', 'The hosts that tokens make.');
  addCommand(hosts, 'create', 'Make a host with a token, and print it with its API key as JSON.')
    .requiredOption('-i, --id <id>', 'the id of the host')
    .requiredOption('-t, --token <token>', 'the token')
    .action((options: CreateHostOptions) => withSession(terminal, (session) => createHost(session, options)));
}

async function createTokens(session: Session, options: CreateTokensOptions): Promise<void> {
  const action = `make tokens of host factory ${options.hostfactoryId}`;
  const expiration = new Date(Date.now() + durationMs(options.duration));
  const body = new URLSearchParams({
    host_factory: fullId(idOfKind(session, 'host_factory', options.hostfactoryId)),
    expiration: expiration.toISOString(),
    count: options.count,
  });
  for (const range of (options.cidr ?? []).flatMap((text) => text.split(','))) {
    body.append('cidr[]', range.trim());
  }
  const answer = await session.sendAsUser({
    method: 'POST',
    path: ['host_factory_tokens'],
    headers: form,
    body: body.toString(),
  });
  if (answer.status !== 200) throw refusal(action, answer);
  printJson(session.terminal, readAnswer(action, answer, z.array(tokenForm)));
}

/** Sent in the path, as the API has it; never repeated in a message. */
async function revoke(session: Session, { token }: RevokeOptions, command: Command): Promise<void> {
  const answer = await session.sendAsUser({ method: 'DELETE', path: ['host_factory_tokens', token] });
  if (answer.status !== 204) {
    // The server's message names the token.
    throw refusal('revoke the token', { ...answer, body: Buffer.alloc(0) });
  }
  if (outputOf(command) === 'json') printJson(session.terminal, { revoked: true });
  else printLine(session.terminal, 'Token revoked');
}

/** The token is the only credential: nobody needs to be logged in. */
async function createHost(session: Session, { id, token }: CreateHostOptions): Promise<void> {
  const action = `make host ${id}`;
  if (!/^[0-9a-z]{1,200}$/.test(token)) throw new CommandError('usage', 'that is no token of a host factory');
  const answer = await session.send({
    method: 'POST',
    path: ['host_factories', 'hosts'],
    headers: { ...form, authorization: `Token token="${token}"` },
    body: new URLSearchParams({ id: idOfKind(session, 'host', id).identifier }).toString(),
  });
  if (answer.status !== 201) {
    throw refusal(
      action,
      answer,
      { 401: 'The token is unknown, expired or revoked, or not for your address' },
      'refused',
    );
  }
  printJson(session.terminal, readAnswer(action, answer, hostForm));
}

const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };

/** @throws CommandError `usage`: not like 30s, 10m, 1h30m */
function durationMs(text: string): number {
  if (!/^(?:\d{1,9}[smh])+$/.test(text)) {
    throw new CommandError('usage', 'the duration must be like 30s, 10m or 1h30m');
  }
  let total = 0;
  for (const [, amount, unit = ''] of text.matchAll(/(\d+)([smh])/g)) {
    total += Number(amount) * (unitMs[unit] ?? 0);
  }
  return total;
}
