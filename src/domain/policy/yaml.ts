import { parseEvents, YAMLException, type Event } from 'js-yaml';
import { tooLarge } from './invalid.ts';
import type { PolicyLimits } from './limits.ts';
import type { Source } from './source.ts';
import { explainSyntax } from './syntax.ts';

/** A text as events, and the text that their offsets and values are taken from. */
interface Parsed {
  readonly source: Source;
  readonly events: readonly Event[];
}

/** Where and why the library gave up. */
interface Failure {
  readonly offset: number;
  readonly reason: string;
}

/** How many bytes may be parsed again to join lines. */
const maxBytesAgain = 64 * 1_024 * 1_024;

/**
 * Parses a text with the YAML 1.2 library as YAML 1.1. The one difference that policies are
 * written with: in YAML 1.1 the lines of a list in brackets may begin at any column, so that its
 * closing bracket often stands below the attribute. Such lines are joined to the one above (in
 * place, so that offsets stay true) and the text is parsed again.
 */
export function parseYaml(source: Source, limits: PolicyLimits): Parsed {
  let { text } = source;
  for (let bytesAgain = 0; ; bytesAgain += text.length) {
    const result = tryParse(text, limits);
    if ('events' in result) return { source: { ...source, text }, events: result.events };
    const joined = bytesAgain > maxBytesAgain ? undefined : joinLine(text, result, limits);
    if (joined === undefined) throw explainSyntax(source, result.offset, result.reason);
    text = joined;
  }
}

function tryParse(text: string, limits: PolicyLimits): { readonly events: readonly Event[] } | Failure {
  try {
    return { events: parseEvents(text, { maxDepth: limits.maxDepth }) };
  } catch (error) {
    if (error instanceof RangeError) {
      // Its patterns run out of stack on a tag of millions of characters.
      throw tooLarge('A tag, an anchor or another part of the text is too long');
    }
    // Its error carries the whole text, so it must not travel as a cause.
    if (!(error instanceof YAMLException)) throw error;
    if (error.reason.startsWith('nesting exceeded')) {
      throw tooLarge(`Collections may be nested ${limits.maxDepth} deep`);
    }
    return { offset: Math.min(error.mark?.position ?? 0, text.length), reason: error.reason };
  }
}

/** The text with the line at a fault joined to the one above; undefined when that is not what is wrong. */
function joinLine(text: string, { offset, reason }: Failure, limits: PolicyLimits): string | undefined {
  if (!reason.startsWith('deficient indentation')) return undefined;
  // Only between the tokens of a flow collection is a line break nothing but a blank.
  if (!endsInFlow(text.slice(0, offset), limits)) return undefined;
  const from = endOfToken(text, offset, limits);
  if (!separates(text.slice(Math.max(from - 200, 0), from), text.slice(from, offset), text[offset] ?? ''))
    return undefined;
  return text.slice(0, from) + ' '.repeat(offset - from) + text.slice(offset);
}

/** Whether what is between two tokens can become blanks; between the words of one text it could not. */
function separates(before: string, between: string, next: string): boolean {
  return !/[\n\r]/.test(between) || /(?:[,:[{]|!\S*)$/.test(before) || ',]}'.includes(next);
}

/** Whether a text breaks off between the tokens of a flow collection. */
function endsInFlow(text: string, limits: PolicyLimits): boolean {
  const result = tryParse(text.trimEnd(), limits);
  return 'reason' in result && result.reason.endsWith('within a flow collection');
}

/** Where the token before an offset ends: before the blanks, lines and comments between them. */
function endOfToken(text: string, offset: number, limits: PolicyLimits): number {
  let end = offset;
  for (;;) {
    end = text.slice(0, end).trimEnd().length;
    const start = Math.max(text.lastIndexOf('\n', end - 1), text.lastIndexOf('\r', end - 1)) + 1;
    const comment = commentIn(text, start, end, limits);
    if (comment === undefined) return end;
    end = comment;
  }
}

/** Where a comment begins in the rest of a line: behind a blank and outside of quotes. */
function commentIn(text: string, start: number, end: number, limits: PolicyLimits): number | undefined {
  for (const { index } of text.slice(start, end).matchAll(/(?<!\S)#/g)) {
    if (endsInFlow(text.slice(0, start + index), limits)) return start + index;
  }
  return undefined;
}
