import type { LatchkeyError } from '../errors.ts';
import { invalid } from './invalid.ts';
import type { Source } from './source.ts';
import type { Fault, Line } from './syntax-fault.ts';
import { rules } from './syntax-rules.ts';

/**
 * Says in our own words what is wrong where the YAML parser gave up. The wording of the problem
 * is what Conjur's clients know (that of libyaml), the place is that of the culprit, and the advice
 * follows from what the lines around it look like.
 */
export function explainSyntax(source: Source, offset: number, reason: string): LatchkeyError {
  const fault = faultAt(source.text, offset, reason);
  for (const rule of rules) {
    const finding = rule(fault);
    if (finding !== undefined)
      return invalid(source.position(finding.offset), finding.problem, finding.advice);
  }
  return invalid(
    source.position(fault.line.offset + fault.line.indent),
    'could not be read as YAML',
    'Check the indentation and punctuation of this line and of the one above it',
  );
}

/** How much text is looked at before and behind the fault. */
const maxBefore = 20_000;
const maxBehind = 2_000;

function faultAt(text: string, offset: number, reason: string): Fault {
  const start = Math.max(offset - maxBefore, 0);
  const lines = linesOf(text.slice(start, offset + maxBehind), start);
  const index = Math.max(
    lines.findLastIndex((candidate) => candidate.offset <= offset),
    0,
  );
  const line = lines[index] ?? { offset, text: '', indent: 0 };
  const above = lines
    .slice(0, index)
    .filter((candidate) => candidate.text.trim() !== '' && !candidate.text.trimStart().startsWith('#'))
    .reverse();
  const column = offset - line.offset;
  return { reason, offset, line, head: line.text.slice(0, column), rest: line.text.slice(column), above };
}

function linesOf(window: string, start: number): readonly Line[] {
  return [...window.matchAll(/([^\n\r]*)(?:\r\n?|\n|$)/g)].map(({ index, 1: content = '' }) => ({
    offset: start + index,
    text: content,
    indent: content.length - content.trimStart().length,
  }));
}
