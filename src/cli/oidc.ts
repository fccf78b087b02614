/** `latchkey oidc`: manages the OpenID Provider in the API whose form is Vault's. */
import type { Command } from 'commander';
import { addCommand, addGroup } from './command.ts';
import { callVault } from './oidc-call.ts';
import { objectKinds, type ObjectKind } from './oidc-kinds.ts';
import { addObjectKind, printDone, withName } from './oidc-objects.ts';
import { printObject } from './oidc-output.ts';
import type { Session } from './session.ts';
import { withSession } from './session.ts';
import type { Terminal } from './terminal.ts';

interface RotateSecretOptions {
  readonly name: string;
  readonly overlap?: string;
}

interface RotateKeyOptions {
  readonly name: string;
  readonly verificationTtl?: string;
}

export function addOidc(program: Command, terminal: Terminal): void {
  const oidc = addGroup(program, 'oidc', 'Manage who signs people in through this service, and how.');
  for (const kind of objectKinds) {
    const group = addObjectKind(oidc, terminal, kind);
    if (kind.name === 'client') addRotateSecret(group, terminal, kind);
    if (kind.name === 'key') addRotateKey(group, terminal, kind);
  }
}

function addRotateSecret(group: Command, terminal: Terminal, kind: ObjectKind): void {
  withName(addCommand(group, 'rotate-secret', 'Give a client another secret, and print it.'), kind, [])
    .option('--overlap <duration>', 'how long the one before still works; not at all by default')
    .action((options: RotateSecretOptions, command: Command) =>
      withSession(terminal, (session) => rotateSecret(session, options, command)),
    );
}

function addRotateKey(group: Command, terminal: Terminal, kind: ObjectKind): void {
  withName(addCommand(group, 'rotate', 'Have the next pair of a key sign from now on.'), kind, [])
    .option('--verification-ttl <duration>', 'how long what was signed before can be verified, this once')
    .action((options: RotateKeyOptions, command: Command) =>
      withSession(terminal, (session) => rotateKey(session, options, command)),
    );
}

async function rotateSecret(
  session: Session,
  { name, overlap }: RotateSecretOptions,
  command: Command,
): Promise<void> {
  const rotated = await callVault(session, `rotate the secret of client ${name}`, {
    method: 'PUT',
    path: ['oidc', 'client', name, 'rotate-secret'],
    body: overlap === undefined ? {} : { overlap },
  });
  printObject(session, command, rotated);
}

async function rotateKey(
  session: Session,
  { name, verificationTtl }: RotateKeyOptions,
  command: Command,
): Promise<void> {
  await callVault(session, `rotate key ${name}`, {
    method: 'PUT',
    path: ['oidc', 'key', name, 'rotate'],
    body: verificationTtl === undefined ? {} : { verification_ttl: verificationTtl },
  });
  printDone(session, command, `Key ${name} is rotated`, { name, rotated: true });
}
