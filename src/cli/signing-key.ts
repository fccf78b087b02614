/** `latchkey signing-key`: looks after the keys that access tokens are signed with. */
import type { Command } from 'commander';
import { CommandError } from './exit-codes.ts';
import { addCommand, addGroup, outputOf } from './command.ts';
import { onKeys } from './keys-on-store.ts';
import { plain } from './answers.ts';
import type { Terminal } from './terminal.ts';
import { printJson, printLine } from './terminal.ts';

const flagsArgument = ['[flags...]', 'settings of the service, --account among them'] as const;

export function addSigningKey(program: Command, terminal: Terminal): void {
  const group = addGroup(
    program,
    'signing-key',
    'Look after the keys that the access tokens of an account are signed with.',
  );
  addCommand(group, 'status', 'Show the signing keys of the account, without the keys.')
    .argument(...flagsArgument)
    .allowUnknownOption()
    .action((flags: readonly string[], _options: unknown, command: Command) =>
      status(terminal, flags, command),
    );
  addCommand(
    group,
    'rotate',
    'Sign new access tokens with a new key; those of the old one live to their end.',
  )
    .option('--revoke', 'end every access token of the account at once')
    .argument(...flagsArgument)
    .allowUnknownOption()
    .action((flags: readonly string[], options: RotateOptions, command: Command) =>
      rotate(terminal, flags, options, command),
    );
}

interface RotateOptions {
  readonly revoke?: boolean;
}

async function status(terminal: Terminal, flags: readonly string[], command: Command): Promise<void> {
  const found = await onKeys(terminal, flags, 'the signing keys cannot be shown', (keys, { account }) =>
    keys.listSigningKeys(account),
  );
  const shown = found.map(({ kid, state, createdAt, expiresAt }) => ({
    kid,
    state,
    created_at: new Date(createdAt).toISOString(),
    ...(expiresAt === undefined ? {} : { expires_at: new Date(expiresAt).toISOString() }),
  }));
  if (outputOf(command) === 'json') {
    printJson(terminal, shown);
    return;
  }
  for (const { kid, state, created_at: made, expires_at: until } of shown) {
    printLine(
      terminal,
      `${plain(kid)}  ${state}  since ${made}${until === undefined ? '' : ` until ${until}`}`,
    );
  }
}

async function rotate(
  terminal: Terminal,
  flags: readonly string[],
  { revoke = false }: RotateOptions,
  command: Command,
): Promise<void> {
  const { rotated, account } = await onKeys(
    terminal,
    flags,
    'the signing key was not rotated',
    async (keys, config) => ({
      rotated: await keys.rotateSigningKey(config.account, revoke),
      account: config.account,
    }),
  );
  if (rotated === undefined) throw new CommandError('refused', 'the signing key was not rotated');
  const { kid, removed } = rotated;
  if (outputOf(command) === 'json') {
    printJson(terminal, { account, kid, removed });
    return;
  }
  printLine(terminal, `Access tokens of ${plain(account)} are signed with ${plain(kid)} from now on.`);
  for (const old of removed) printLine(terminal, `Removed ${plain(old)}`);
}
