/** The fields of an app: how they are written, and what they may hold. */
import { LatchkeyError } from '../../errors.ts';
import { clientIdForm } from './ids.ts';

const maxNameBytes = 512;
/** Of any list. */
export const maxEntries = 100;
const maxUriCharacters = 2_000;
const maxScopeCharacters = 200;
const maxAudienceCharacters = 500;
const maxDescriptionCharacters = 1_000;

const controlCharacter = /[\p{Cc}\p{Cs}]/u;
/** `scope-token` of RFC 6749 section 3.3. */
const scopeForm = /^[\x21\x23-\x5b\x5d-\x7e]+$/;
/** Scopes and audiences are asked for in lists with blanks between them. */
const wordForm = /^[^\s\p{Cc}\p{Cs}]+$/u;

/**
 * Reads the name of an app: a path of folders and the app's own name, with slashes between them, up to 512
 * bytes. A slash at the front says nothing and is dropped.
 * @throws LatchkeyError `REGISTRY_FIELD_INVALID`: a part is empty, `.` or `..`, or has control characters
 */
export function readName(given: unknown, field = 'name'): string {
  const name = readText(given, field).replace(/^\//, '');
  if (name === '') throw invalid(field, 'is needed');
  if (Buffer.byteLength(name) > maxNameBytes) throw invalid(field, `is over ${maxNameBytes} bytes`);
  if (controlCharacter.test(name)) throw invalid(field, 'has a control character');
  if (name.split('/').some((part) => part.trim() === '' || part === '.' || part === '..')) {
    throw invalid(field, 'has a part that is empty, . or ..');
  }
  return name;
}

/** The folder that an app is in: `a/b` of `a/b/app`, empty at the top. */
export function folderOf(name: string): string {
  return name.slice(0, Math.max(0, name.lastIndexOf('/')));
}

/**
 * Reads a list of values with commas between them, or a JSON array of them. Blanks around a value are
 * dropped, as are values that come again; no text at all is an empty list.
 * @throws LatchkeyError `REGISTRY_FIELD_INVALID`: over 100 values, or one is not valid
 */
function readList(
  given: unknown,
  field: string,
  fault: (value: string) => string | undefined,
): readonly string[] {
  const parts: readonly unknown[] = Array.isArray(given) ? given : readText(given, field).split(',');
  const values = parts.map((part) => readText(part, field).trim()).filter((value) => value !== '');
  if (values.length > maxEntries) throw invalid(field, `has more than ${maxEntries} values`);
  for (const value of values) {
    const found = fault(value);
    if (found !== undefined) throw invalid(field, found);
  }
  return [...new Set(values)];
}

/** @throws LatchkeyError `REGISTRY_FIELD_INVALID`: a scope is not one of RFC 6749, or over 200 characters */
export function readScopes(given: unknown): readonly string[] {
  return readList(given, 'scopes', (scope) =>
    scopeForm.test(scope) && scope.length <= maxScopeCharacters
      ? undefined
      : 'has a value that cannot be a scope',
  );
}

/**
 * Reads audiences. None is a client id: an access token for it would pass for an ID token of that app, whoever
 * may use the app, as both are of the same issuer, key and `typ`.
 * @throws LatchkeyError `REGISTRY_FIELD_INVALID`: an audience has blanks, or over 500 characters, or is a client id
 */
export function readAudiences(given: unknown): readonly string[] {
  return readList(given, 'audience', (audience) => {
    if (clientIdForm.test(audience)) return 'has a value that is a client id';
    return wordForm.test(audience) && audience.length <= maxAudienceCharacters
      ? undefined
      : 'has a value with blanks, or that is too long';
  });
}

/**
 * Reads redirect URIs: absolute, without fragment and user (RFC 6749 section 3.1.2); `https`, or `http` on a
 * loopback address, or a scheme of an app's own, with a dot in it (RFC 8252 sections 7.1 and 7.3).
 * @throws LatchkeyError `REGISTRY_FIELD_INVALID`
 */
export function readRedirectUris(given: unknown): readonly string[] {
  return readList(given, 'redirect-uris', faultOfRedirectUri);
}

function faultOfRedirectUri(text: string): string | undefined {
  if (text.length > maxUriCharacters) return `has a URI over ${maxUriCharacters} characters`;
  if (!wordForm.test(text) || !URL.canParse(text)) return 'has a value that is not an absolute URI';
  const { protocol, username, password, hostname } = new URL(text);
  if (text.includes('#')) return 'has a URI with a fragment';
  if (username !== '' || password !== '') return 'has a URI with a user or password';
  if (protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname))) return undefined;
  if (protocol === 'http:') return 'has a URI with plain http to another machine';
  return protocol.includes('.')
    ? undefined
    : 'has a URI whose scheme is neither https nor an app’s own, like com.example.app';
}

function isLoopback(hostname: string): boolean {
  // A host that looks like an address of IPv4 is one: the parser of URLs has seen to that.
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}

/** @throws LatchkeyError `REGISTRY_FIELD_INVALID` */
export function readDescription(given: unknown, field = 'description'): string {
  const text = readText(given, field);
  if (text.length <= maxDescriptionCharacters && !/[^\P{Cc}\n\t]/u.test(text)) return text;
  throw invalid(field, `has control characters, or over ${maxDescriptionCharacters}`);
}

/** @throws LatchkeyError `REGISTRY_FIELD_INVALID` */
export function readTags(given: unknown, field: string): readonly string[] {
  return readList(given, field, (tag) =>
    tag.length <= maxScopeCharacters && !controlCharacter.test(tag)
      ? undefined
      : 'has a value that is no tag',
  );
}

/**
 * Reads a switch: true or false, also as text, as clients send it.
 * @throws LatchkeyError `REGISTRY_FIELD_INVALID`
 */
export function readSwitch(given: unknown, field: string): boolean {
  if (typeof given === 'boolean') return given;
  const text = readText(given, field).trim().toLowerCase();
  if (text === 'true') return true;
  if (text === 'false' || text === '') return false;
  throw invalid(field, 'must be true or false');
}

/** @throws LatchkeyError `REGISTRY_FIELD_INVALID`: not a text */
function readText(given: unknown, field: string): string {
  if (typeof given === 'string') return given;
  throw invalid(field, given === undefined || given === null ? 'is needed' : 'must be text');
}

/** @throws LatchkeyError `REGISTRY_FIELD_INVALID`: not a whole number within the limits */
export function readNumber(given: unknown, field: string, least: number, most: number): number {
  if (typeof given === 'number' && Number.isSafeInteger(given) && given >= least && given <= most)
    return given;
  throw invalid(field, `must be a whole number from ${least} to ${most}`);
}

export function invalid(field: string, what: string): LatchkeyError {
  return new LatchkeyError('REGISTRY_FIELD_INVALID', { detail: `${field} ${what}` });
}
