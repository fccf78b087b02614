import { isUtf8 } from 'node:buffer';
import { LatchkeyError } from '../../domain/errors.ts';
import { parseJson } from '../../parse-json.ts';
import type { Claims } from '../../ports/id-token-verifier.ts';
import { isAlgorithm, type Algorithm } from './algorithms.ts';
import { endsCanonically } from './base64url.ts';

/** An ID token taken apart. Nothing in it has been verified. */
export interface UnverifiedToken {
  readonly algorithm: Algorithm;
  readonly kid: string | undefined;
  readonly claims: Claims;
  /** The bytes under the signature. */
  readonly signingInput: Buffer;
  readonly signature: Buffer;
}

const compactForm = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;
/** What an ID token may call itself. */
const idTokenTypes: readonly string[] = ['jwt', 'application/jwt'];
/** What a JWT of authn-jwt may call itself: an access token as well (RFC 9068 section 2.1). */
export const jwtTypes: readonly string[] = [...idTokenTypes, 'at+jwt', 'application/at+jwt'];
const maxKidCharacters = 1_024;

/**
 * Takes a token in compact form apart, accepting strict forms only: three non-empty parts of
 * canonical base64url, a header and a payload that are JSON objects in UTF-8 whose members are
 * unique, no `crit`, no `b64`, a `typ` of those accepted if any. White space around the whole is dropped.
 * Keys and addresses in the header (`jwk`, `jku`, `x5c`, `x5u`) are not looked at.
 *
 * @throws LatchkeyError `ID_TOKEN_MALFORMED`; `ID_TOKEN_ALGORITHM_REFUSED`: an `alg` that is not of the list
 * @see RFC 7515 sections 3.1, 4.1 and 5.2, RFC 7519 sections 4 and 5.1, RFC 8725 section 3
 */
export function readCompact(
  text: string,
  maxBytes: number,
  types: readonly string[] = idTokenTypes,
): UnverifiedToken {
  if (text.length > maxBytes) throw malformed(`it is longer than ${maxBytes} bytes`);
  const token = trimmed(text);
  if (!compactForm.test(token)) throw malformed('it is not three parts of base64url');
  const firstDot = token.indexOf('.');
  const secondDot = token.indexOf('.', firstDot + 1);
  const header = readObject(token.slice(0, firstDot), 'header');
  const { algorithm, kid } = readHeader(header, types);
  const claims = readObject(token.slice(firstDot + 1, secondDot), 'payload');
  const signature = decode(token.slice(secondDot + 1), 'signature');
  return {
    algorithm,
    kid,
    claims,
    signingInput: Buffer.from(token.slice(0, secondDot), 'latin1'),
    signature,
  };
}

/** A loop, as `/\s+$/` takes quadratic time on hostile text and `trim` drops more than ASCII. */
function trimmed(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isWhiteSpace(text.charCodeAt(start))) start++;
  while (end > start && isWhiteSpace(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isWhiteSpace(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d;
}

function readHeader(
  header: Claims,
  types: readonly string[],
): { readonly algorithm: Algorithm; readonly kid: string | undefined } {
  const { alg, kid, typ } = header;
  if ('crit' in header) throw malformed('its header has critical extensions');
  if ('b64' in header) throw malformed('its header asks for an unencoded payload');
  if (typeof alg !== 'string') throw malformed('its header names no algorithm');
  if (kid !== undefined && (typeof kid !== 'string' || kid === '' || kid.length > maxKidCharacters)) {
    throw malformed('the key id of its header is not a text of sane length');
  }
  if (typ !== undefined && (typeof typ !== 'string' || !types.includes(typ.toLowerCase()))) {
    throw malformed('its header states another type than JWT');
  }
  if (!isAlgorithm(alg)) {
    throw new LatchkeyError('ID_TOKEN_ALGORITHM_REFUSED', {
      detail: 'The algorithm of the ID token is not one of those accepted',
    });
  }
  return { algorithm: alg, kid };
}

function decode(part: string, name: string): Buffer {
  if (!endsCanonically(part)) throw malformed(`its ${name} is not canonical base64url`);
  return Buffer.from(part, 'base64url');
}

function readObject(part: string, name: string): Claims {
  const bytes = decode(part, name);
  if (!isUtf8(bytes)) throw malformed(`its ${name} is not UTF-8`);
  const text = bytes.toString();
  const value = parseJson(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw malformed(`its ${name} is not a JSON object`);
  }
  if (countMembers(text) !== Object.keys(value).length) throw malformed(`its ${name} has a member twice`);
  return value as Claims;
}

const quote = 0x22;
const backslash = 0x5c;
const colon = 0x3a;

/**
 * The number of members that a JSON object is written with. `JSON.parse` keeps the last of two
 * members with one name, other parsers the first; the count shows that there were two.
 */
function countMembers(json: string): number {
  let members = 0;
  let depth = 0;
  for (let at = 0; at < json.length; at++) {
    const code = json.charCodeAt(at);
    if (code === quote) at = endOfString(json, at);
    else if (code === colon && depth === 1) members++;
    // '{' and '[', '}' and ']' differ in the bit that is set here.
    else if ((code | 0x20) === 0x7b) depth++;
    else if ((code | 0x20) === 0x7d) depth--;
  }
  return members;
}

/** The quote that ends a string: the next one with an even number of backslashes before it. */
function endOfString(json: string, start: number): number {
  for (let at = json.indexOf('"', start + 1); ; at = json.indexOf('"', at + 1)) {
    let before = at;
    while (json.charCodeAt(before - 1) === backslash) before--;
    if ((at - before) % 2 === 0) return at;
  }
}

function malformed(detail: string): LatchkeyError {
  return new LatchkeyError('ID_TOKEN_MALFORMED', { detail: `The ID token is malformed: ${detail}` });
}
