/** `create`, `update`, `get`, `list` and `delete` of one kind of object. */
import type { Command } from 'commander';
import { Option } from 'commander';
import { addCommand, addGroup, outputOf } from './command.ts';
import { CommandError } from './exit-codes.ts';
import { readNamedFile } from './files.ts';
import { askVault, callVault, type Members } from './oidc-call.ts';
import type { FieldOption, ObjectKind } from './oidc-kinds.ts';
import { printList, printObject } from './oidc-output.ts';
import type { Session } from './session.ts';
import { withSession } from './session.ts';
import type { Terminal } from './terminal.ts';
import { printJson, printLine } from './terminal.ts';

/** The options of a command, by their names without dashes. */
type Given = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Adds the group of a kind. */
export function addObjectKind(parent: Command, terminal: Terminal, kind: ObjectKind): Command {
  const group = addGroup(parent, kind.name, `Manage the ${kind.plural} of the OpenID Provider.`);
  const add = (
    name: string,
    description: string,
    act: (session: Session, given: Given, command: Command) => Promise<void>,
  ): Command =>
    addCommand(group, name, description).action((given: Given, command: Command) =>
      withSession(terminal, (session) => act(session, given, command)),
    );
  withName(
    add('create', `Make ${kind.shown}.`, (...call) => write(kind, 'create', ...call)),
    kind,
    kind.options,
  );
  const changeable = kind.options.filter(({ onlyAtCreation }) => onlyAtCreation !== true);
  withName(
    add('update', `Change ${kind.shown}; a list that is given replaces the old one.`, (...call) =>
      write(kind, 'update', ...call),
    ),
    kind,
    changeable,
  );
  withName(
    add('get', `Show ${kind.shown}.`, (...call) => get(kind, ...call)),
    kind,
    [],
  );
  const listing = add('list', `List the ${kind.plural}.`, (...call) => list(kind, ...call));
  if (kind.filter !== undefined) listing.option(kind.filter.flags, kind.filter.description);
  withName(
    add('delete', `Delete ${kind.shown}.`, (...call) => remove(kind, ...call)),
    kind,
    [],
  );
  return group;
}

/** The option that names an object, and those that say what it is to be. */
export function withName(command: Command, kind: ObjectKind, options: readonly FieldOption[]): Command {
  command.requiredOption('-n, --name <name>', `the name of the ${kind.name}`);
  for (const { flags, description, form } of options) {
    const option = new Option(flags, description);
    command.addOption(form === 'switch' ? option.choices(['true', 'false']) : option);
  }
  return command;
}

/** The name that was given; commander has made sure that there is one. */
function nameOf(given: Given): string {
  const { name } = given;
  return typeof name === 'string' ? name : '';
}

async function write(
  kind: ObjectKind,
  act: 'create' | 'update',
  session: Session,
  given: Given,
  command: Command,
): Promise<void> {
  const name = nameOf(given);
  const body = await fieldsOf(session, kind.options, given);
  if (act === 'update' && Object.keys(body).length === 0) {
    throw new CommandError('usage', 'nothing to change: at least one option besides --name is needed');
  }
  const path = ['oidc', kind.name, name];
  await requirePresence(kind, act, session, path);
  await callVault(session, `${act} ${kind.name} ${name}`, { method: 'PUT', path, body });
  printDone(session, command, `${titleOf(kind)} ${name} is ${act}d`, { name, [`${act}d`]: true });
}

/** The API makes or changes without asking. Whoever may not read gets that. */
async function requirePresence(
  kind: ObjectKind,
  act: 'create' | 'update',
  session: Session,
  path: readonly string[],
): Promise<void> {
  const { status } = await askVault(session, { method: 'GET', path });
  const name = path.at(-1) ?? '';
  if (act === 'create' && status === 200) {
    throw new CommandError(
      'refused',
      `${kind.name} ${name} is there already. Run: latchkey oidc ${kind.name} update`,
    );
  }
  if (act === 'update' && status === 404) {
    throw new CommandError(
      'refused',
      `there is no ${kind.name} ${name}. Run: latchkey oidc ${kind.name} create`,
    );
  }
}

async function get(kind: ObjectKind, session: Session, given: Given, command: Command): Promise<void> {
  const name = nameOf(given);
  const action = `show ${kind.name} ${name}`;
  printObject(
    session,
    command,
    await callVault(session, action, { method: 'GET', path: ['oidc', kind.name, name] }),
  );
}

async function list(kind: ObjectKind, session: Session, given: Given, command: Command): Promise<void> {
  const { filter } = kind;
  const wanted = filter && given[attributeOf(filter.flags)];
  const query = typeof wanted === 'string' ? { [filter?.parameter ?? '']: wanted } : {};
  const call = { method: 'GET', path: ['oidc', kind.name], query: { list: 'true', ...query } } as const;
  // A list without anything in it is answered as one that is not there.
  const data = await callVault(session, `list ${kind.plural}`, call, { keys: [] });
  printList(session, command, data);
}

async function remove(kind: ObjectKind, session: Session, given: Given, command: Command): Promise<void> {
  const name = nameOf(given);
  await callVault(session, `delete ${kind.name} ${name}`, {
    method: 'DELETE',
    path: ['oidc', kind.name, name],
  });
  printDone(session, command, `${titleOf(kind)} ${name} is deleted`, { name, deleted: true });
}

/** The fields that the given options fill. */
async function fieldsOf(session: Session, options: readonly FieldOption[], given: Given): Promise<Members> {
  const fields: Record<string, unknown> = {};
  for (const { flags, field, form } of options) {
    const value = given[attributeOf(flags)];
    if (value === undefined) continue;
    if (form === 'file' && typeof value === 'string') fields[field] = await fileText(session, value);
    else if ((form === 'entities' || form === 'groups') && typeof value !== 'string') {
      fields[field] = await idsOf(session, form === 'groups' ? 'group' : 'entity', value);
    } else {
      const named: unknown = fields[field];
      fields[field] = Array.isArray(named) ? (named as readonly unknown[]).concat(value) : value;
    }
  }
  return fields;
}

/** The ids that names have. */
async function idsOf(
  session: Session,
  kind: 'entity' | 'group',
  names: readonly string[],
): Promise<readonly unknown[]> {
  const ids: unknown[] = [];
  for (const name of names) {
    const call = { method: 'GET', path: [kind, 'name', ...name.split('/')] } as const;
    const { id } = await callVault(session, `find ${kind === 'group' ? 'group' : 'user'} ${name}`, call);
    ids.push(id);
  }
  return ids;
}

/** What commander calls the value of an option. */
function attributeOf(flags: string): string {
  return new Option(flags).attributeName();
}

/** A newline at the end is the editor's, and part of nothing. */
async function fileText(session: Session, file: string): Promise<string> {
  return (await readNamedFile(session.terminal, file)).toString('utf8').replace(/\r?\n$/, '');
}

/** Says that something was done. */
export function printDone(session: Session, command: Command, text: string, result: Members): void {
  if (outputOf(command) === 'json') printJson(session.terminal, result);
  else printLine(session.terminal, text);
}

function titleOf({ name }: ObjectKind): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
