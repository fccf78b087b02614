/** Bodies of the versioned API: a JSON object, whatever the type of the content says. */
import { LatchkeyError } from '../../../domain/errors.ts';

/** A JSON object. Only its own properties count. */
export type JsonBody = Readonly<Record<string, unknown>>;

/** How large a body may be. */
export const maxBodyBytes = 1024 * 1024;
const maxDepth = 32;
/** So much of a text that cannot be read is told back. */
const maxShownCharacters = 200;

/**
 * Reads a body.
 * @throws LatchkeyError `JSON_MALFORMED`: no JSON, no object, or nested too deep
 * @throws LatchkeyError `JSON_EMPTY`: an object without anything in it
 */
export function readObject(text: string): JsonBody {
  const fault = jsonFault(text);
  if (fault !== undefined) {
    const rest = text.slice(fault, fault + maxShownCharacters);
    throw malformed(`unexpected token at '${rest}'`);
  }
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null) throw malformed('an object is expected');
  if (Object.keys(value).length === 0) throw new LatchkeyError('JSON_EMPTY');
  if (Array.isArray(value)) throw malformed('an object is expected');
  return value as JsonBody;
}

/** The object that a text holds; undefined when it holds none. */
export function objectIn(text: string): JsonBody | undefined {
  if (jsonFault(text) !== undefined) return undefined;
  const value: unknown = JSON.parse(text);
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? (value as JsonBody) : undefined;
}

function malformed(reason: string): LatchkeyError {
  return new LatchkeyError('JSON_MALFORMED', { detail: `Invalid JSON body: ${reason}` });
}

const blanks = /[ \t\n\r]*/y;
const string = /"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/y;
const scalar = new RegExp(
  `${string.source}|-?(?:0|[1-9]\\d*)(?:\\.\\d+)?(?:[eE][+-]?\\d+)?|true|false|null`,
  'y',
);

/**
 * Where a text stops being JSON (RFC 8259), or begins to be nested too deep; undefined when it is
 * JSON. The engine's own parser does not say where, and Conjur's messages do.
 */
export function jsonFault(text: string): number | undefined {
  /** How what is open must be closed, innermost last. */
  const open: ('}' | ']')[] = [];
  let at = endOf(blanks, text, 0) ?? 0;
  for (;;) {
    // Here a value is expected.
    const first = text[at];
    if (first === '{' || first === '[') {
      if (open.length === maxDepth) return at;
      open.push(first === '{' ? '}' : ']');
      at = endOf(blanks, text, at + 1) ?? at;
      if (text[at] !== open.at(-1)) {
        const value = first === '{' ? endOfName(text, at) : at;
        if (value === undefined) return at;
        at = value;
        continue;
      }
    } else {
      const end = endOf(scalar, text, at);
      if (end === undefined) return at;
      at = endOf(blanks, text, end) ?? end;
    }
    while (open.length > 0 && text[at] === open.at(-1)) {
      open.pop();
      at = endOf(blanks, text, at + 1) ?? at;
    }
    if (open.length === 0) return at === text.length ? undefined : at;
    if (text[at] !== ',') return at;
    at = endOf(blanks, text, at + 1) ?? at;
    const value = open.at(-1) === '}' ? endOfName(text, at) : at;
    if (value === undefined) return at;
    at = value;
  }
}

/** Behind a name of an object and its colon. */
function endOfName(text: string, at: number): number | undefined {
  const end = endOf(string, text, at);
  if (end === undefined) return undefined;
  const colon = endOf(blanks, text, end) ?? end;
  return text[colon] === ':' ? endOf(blanks, text, colon + 1) : undefined;
}

/** Where a match that begins at this place ends. */
function endOf(form: RegExp, text: string, at: number): number | undefined {
  form.lastIndex = at;
  return form.test(text) ? form.lastIndex : undefined;
}
