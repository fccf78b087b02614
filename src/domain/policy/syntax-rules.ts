import { fieldsOf } from './fields.ts';
import { excerpt } from './invalid.ts';
import { byReason, missingColon } from './syntax-reasons.ts';
import { finding, type Fault, type Finding, type Line, type Rule } from './syntax-fault.ts';
import { tagNamed, type Tag } from './tags.ts';
import { missedComma, reservedCharacter, tabInFlow, textBehindQuote, unclosed } from './token-rules.ts';

const unexpectedKey = 'did not find expected key while parsing a block mapping';
const mappingNotAllowed = 'mapping values are not allowed in this context';
const missingDash = "did not find expected '-' indicator while parsing a block collection";

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
