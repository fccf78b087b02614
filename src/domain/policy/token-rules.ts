/** What may be wrong with brackets, quotes and the characters that begin a token. */
import { finding, type Fault, type Finding } from './syntax-fault.ts';

/** The library also takes a tab between the tokens of a flow collection for indentation. */
export function tabInFlow({ reason, head, line }: Fault): Finding | undefined {
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
export function unclosed({ reason, line, above }: Fault): Finding | undefined {
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

export function missedComma({ reason, offset }: Fault): Finding | undefined {
  if (!reason.startsWith('missed comma')) return undefined;
  return finding(
    offset,
    "did not find expected ',' or ']' while parsing a flow sequence",
    'Put a comma between the entries, and close the list at its end',
  );
}

export function reservedCharacter({ offset, head, rest }: Fault): Finding | undefined {
  const character = rest[0] ?? '';
  if (!'@`%'.includes(character) || character === '' || !/(^|[\s[{,])$/.test(head)) return undefined;
  return finding(
    offset,
    'found character that cannot start any token while scanning for the next token',
    `Quote a text that begins with ${character}`,
  );
}

export function textBehindQuote({ offset, head, rest }: Fault): Finding | undefined {
  if (!/\S["']\s*$/.test(head) || !/^\s*[^\s:#]/.test(rest)) return undefined;
  return finding(
    offset,
    'did not expect more text behind the closing quote',
    "Write an apostrophe inside of single quotes as two (''), a quote inside of double quotes as \\\"",
  );
}
