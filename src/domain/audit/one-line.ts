/**
 * Text from outside, made fit for a record of one line. What somebody sends as a login name must
 * not end the line, close a quotation, or reorder what an operator sees.
 */

/**
 * Whatever is longer is cut, and marked with `...`. Ids are never that long; an error text can
 * quote what a caller sent.
 */
export const maxFieldCharacters = 2_048;

const printableAscii = /^[\x20-\x7e]*$/;
const plainAscii = /^[\x20\x21\x23-\x5b\x5e-\x7e]*$/;
const hidden = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;
const everyHidden = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
const shortEscapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * Text for the message of a record: line breaks, control and formatting characters are escaped
 * as `\n`, `\t`, `\u0007`, `\u{E0001}`; everything else stays as it is.
 */
export function shown(text: string): string {
  if (text.length <= maxFieldCharacters && printableAscii.test(text)) return text;
  const kept = cut(text);
  return hidden.test(kept) ? kept.replace(everyHidden, escaped) : kept;
}

/**
 * A value for between the quotes of a structured data parameter: as {@link shown}, and `"`, `\`
 * and `]` have a backslash before them.
 * @see RFC 5424 section 6.3.3
 */
export function quoted(text: string): string {
  if (text.length <= maxFieldCharacters && plainAscii.test(text)) return text;
  const kept = cut(text).replace(/["\\\]]/g, '\\$&');
  return hidden.test(kept) ? kept.replace(everyHidden, escaped) : kept;
}

/** Text that a JSON text holds, no longer than other fields; {@link escapedJson} does the rest. */
export function cut(text: string): string {
  return text.length <= maxFieldCharacters ? text : `${text.slice(0, maxFieldCharacters)}...`;
}

/** The same JSON text without hidden characters, which `JSON.stringify` leaves as they are beyond ASCII. */
export function escapedJson(json: string): string {
  if (printableAscii.test(json) || !hidden.test(json)) return json;
  return json.replace(everyHidden, (character) => character.split('').map(unitEscape).join(''));
}

function escaped(character: string): string {
  const short = shortEscapes[character];
  if (short !== undefined) return short;
  if (character.length === 1) return unitEscape(character);
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16).toUpperCase()}}`;
}

function unitEscape(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
}

let latestAt = Number.NaN;
let latestText = '';

/**
 * ISO 8601 with milliseconds, in UTC. Records come in bursts, so the latest text is kept.
 * @param at milliseconds since 1970-01-01T00:00:00Z
 */
export function isoTime(at: number): string {
  if (at !== latestAt) {
    latestText = new Date(at).toISOString();
    latestAt = at;
  }
  return latestText;
}
