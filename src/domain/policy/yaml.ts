import { parseEvents, YAMLException, type Event } from 'js-yaml';
import { tooLarge } from './invalid.ts';
import type { PolicyLimits } from './limits.ts';
import type { Source } from './source.ts';
import { explainSyntax } from './syntax.ts';

/** A text as events, and the text that their offsets and values are taken from. */
export interface Parsed {
  readonly source: Source;
  readonly events: readonly Event[];
}

/** Where and why the library gave up. */
interface Failure {
  readonly offset: number;
  readonly reason: string;
}

/** How much may still be parsed once the text itself has been. */
interface Attempts {
  readonly limits: PolicyLimits;
  bytesLeft: number;
}

/** What an attempt costs however short it is. */
const minBytesAgain = 4 * 1_024;

/**
 * Parses a text with the YAML 1.2 library as YAML 1.1. The one difference that policies are
 * written with: in YAML 1.1 the lines of a list in brackets may begin at any column, so that its
 * closing bracket often stands below the attribute. Such a line is joined to the one above (in
 * place, so that offsets stay true) and the text is parsed again.
 */
export function parseYaml(source: Source, limits: PolicyLimits): Parsed {
  let { text } = source;
  const attempts: Attempts = { limits, bytesLeft: limits.maxBytesAgain + text.length };
  for (;;) {
    const result = tryParse(text, attempts);
    if ('events' in result) return { source: { ...source, text }, events: result.events };
    const joined = joinLine(text, result, attempts);
    if (joined === undefined || attempts.bytesLeft < 0)
      throw explainSyntax(source, result.offset, result.reason);
    text = joined;
  }
}

function tryParse(text: string, attempts: Attempts): { readonly events: readonly Event[] } | Failure {
  const { maxDepth } = attempts.limits;
  attempts.bytesLeft -= text.length + minBytesAgain;
  try {
    return { events: parseEvents(text, { maxDepth }) };
  } catch (error) {
    if (error instanceof RangeError) {
      // Its patterns run out of stack on a tag of millions of characters.
      throw tooLarge('A tag, an anchor or another part of the text is too long');
    }
    // Its error carries the whole text, so it must not travel as a cause.
    if (!(error instanceof YAMLException)) throw error;
    if (error.reason.startsWith('nesting exceeded'))
      throw tooLarge(`Collections may be nested ${maxDepth} deep`);
    return { offset: Math.min(error.mark?.position ?? 0, text.length), reason: error.reason };
  }
}

/** The text with the line at a fault joined to the one above; undefined when that is not what is wrong. */
function joinLine(text: string, { offset, reason }: Failure, attempts: Attempts): string | undefined {
  if (!reason.startsWith('deficient indentation')) return undefined;
  const from = endOfToken(text, offset, attempts);
  const between = text.slice(from, offset);
  // Nothing to join: the library minds a tab elsewhere in the line.
  if (between.replaceAll(' ', '') === '') return undefined;
  // Only between the tokens of a flow collection is a line break nothing but a blank.
  if (!endsInFlow(text.slice(0, from), attempts)) return undefined;
  if (!separates(text[from - 1] ?? '', between, text[offset] ?? '')) return undefined;
  return text.slice(0, from) + ' '.repeat(between.length) + text.slice(offset);
}

/** Whether what is between two tokens can become blanks; between the words of one text it could not. */
function separates(before: string, between: string, next: string): boolean {
  return !/[\n\r]/.test(between) || ',:[{'.includes(before) || ',]}'.includes(next);
}

/** Whether a text breaks off between the tokens of a flow collection. */
function endsInFlow(text: string, attempts: Attempts): boolean {
  if (attempts.bytesLeft < 0) return false;
  const result = tryParse(text.trimEnd(), attempts);
  return 'reason' in result && result.reason.endsWith('within a flow collection');
}

/** Where the token before an offset ends: before the blanks, lines and comments between them. */
function endOfToken(text: string, offset: number, attempts: Attempts): number {
  let end = text.slice(0, offset).trimEnd().length;
  for (;;) {
    const start = Math.max(text.lastIndexOf('\n', end - 1), text.lastIndexOf('\r', end - 1)) + 1;
    const line = text.slice(start, end);
    const before = /^\s*#/.test(line) ? start : commentIn(text, start, line, attempts);
    if (before === undefined || before === 0) return end;
    end = text.slice(0, before).trimEnd().length;
  }
}

/** Where a comment begins behind the tokens of a line: behind a blank and outside of quotes. */
function commentIn(text: string, start: number, line: string, attempts: Attempts): number | undefined {
  for (const { index } of line.matchAll(/(?<=\s)#/g)) {
    if (endsInFlow(text.slice(0, start + index), attempts)) return start + index;
  }
  return undefined;
}
