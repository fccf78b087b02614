import type { Command } from 'commander';
import { z } from 'zod';
import { readAnswer, refusal } from './answers.ts';
import { addCommand, addGroup, outputOf } from './command.ts';
import type { Session } from './session.ts';
import { withSession } from './session.ts';
import type { Terminal } from './terminal.ts';
import { printJson, printLine } from './terminal.ts';
import type { TypedId } from './typed-id.ts';
import { fullId, typedId } from './typed-id.ts';

interface CheckOptions {
  readonly role?: string;
}

const idArgument = 'the resource: KIND:ID or ACCOUNT:KIND:ID';

export function addResource(program: Command, terminal: Terminal): void {
  const group = addGroup(program, 'resource', 'Ask about resources.');
  addCommand(group, 'exists', 'Say whether a resource exists that you may see.')
    .argument('<resource>', idArgument)
    .action((id: string, _: object, command: Command) =>
      withSession(terminal, (session) => exists(session, 'resources', typedId(session, id), command)),
    );
  addCommand(group, 'show', 'Show a resource as JSON: owner, permissions, annotations, versions.')
    .argument('<resource>', idArgument)
    .action((id: string) =>
      withSession(terminal, (session) => show(session, 'resources', typedId(session, id))),
    );
  addCommand(group, 'permitted-roles', 'List the roles that hold a privilege on a resource, as JSON.')
    .argument('<resource>', idArgument)
    .argument('<privilege>', 'the privilege, for example execute')
    .action((id: string, privilege: string) =>
      withSession(terminal, (session) => permittedRoles(session, typedId(session, id), privilege)),
    );
}

export function addCheck(program: Command, terminal: Terminal): void {
  addCommand(program, 'check', 'Say whether a role holds a privilege on a resource.')
    .argument('<resource>', idArgument)
    .argument('<privilege>', 'the privilege, for example execute')
    .option('-r, --role <id>', 'the role: KIND:ID or ACCOUNT:KIND:ID; the one that is logged in by default')
    .action((id: string, privilege: string, options: CheckOptions, command: Command) =>
      withSession(terminal, (session) => check(session, typedId(session, id), privilege, options, command)),
    );
}

function pathOf(family: 'resources' | 'roles', id: TypedId): readonly string[] {
  return [family, id.account, id.kind, id.identifier];
}

/** Prints true or false. Any other answer than found and not found is a failure, never a "no". */
export async function exists(
  session: Session,
  family: 'resources' | 'roles',
  id: TypedId,
  command: Command,
): Promise<void> {
  const answer = await session.sendAsUser({ method: 'GET', path: pathOf(family, id) });
  if (answer.status !== 200 && answer.status !== 404) throw refusal(`look for ${fullId(id)}`, answer);
  const found = answer.status === 200;
  if (outputOf(command) === 'json') printJson(session.terminal, { exists: found });
  else printLine(session.terminal, String(found));
}

/** Prints what the server says of a resource or a role. */
export async function show(session: Session, family: 'resources' | 'roles', id: TypedId): Promise<void> {
  const action = `show ${fullId(id)}`;
  const answer = await session.sendAsUser({ method: 'GET', path: pathOf(family, id) });
  if (answer.status !== 200) throw refusal(action, answer);
  printJson(session.terminal, readAnswer(action, answer, z.looseObject({ id: z.string() })));
}

async function permittedRoles(session: Session, id: TypedId, privilege: string): Promise<void> {
  const action = `list who holds ${privilege} on ${fullId(id)}`;
  const query = { permitted_roles: 'true', privilege };
  const answer = await session.sendAsUser({ method: 'GET', path: pathOf('resources', id), query });
  if (answer.status !== 200) throw refusal(action, answer);
  printJson(session.terminal, readAnswer(action, answer, z.array(z.string())).toSorted());
}

async function check(
  session: Session,
  id: TypedId,
  privilege: string,
  options: CheckOptions,
  command: Command,
): Promise<void> {
  const role = options.role === undefined ? {} : { role: fullId(typedId(session, options.role)) };
  const answer = await session.sendAsUser({
    method: 'GET',
    path: pathOf('resources', id),
    query: { check: 'true', privilege, ...role },
  });
  // "No" is an empty 404; one with a body says that there is no such resource.
  const no = answer.status === 404 && answer.body.length === 0;
  if (answer.status !== 204 && !no) {
    throw refusal(`check ${privilege} on ${fullId(id)}`, answer, {
      403: 'You may ask about roles that you hold, and about no others',
    });
  }
  const allowed = answer.status === 204;
  if (outputOf(command) === 'json') printJson(session.terminal, { allowed });
  else printLine(session.terminal, String(allowed));
}
