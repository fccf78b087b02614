import { isUtf8 } from 'node:buffer';
import { LatchkeyError, type Position } from '../errors.ts';
import { invalid, tooLarge } from './invalid.ts';
import type { PolicyLimits } from './limits.ts';

/** A policy text, and where its offsets are. */
export interface Source {
  readonly text: string;
  /** Line and column of an offset; cheapest when asked in ascending order. */
  position(offset: number): Position;
}

const structural = 1;
const indicator = 2;
const control = 3;
/** Begins, among others, the line breaks of YAML 1.1 that later versions and editors do not know. */
const lead = 4;
const byteClasses = classifyBytes();

function classifyBytes(): Uint8Array {
  const classes = new Uint8Array(256);
  classes.fill(control, 0x00, 0x20);
  classes[0x7f] = control;
  classes[0x09] = 0;
  classes[0x0d] = 0;
  classes[0xc2] = lead;
  classes[0xe2] = lead;
  for (const character of '\n,:[{') classes[character.charCodeAt(0)] = structural;
  for (const character of '-?') classes[character.charCodeAt(0)] = indicator;
  return classes;
}

/**
 * Reads the bytes of a policy text: UTF-8, with or without a byte order mark, free of
 * control characters, within the limits.
 */
export function readSource(bytes: Uint8Array, limits: PolicyLimits): Source {
  if (bytes.length === 0) throw new LatchkeyError('POLICY_TEXT_MISSING');
  if (bytes.length > limits.maxBytes) {
    throw tooLarge(`A policy text may have ${limits.maxBytes} bytes; this one has ${bytes.length}`);
  }
  const marked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  const content = marked ? bytes.subarray(3) : bytes;
  if (!isUtf8(content)) refuseEncoding(content);
  const text = Buffer.from(content.buffer, content.byteOffset, content.length).toString('utf8');
  const source = openSource(text);
  checkBytes(content, source, limits);
  return source;
}

/**
 * One pass over the bytes: refuses control characters, and a text that would make the YAML
 * parser hold more nodes than the limit. Every node costs at least one of the characters counted.
 */
function checkBytes(bytes: Uint8Array, source: Source, limits: PolicyLimits): void {
  let nodes = 0;
  for (let index = 0; index < bytes.length; index++) {
    const byteClass = byteClasses[bytes[index] ?? 0];
    if (byteClass === 0) continue;
    if (byteClass === structural) nodes++;
    else if (byteClass === indicator) {
      if ((bytes[index + 1] ?? 0) <= 0x20) nodes++;
    } else if (byteClass === control || isLineSeparator(bytes, index)) {
      throw invalid(
        source.position(source.text.search(unreadable)),
        'control characters are not allowed',
        'Take the character out of the text',
      );
    }
  }
  if (nodes > limits.maxNodes) {
    throw tooLarge(`A policy text may have about ${limits.maxNodes} values; this one has about ${nodes}`);
  }
}

const unreadable = /[^\t\n\r\x20-\x7e\x80-\uffff]|[\u0085\u2028\u2029]/;

/** U+0085, U+2028 and U+2029. */
function isLineSeparator(bytes: Uint8Array, index: number): boolean {
  const second = bytes[index + 1];
  if (bytes[index] === 0xc2) return second === 0x85;
  return second === 0x80 && (bytes[index + 2] === 0xa8 || bytes[index + 2] === 0xa9);
}

function refuseEncoding(bytes: Uint8Array): never {
  const wide = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  throw invalid(
    wide ? { line: 1, column: 1 } : firstFault(bytes),
    wide ? 'invalid leading UTF-8 octet' : 'incomplete or invalid UTF-8 octet sequence',
    'Save the policy as UTF-8',
  );
}

/** Where the first bytes are that are not UTF-8. */
function firstFault(bytes: Uint8Array): Position {
  let line = 1;
  let start = 0;
  for (;;) {
    const lineBreak = bytes.indexOf(0x0a, start);
    const end = lineBreak === -1 ? bytes.length : lineBreak;
    const content = bytes.subarray(start, end);
    if (!isUtf8(content)) return { line, column: columnOfFault(content) };
    if (lineBreak === -1) return { line, column: 1 };
    line++;
    start = end + 1;
  }
}

function columnOfFault(line: Uint8Array): number {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(line);
  let offset = 0;
  let column = 1;
  for (const character of text) {
    const genuine = line[offset] === 0xef && line[offset + 1] === 0xbf && line[offset + 2] === 0xbd;
    if (character === '\ufffd' && !genuine) return column;
    offset += Buffer.byteLength(character);
    column += character.length;
  }
  return column;
}

/** Finds lines and columns in a text; line breaks are LF, CR LF and CR. */
function openSource(text: string): Source {
  let starts: readonly number[] | undefined;
  let last = 0;
  return {
    text,
    position(offset) {
      starts ??= lineStarts(text);
      last = lineOf(starts, offset, last);
      return { line: last + 1, column: offset - (starts[last] ?? 0) + 1 };
    },
  };
}

function lineStarts(text: string): readonly number[] {
  const starts = [0];
  if (text.includes('\r')) {
    for (const { index, 0: lineBreak } of text.matchAll(/\r\n?|\n/g)) starts.push(index + lineBreak.length);
    return starts;
  }
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

/** The index of the line with the offset; walks on from a guess, which is mostly right or near. */
function lineOf(starts: readonly number[], offset: number, guess: number): number {
  let low = 0;
  let high = starts.length - 1;
  if ((starts[guess] ?? 0) <= offset) {
    for (let line = guess; line < guess + 8; line++) {
      if ((starts[line + 1] ?? Infinity) > offset) return line;
    }
    low = guess;
  } else high = guess;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}
