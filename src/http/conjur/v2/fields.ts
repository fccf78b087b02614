/** Which parameters a request of the versioned API may have, and which it must. */
import { LatchkeyError } from '../../../domain/errors.ts';
import type { NamedRole } from '../../../domain/branches/names.ts';
import type { RequestContextOf } from '../../context.ts';
import type { JsonBody } from './json-body.ts';

/** Parts of the path; as parameters of the query they say nothing. */
const partsOfPaths = ['account', 'identifier', 'kind', 'id'];

/**
 * The parameters of the query. Pairs are separated by `&` or `;`; of one that is given several
 * times the last counts.
 * @throws LatchkeyError `FIELD_UNEXPECTED`: others than the allowed ones, or one that is a list or a map
 */
export function queryFields(ctx: RequestContextOf, allowed: readonly string[]): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  const unexpected = new Set<string>();
  for (const [name, value] of new URLSearchParams(ctx.querystring.replaceAll(';', '&'))) {
    const [plain = ''] = name.split('[');
    if (allowed.includes(name)) fields.set(name, value);
    else if (!partsOfPaths.includes(name)) unexpected.add(plain);
  }
  refuse([...unexpected]);
  return fields;
}

/** What a body may have: texts, and objects with certain fields, or (without a list) any. */
export interface BodyFields {
  readonly texts: readonly string[];
  readonly objects?: Readonly<Record<string, readonly string[] | undefined>>;
}

/**
 * @param fields the texts are required
 * @throws LatchkeyError `FIELD_MISSING`: a required text is absent or blank; all that are absent are named
 * @throws LatchkeyError `FIELD_UNEXPECTED`: others than these, or of another shape
 */
export function requireFields(body: JsonBody, { texts, objects = {} }: BodyFields): void {
  if (texts.some((name) => isBlank(ownValue(body, name)))) {
    const absent = texts.filter((name) => !Object.hasOwn(body, name));
    throw new LatchkeyError('FIELD_MISSING', {
      detail: `Missing required parameter: ${absent.join(', ')}`,
    });
  }
  for (const [name, known] of Object.entries(objects)) {
    const object = ownValue(body, name);
    if (known === undefined || !isObject(object)) continue;
    refuse(Object.keys(object).filter((field) => !known.includes(field) || !isScalar(object[field])));
  }
  refuse(
    Object.keys(body).filter((name) => {
      if (texts.includes(name)) return !isScalar(body[name]);
      return !Object.hasOwn(objects, name) || !isObject(body[name]);
    }),
  );
}

/** A text of a body, where numbers and booleans count as theirs; empty where it is absent or null. */
export function textField(body: JsonBody, name: string): string {
  const value = ownValue(body, name);
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : '';
}

/** An object of a body as pairs; none where it is absent. */
export function objectField(body: JsonBody, name: string): ReadonlyMap<string, unknown> {
  const value = ownValue(body, name);
  return new Map(isObject(value) ? Object.entries(value) : []);
}

/** A role that a body names; undefined where it says nothing of it. */
export function roleField(body: JsonBody, name: string): NamedRole | undefined {
  const value = ownValue(body, name);
  if (!isObject(value) || Object.keys(value).length === 0) return undefined;
  return { kind: textField(value, 'kind'), id: textField(value, 'id') };
}

function refuse(names: readonly string[]): void {
  if (names.length === 0) return;
  throw new LatchkeyError('FIELD_UNEXPECTED', { detail: `Unexpected parameters: ${names.join(', ')}` });
}

function ownValue(object: JsonBody, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

function isObject(value: unknown): value is JsonBody {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isScalar(value: unknown): boolean {
  return typeof value !== 'object' || value === null;
}

function isBlank(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (typeof value === 'string') return value.trim() === '';
  return typeof value === 'object' && Object.keys(value).length === 0;
}
