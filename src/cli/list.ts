import type { Command } from 'commander';
import { z } from 'zod';
import { readAnswer, refusal } from './answers.ts';
import { addCommand } from './command.ts';
import type { Session } from './session.ts';
import { withSession } from './session.ts';
import type { Terminal } from './terminal.ts';
import { printJson } from './terminal.ts';
import { fullId, typedId } from './typed-id.ts';

interface ListOptions {
  readonly kind?: string;
  readonly search?: string;
  readonly limit?: string;
  readonly offset?: string;
  readonly role?: string;
  readonly inspect?: true;
  readonly count?: true;
}

const resourceForm = z.looseObject({ id: z.string() });

export function addList(program: Command, terminal: Terminal): void {
  addCommand(program, 'list', 'List the resources that you may see, as JSON.')
    .option('-k, --kind <kind>', 'only those of one kind, for example variable')
    .option('-s, --search <text>', 'only those whose id, annotations or kind have these words')
    .option('-l, --limit <number>', 'at most so many; 1000 by default')
    .option('-o, --offset <number>', 'skip so many; 10 follow, if no limit is given')
    .option('-r, --role <id>', 'what that role may see: KIND:ID or ACCOUNT:KIND:ID, a role that you hold')
    .option('-i, --inspect', 'each with owner, permissions and annotations')
    .option('-c, --count', 'only how many there are')
    .action((options: ListOptions) => withSession(terminal, (session) => list(session, options)));
}

async function list(session: Session, options: ListOptions): Promise<void> {
  const answer = await session.sendAsUser({
    method: 'GET',
    path: ['resources', session.account],
    query: queryOf(session, options),
  });
  if (answer.status !== 200) {
    throw refusal('list resources', answer, {
      403: 'You may ask for roles that you hold, and for no others',
    });
  }
  if (options.count === true) {
    printJson(session.terminal, readAnswer('count resources', answer, z.object({ count: z.number() })));
    return;
  }
  const found = readAnswer('list resources', answer, z.array(resourceForm));
  printJson(session.terminal, options.inspect === true ? found : found.map(({ id }) => id));
}

function queryOf(session: Session, options: ListOptions): Readonly<Record<string, string>> {
  const { kind, search, limit, offset, role, count } = options;
  const given = {
    kind,
    search,
    limit,
    offset,
    acting_as: role === undefined ? undefined : fullId(typedId(session, role)),
    count: count === true ? 'true' : undefined,
  };
  return Object.fromEntries(
    Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
