/** Objects for people to read, and as JSON. */
import type { Command } from 'commander';
import { z } from 'zod';
import { plain } from './answers.ts';
import { outputOf } from './command.ts';
import { CommandError } from './exit-codes.ts';
import type { Members } from './oidc-call.ts';
import type { Session } from './session.ts';
import { printJson, printLine } from './terminal.ts';

const listForm = z.object({
  keys: z.array(z.string()),
  key_info: z.record(z.string(), z.looseObject({})).optional(),
});

/** Prints the fields of an object, each on a line of its own. */
export function printObject(session: Session, command: Command, object: Members): void {
  if (outputOf(command) === 'json') {
    printJson(session.terminal, object);
    return;
  }
  printTable(
    session,
    Object.entries(object)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([field, value]) => [shown(field), shown(value)]),
  );
}

/**
 * Prints the names of objects with what is told of each.
 * @throws CommandError `refused`: the answer is no list
 */
export function printList(session: Session, command: Command, data: Members): void {
  const list = listForm.safeParse(data);
  if (!list.success) throw new CommandError('refused', "the server's answer is no list");
  const { keys, key_info: info = {} } = list.data;
  if (outputOf(command) === 'json') {
    printJson(
      session.terminal,
      keys.map((name) => ({ name, ...info[name] })),
    );
    return;
  }
  const fields = [...new Set(Object.values(info).flatMap((each) => Object.keys(each)))].sort();
  const head = fields.length === 0 ? [] : [['name', ...fields.map(shown)]];
  printTable(session, [
    ...head,
    ...keys.map((name) => [shown(name), ...fields.map((field) => shown(info[name]?.[field]))]),
  ]);
}

/** Columns as wide as what is in them, two blanks apart. */
function printTable({ terminal }: Session, rows: readonly (readonly string[])[]): void {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, text] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, text.length);
  }
  for (const row of rows) {
    printLine(
      terminal,
      row
        .map((text, column) => text.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    );
  }
}

/** One line without control characters; a list with commas between. */
function shown(value: unknown): string {
  if (value === undefined || value === null) return '-';
  if (Array.isArray(value)) return value.length === 0 ? '-' : value.map(shown).join(',');
  if (typeof value === 'string') return value === '' ? '-' : value.replace(/[\p{Cc}\p{Cf}]+/gu, ' ');
  return plain(JSON.stringify(value));
}
