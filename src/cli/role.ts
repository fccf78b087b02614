import type { Command } from 'commander';
import { z } from 'zod';
import { readAnswer, refusal } from './answers.ts';
import { addCommand, addGroup } from './command.ts';
import { exists, show } from './resource.ts';
import type { Session } from './session.ts';
import { withSession } from './session.ts';
import type { Terminal } from './terminal.ts';
import { printJson } from './terminal.ts';
import type { TypedId } from './typed-id.ts';
import { fullId, typedId } from './typed-id.ts';

interface MembersOptions {
  readonly verbose?: true;
}

const idArgument = 'the role: KIND:ID or ACCOUNT:KIND:ID';
const memberForm = z.looseObject({ member: z.string() });

export function addRole(program: Command, terminal: Terminal): void {
  const group = addGroup(program, 'role', 'Ask about roles.');
  addCommand(group, 'exists', 'Say whether a role exists that you may see.')
    .argument('<role>', idArgument)
    .action((id: string, _: object, command: Command) =>
      withSession(terminal, (session) => exists(session, 'roles', typedId(session, id), command)),
    );
  addCommand(group, 'show', 'Show a role and its members as JSON.')
    .argument('<role>', idArgument)
    .action((id: string) => withSession(terminal, (session) => show(session, 'roles', typedId(session, id))));
  addCommand(group, 'members', 'List the members of a role as JSON.')
    .argument('<role>', idArgument)
    .option('-v, --verbose', 'each member with what it is: by ownership, with the right to grant on')
    .action((id: string, options: MembersOptions) =>
      withSession(terminal, (session) => members(session, typedId(session, id), options)),
    );
  addCommand(group, 'memberships', 'List every role that a role holds, itself among them, as JSON.')
    .argument('<role>', idArgument)
    .action((id: string) => withSession(terminal, (session) => memberships(session, typedId(session, id))));
}

async function members(session: Session, id: TypedId, { verbose }: MembersOptions): Promise<void> {
  const found = await ask(session, id, 'members', z.array(memberForm));
  printJson(session.terminal, verbose === true ? found : found.map(({ member }) => member));
}

async function memberships(session: Session, id: TypedId): Promise<void> {
  printJson(session.terminal, (await ask(session, id, 'all', z.array(z.string()))).toSorted());
}

async function ask<Value>(
  session: Session,
  id: TypedId,
  question: 'members' | 'all',
  form: z.ZodType<Value>,
): Promise<Value> {
  const action = `list the ${question === 'all' ? 'memberships' : question} of ${fullId(id)}`;
  const answer = await session.sendAsUser({
    method: 'GET',
    path: ['roles', id.account, id.kind, id.identifier],
    query: { [question]: 'true' },
  });
  if (answer.status !== 200) throw refusal(action, answer);
  return readAnswer(action, answer, form);
}
