/** The table of statuses: a line for each operation, a column for each case. */
import type { Operation } from '../support/openapi.ts';
import type { Outcome } from './ask.ts';
import { cases } from './row.ts';

export interface Line {
  readonly name: string;
  readonly method?: string | undefined;
  readonly operation: Operation;
  readonly outcome: Outcome;
}

const head = `Who gets which status, for every operation of the OpenAPI document. Made by test/matrix/matrix.test.ts, which fails
when the service answers otherwise; UPDATE_MATRIX=1 writes it anew, and every line that changes is to be read.

  none       nothing that proves who asks
  garbage    a token, key or password that never was one
  expired    what was good, and is over
  foreign    the administrator of another account
  signature  that of the column right, with one bit of the signature changed
  other-kid  the same claims under a key that the service does not have
  alg-none   the same claims, unsigned
  nobody     a role of the account without any privilege
  lesser     a role with every privilege on the same resources but those that are needed
  but-one    roles that lack one of several that are needed, each
  right      a role with what is needed, and nothing more
  -          there is no such case
`;

/** Sections by the first tag, in the order of the document's tags. */
export function renderTable(lines: readonly Line[]): string {
  const sections = new Map<string, Line[]>();
  for (const line of lines) {
    const [tag = ''] = line.operation.tags ?? [];
    sections.set(tag, [...(sections.get(tag) ?? []), line]);
  }
  const names = [...sections.keys()].sort();
  return [head, ...names.map((name) => renderSection(name, sections.get(name) ?? []))].join('\n');
}

function renderSection(name: string, lines: readonly Line[]): string {
  const titles = lines.map(titleOf);
  const width = Math.max(...titles.map(({ length }) => length), name.length + 3);
  const rows = lines.map(({ outcome }) => cases.map((each) => cellOf(outcome, each)));
  const widths = cases.map((each, column) =>
    Math.max(each.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const format = (title: string, cells: readonly string[]): string =>
    [title.padEnd(width), ...cells.map((cell, column) => cell.padEnd(widths[column] ?? 0))]
      .join('  ')
      .trimEnd();
  const body = titles.map((title, index) => format(title, rows[index] ?? []));
  return [format(`## ${name}`, cases), ...body.sort(), ''].join('\n');
}

function titleOf({ name, method, operation }: Line): string {
  const variant = name.split(' ').slice(1).join(' ');
  const title = `${(method ?? operation.method).toUpperCase().padEnd(6)} ${operation.path}`;
  return variant === '' ? title : `${title} (${variant})`;
}

function cellOf(outcome: Outcome, name: (typeof cases)[number]): string {
  return outcome.get(name)?.join('/') ?? '-';
}
