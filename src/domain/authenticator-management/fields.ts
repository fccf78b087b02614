/** Checks of single fields, with Conjur's messages. A field that is absent or null passes all but the first. */
import { LatchkeyError } from '../errors.ts';

/** A JSON object. Only its own properties count. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** The value of a field; undefined where it is absent or null. */
export function fieldOf(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? (object[name] ?? undefined) : undefined;
}

/** Whether the field was given, be it as null. */
export function isGiven(object: JsonObject, name: string): boolean {
  return Object.hasOwn(object, name);
}

/** @throws LatchkeyError `FIELD_MISSING`: absent, null or an empty text */
export function requireGiven(name: string, value: unknown): void {
  if (value !== undefined && value !== '') return;
  throw new LatchkeyError('FIELD_MISSING', { detail: `Missing required parameter: ${name}` });
}

/** @throws LatchkeyError `FIELD_TYPE_INVALID` */
export function textIn(name: string, value: unknown): string | undefined {
  if (value === undefined || typeof value === 'string') return value;
  throw wrongType(name, 'string');
}

/** @throws LatchkeyError `FIELD_TYPE_INVALID` */
export function booleanIn(name: string, value: unknown): boolean | undefined {
  if (value === undefined || typeof value === 'boolean') return value;
  throw wrongType(name, 'true, false');
}

/** @throws LatchkeyError `FIELD_TYPE_INVALID` */
export function objectIn(name: string, value: unknown): JsonObject | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrongType(name, 'object');
  return value as JsonObject;
}

/** @throws LatchkeyError `FIELD_TYPE_INVALID` */
export function listIn(name: string, value: unknown): readonly unknown[] | undefined {
  if (value === undefined || Array.isArray(value)) return value;
  throw wrongType(name, 'array');
}

function wrongType(name: string, type: string): LatchkeyError {
  return new LatchkeyError('FIELD_TYPE_INVALID', {
    detail: `The '${name}' parameter must be of 'type=${type}'`,
  });
}

/** What a text may consist of, and the words for it. */
export interface TextRule {
  readonly form: RegExp;
  readonly maxCharacters: number;
  readonly allowed: string;
}

/** @throws LatchkeyError `FIELD_INVALID`: empty, too long, or with characters that may not be */
export function requireText(name: string, text: string | undefined, rule: TextRule): void {
  if (text === undefined) return;
  if (text === '') throw invalidField(`'${name}' parameter length is less than 1 characters`);
  if (text.length > rule.maxCharacters) throw tooLong(name, rule.maxCharacters);
  if (!rule.form.test(text)) throw invalidField(`Invalid '${name}' parameter. ${rule.allowed}`);
}

export function tooLong(name: string, maxCharacters: number): LatchkeyError {
  return invalidField(`'${name}' parameter length exceeded. Limit the length to ${maxCharacters} characters`);
}

/** @throws LatchkeyError `FIELD_INVALID`: a field that nobody knows */
export function refuseUnknown(object: JsonObject, known: readonly string[]): void {
  const unknown = Object.keys(object).filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw invalidField(`The following parameters were not expected: ${unknown.join(', ')}`);
}

export function invalidField(detail: string): LatchkeyError {
  return new LatchkeyError('FIELD_INVALID', { detail });
}

const others = 'Other characters are not allowed.';

/** The name of an authenticator. */
export const nameRule: TextRule = {
  form: /^[a-zA-Z0-9._:-]+$/,
  maxCharacters: 60,
  allowed: `Valid characters: letters, numbers, and these special characters are allowed: . _ : -. ${others}`,
};

/** The id of an owner. */
export const ownerIdRule: TextRule = {
  form: /^[a-zA-Z0-9@._/-]+$/,
  maxCharacters: 500,
  allowed: `Valid characters: letters, numbers, and these special characters are allowed: @ . _ / -. ${others}`,
};

export const annotationNameRule: TextRule = {
  form: /^[a-zA-Z0-9_/-]+$/,
  maxCharacters: 500,
  allowed: `Valid characters: letters, numbers, and these special characters are allowed: _ / -. ${others}`,
};

export const annotationValueRule: TextRule = {
  form: /^[^<>'\p{Cs}]+$/u,
  maxCharacters: 120,
  allowed: "All characters except less than (<), greater than (>), and single quote (') are allowed.",
};

/** An address or a name in a setting. */
export function plainRule(maxCharacters: number): TextRule {
  return {
    form: /^[^<> ]*$/,
    maxCharacters,
    allowed: 'All characters except space ( ), less than (<), and greater than (>) are allowed.',
  };
}
