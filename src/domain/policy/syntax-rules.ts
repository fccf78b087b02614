import { fieldsOf } from './fields.ts';
import { excerpt } from './invalid.ts';
import { byReason, missingColon } from './syntax-reasons.ts';
import { tagNamed, type Tag } from './tags.ts';

export interface Line {
  readonly offset: number;
  readonly text: string;
  /** White space before the text. */
  readonly indent: number;
}

/** Where the YAML parser gave up, and what is around it. */
export interface Fault {
  /** What the parser says, in the words of its library. */
  readonly reason: string;
  readonly offset: number;
  readonly line: Line;
  /** The line before and from the fault. */
  readonly head: string;
  readonly rest: string;
  /** The lines above that are neither blank nor comments, nearest first. */
  readonly above: readonly Line[];
}

interface Finding {
  readonly offset: number;
  readonly problem: string;
  readonly advice: string;
}

type Rule = (fault: Fault) => Finding | undefined;

const unexpectedKey = 'did not find expected key while parsing a block mapping';
const mappingNotAllowed = 'mapping values are not allowed in this context';
const missingDash = "did not find expected '-' indicator while parsing a block collection";

function finding(offset: number, problem: string, advice: string): Finding {
  return { offset, problem, advice };
}

function contentOffset(line: Line): number {
  return line.offset + line.indent;
}

function reasonAlone(fault: Fault): Finding | undefined {
  if (fault.reason.startsWith('end of the stream')) return undefined;
  const found = byReason.find(([pattern]) => pattern.test(fault.reason));
  if (found === undefined) return undefined;
  // The parser has read the asterisk or ampersand and misses the name behind it.
  const offset = fault.reason.startsWith('name of an') ? fault.offset - 1 : fault.offset;
  return finding(offset, found[1], found[2]);
}

function indentedByTab({ line, reason }: Fault): Finding | undefined {
  const blank = /^[^\S\n]*/.exec(line.text)?.[0] ?? '';
  const tab = blank.indexOf('\t');
  if (tab !== -1 || reason.startsWith('tab characters')) {
    return finding(
      line.offset + Math.max(tab, 0),
      'found a tab character that violates indentation',
      'You must use spaces for indentation, not tabs',
    );
  }
  const odd = /[^ ]/.exec(blank)?.index;
  if (odd === undefined) return undefined;
  return finding(
    line.offset + odd,
    'found a no-break space or other special blank in the indentation',
    'Replace it by plain spaces; it mostly comes from copying a formatted page',
  );
}

/** The library also takes a tab between the tokens of a flow collection for indentation. */
function tabInFlow({ reason, head, line }: Fault): Finding | undefined {
  const tab = head.indexOf('\t');
  if (!reason.startsWith('deficient') || tab === -1) return undefined;
  return finding(
    line.offset + tab,
    'found a tab character between the entries of a list',
    'Write spaces, not tabs',
  );
}

const opened: readonly (readonly [opening: string, closing: string, problem: string])[] = [
  ['[', ']', "did not find expected ',' or ']' while parsing a flow sequence"],
  ['{', '}', "did not find expected ',' or '}' while parsing a flow mapping"],
  ['"', '"', 'found unexpected end of stream while scanning a quoted scalar'],
  ["'", "'", 'found unexpected end of stream while scanning a quoted scalar'],
];

/** Something that is not closed before its line, or the text, ends. */
function unclosed({ reason, line, above }: Fault): Finding | undefined {
  if (
    !reason.startsWith('deficient') &&
    !reason.startsWith('unexpected end') &&
    !reason.startsWith('missed comma')
  ) {
    return undefined;
  }
  for (const candidate of [line, ...above]) {
    for (const [opening, closing, problem] of opened) {
      const at = lastUnclosed(candidate.text, opening, closing);
      if (at === -1) continue;
      const advice =
        opening === closing
          ? 'Close the quote that begins here, or indent its further lines; in single quotes, write an apostrophe as two'
          : `Close what begins here with '${closing}', put a comma between its entries, and indent its further lines`;
      return finding(candidate.offset + at, problem, advice);
    }
  }
  return undefined;
}

/** Where a line opens what it does not close; -1 when it does. */
function lastUnclosed(text: string, opening: string, closing: string): number {
  const places: number[] = [];
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (character === closing && (opening !== closing || places.length > 0)) places.pop();
    else if (character === opening && (opening !== closing || beginsToken(text, index))) places.push(index);
  }
  return places.at(-1) ?? -1;
}

/** Elsewhere a quote is a character like any other. */
function beginsToken(text: string, index: number): boolean {
  return index === 0 || ' \t[{,'.includes(text[index - 1] ?? ' ');
}

function missedComma({ reason, offset }: Fault): Finding | undefined {
  if (!reason.startsWith('missed comma')) return undefined;
  return finding(
    offset,
    "did not find expected ',' or ']' while parsing a flow sequence",
    'Put a comma between the entries, and close the list at its end',
  );
}

function reservedCharacter({ offset, head, rest }: Fault): Finding | undefined {
  const character = rest[0] ?? '';
  if (!'@`%'.includes(character) || character === '' || !/(^|[\s[{,])$/.test(head)) return undefined;
  return finding(
    offset,
    'found character that cannot start any token while scanning for the next token',
    `Quote a text that begins with ${character}`,
  );
}

function textBehindQuote({ offset, head, rest }: Fault): Finding | undefined {
  if (!/\S["']\s*$/.test(head) || !/^\s*[^\s:#]/.test(rest)) return undefined;
  return finding(
    offset,
    'did not expect more text behind the closing quote',
    "Write an apostrophe inside of single quotes as two (''), a quote inside of double quotes as \\\"",
  );
}

function dashWithoutBlank({ line, above }: Fault): Finding | undefined {
  for (const candidate of [line, ...above.slice(0, 1)]) {
    const tag = /^\s*-(![\w-]+.*)$/.exec(candidate.text)?.[1];
    if (tag !== undefined) {
      return finding(
        contentOffset(candidate),
        missingColon,
        `Leave a blank behind the dash: write '- ${excerpt(tag)}'`,
      );
    }
  }
  return undefined;
}

const attributeNames = new Set(
  (
    [
      'policy',
      'user',
      'group',
      'variable',
      'host-factory',
      'grant',
      'permit',
      'delete',
      'member',
      'resource',
    ] as const
  ).flatMap((tag) => [...fieldsOf(tag).keys()]),
);

/** `role:!group g`, `id x`, `body`: an attribute whose colon, or the blank behind it, is missing. */
function attributeWithoutColon({ line, above, reason }: Fault): Finding | undefined {
  const far = reason.includes('multiline key') ? above : above.slice(0, 1);
  for (const candidate of [line, ...far]) {
    const match = /^\s*(?:- +)?([a-z_]+)(:(?=[^\s:/])|\s+(?=[^\s:])|$)(.*)$/.exec(candidate.text);
    const [, name = '', , value = ''] = match ?? [];
    if (match === null || !attributeNames.has(name)) continue;
    const what = `${name}: ${excerpt(value)}`.trimEnd();
    return finding(
      contentOffset(candidate),
      missingColon,
      `Write a colon and a blank behind the name: '${what}'`,
    );
  }
  return undefined;
}

/** `- !policy x` with attributes below: the id behind the tag made it a scalar. */
function attributesBelowShorthand({ line, above }: Fault): Finding | undefined {
  const key = /^\s+([\w-]+):(?:\s|$)/.exec(line.text)?.[1];
  const shorthand = /^\s*- +(!\S+) +([^\s#].*)$/.exec(above[0]?.text ?? '');
  const [, tag = '', id = ''] = shorthand ?? [];
  if (key === undefined || shorthand === null || tagNamed(tag.slice(1)) === undefined || id.includes(': '))
    return undefined;
  return finding(
    contentOffset(line),
    mappingNotAllowed,
    `With attributes, the id is one of them: write '- ${tag}', and below it 'id: ${excerpt(id)}' and '${key}:' at one column`,
  );
}

function listBehindColon({ offset, head, rest }: Fault): Finding | undefined {
  if (!/^\s*(?:- +)?[\w/-]+:\s+$/.test(head) || !/^-\s/.test(rest)) return undefined;
  return finding(
    offset,
    'block sequence entries are not allowed in this context',
    "Write the list in brackets, as in [ !group x, !user y ], or below, one '- ' line for each",
  );
}

/** A list item at the column of attributes. */
function listAmongAttributes({ line, above }: Fault): Finding | undefined {
  if (!/^\s+- /.test(line.text)) return undefined;
  const sibling = above.find((candidate) => candidate.indent <= line.indent);
  const isAttribute = /^\s+[a-z_]+:(?:\s|$)/.test(sibling?.text ?? '');
  if (sibling === undefined || sibling.indent !== line.indent || !isAttribute) return undefined;
  const statement = above.find((candidate) => candidate.indent < line.indent)?.text ?? '';
  const tag = tagNamed(/^\s*- +!([\w-]+)/.exec(statement)?.[1] ?? '');
  return finding(
    contentOffset(line),
    unexpectedKey,
    (tag === undefined ? undefined : listAdvice.get(tag)) ??
      'Put the name of an attribute and a colon above this list',
  );
}

const listAdvice: ReadonlyMap<Tag, string> = new Map<Tag, string>([
  ['policy', "Put 'body:' above this list, at the column of 'id'"],
  ['grant', "Put 'members:' above this list, at the column of 'role'"],
  ['revoke', "Put 'members:' above this list, at the column of 'role'"],
  ['permit', "Put 'resources:' above this list, at the column of 'role'"],
  ['deny', "Put 'resources:' above this list, at the column of 'role'"],
  ['host-factory', "Put 'layers:' above this list, at the column of 'id'"],
]);

function colonInValue({ offset, head, rest, line }: Fault): Finding | undefined {
  if (!rest.startsWith(':') || !/^\s*(?:- +)?[^\s:][^:]*:\s+\S/.test(head)) return undefined;
  const value = line.text.slice(line.text.indexOf(':') + 1).trim();
  return finding(
    offset,
    mappingNotAllowed,
    `Quote a value that contains a colon and a blank: "${excerpt(value)}"`,
  );
}

/** A line that begins where neither a list item nor an attribute may. */
function misplacedLine({ line }: Fault): Finding | undefined {
  if (/^\s*- /.test(line.text)) {
    return finding(contentOffset(line), missingDash, 'Begin all items of a list at the same column');
  }
  const key = /^\s*([^\s:#][^:]*):(?:\s|$)/.exec(line.text)?.[1];
  if (key === undefined) return undefined;
  return finding(
    contentOffset(line),
    line.indent === 0 ? missingDash : unexpectedKey,
    key === 'description'
      ? "Put 'annotations:' at the column of the other attributes, and the description below it, indented deeper"
      : 'Begin all attributes of a statement at the same column, below its tag',
  );
}

function keyWithoutColon({ line, reason }: Fault): Finding | undefined {
  if (!reason.startsWith("expected ':'") && !reason.includes('multiline key')) return undefined;
  return finding(contentOffset(line), missingColon, "Write 'name: value', with a blank behind the colon");
}

function statementWithoutDash({ line }: Fault): Finding | undefined {
  if (!/^\s*!?[\w-]+/.test(line.text)) return undefined;
  return finding(
    contentOffset(line),
    missingDash,
    "Begin each statement with '- ' and its tag, at one column",
  );
}

/** The first that recognizes the fault explains it. */
export const rules: readonly Rule[] = [
  indentedByTab,
  tabInFlow,
  reasonAlone,
  reservedCharacter,
  dashWithoutBlank,
  unclosed,
  missedComma,
  listBehindColon,
  attributeWithoutColon,
  attributesBelowShorthand,
  listAmongAttributes,
  colonInValue,
  textBehindQuote,
  misplacedLine,
  keyWithoutColon,
  statementWithoutDash,
];
