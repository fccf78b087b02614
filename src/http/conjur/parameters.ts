/** The parameters of a request: those of its query, and those of its body laid over them. */
import qs from 'qs';
import { LatchkeyError } from '../../domain/errors.ts';
import { readBody } from '../body.ts';
import type { RequestContextOf } from '../context.ts';

/** How large a body of parameters may be. */
export interface ParameterLimits {
  readonly maxBytes: number;
}

const maxPairs = 1_000;
const maxListItems = 1_000;
/** `annotations[name]` has one level; nothing of Conjur's has more than three. */
const maxLevels = 4;

/** A media type, and perhaps its parameters (RFC 9110 section 8.3.1). */
const mediaTypeForm = /^\s*([\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+)\s*(?:;.*)?$/;

/**
 * Named values as a client gave them: texts, lists of texts and maps of texts, asked for by the
 * shape that is wanted. A number or boolean of JSON counts as its text, and null as absent.
 */
export class Parameters {
  readonly #values: ReadonlyMap<string, unknown>;

  constructor(values: ReadonlyMap<string, unknown>) {
    this.#values = values;
  }

  /** Whether the name was given at all, be it with an empty value. */
  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** The names that were given. */
  names(): readonly string[] {
    return [...this.#values.keys()];
  }

  /** The value as it was parsed, for a schema of the caller's. */
  value(name: string): unknown {
    return this.#values.get(name);
  }

  /**
   * One text, `name=value`; an empty one is kept.
   * @throws LatchkeyError `PARAMETER_INVALID`: a list or a map
   */
  text(name: string): string | undefined {
    const value = this.#values.get(name) ?? undefined;
    return value === undefined ? undefined : textOf(name, value);
  }

  /**
   * A list of texts, `name[]=a&name[]=b` or a JSON list; a lone text is a list of one. Empty texts are kept.
   * @throws LatchkeyError `PARAMETER_INVALID`: something else
   */
  texts(name: string): readonly string[] | undefined {
    const value = this.#values.get(name) ?? undefined;
    if (value === undefined) return undefined;
    return Array.isArray(value) ? value.map((item: unknown) => textOf(name, item)) : [textOf(name, value)];
  }

  /**
   * A map of texts, `name[key]=value` or a JSON object.
   * @throws LatchkeyError `PARAMETER_INVALID`: something else
   */
  textMap(name: string): ReadonlyMap<string, string> | undefined {
    const value = this.#values.get(name) ?? undefined;
    if (value === undefined) return undefined;
    if (typeof value !== 'object') throw invalid(name);
    return new Map(Object.entries(value).map(([key, item]) => [key, textOf(name, item)]));
  }
}

function textOf(name: string, value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw invalid(name);
}

function invalid(name: string): LatchkeyError {
  return new LatchkeyError('PARAMETER_INVALID', { detail: `invalid type for parameter '${name}'` });
}

/**
 * The parameters of the query: pairs separated by `&` or `;`, with nested names (`a[b]=c`,
 * `a[]=x`); of one that is given several times the last counts.
 * @throws LatchkeyError `PARAMETER_INVALID`: more than 1,000 pairs or items, or more than four levels
 */
export function queryParameters(ctx: RequestContextOf): Parameters {
  return new Parameters(queryValues(ctx));
}

/**
 * The parameters of the query and, over them, of the body: a nested form where the body has no
 * (readable) type or `application/x-www-form-urlencoded`, an object where it is `application/json`.
 * A body of another type is not looked at, so that what it says is missing.
 * @throws LatchkeyError `BODY_INVALID`: JSON that is broken, empty or not an object; a form past the limits
 * @throws LatchkeyError `BODY_TOO_LARGE`, `PARAMETER_INVALID`
 */
export async function bodyParameters(ctx: RequestContextOf, limits: ParameterLimits): Promise<Parameters> {
  const values = queryValues(ctx);
  const text = (await readBody(ctx, limits.maxBytes)).toString();
  for (const [name, value] of bodyValues(text, ctx.req.headers['content-type'])) values.set(name, value);
  return new Parameters(values);
}

/**
 * As {@link bodyParameters}, without those of the query.
 * @throws LatchkeyError `BODY_INVALID`, `BODY_TOO_LARGE`
 */
export async function bodyOnlyParameters(
  ctx: RequestContextOf,
  limits: ParameterLimits,
): Promise<Parameters> {
  const text = (await readBody(ctx, limits.maxBytes)).toString();
  return new Parameters(bodyValues(text, ctx.req.headers['content-type']));
}

function queryValues(ctx: RequestContextOf): Map<string, unknown> {
  try {
    return formValues(ctx.querystring);
  } catch (error) {
    throw new LatchkeyError('PARAMETER_INVALID', { cause: error });
  }
}

function bodyValues(text: string, contentType: string | undefined): Map<string, unknown> {
  const type = mediaTypeForm.exec(contentType ?? '')?.[1]?.toLowerCase();
  try {
    if (type === undefined || type === 'application/x-www-form-urlencoded') return formValues(text);
    return type === 'application/json' ? jsonValues(text) : new Map<string, unknown>();
  } catch (error) {
    throw new LatchkeyError('BODY_INVALID', { cause: error });
  }
}

/** @throws RangeError of qs: past a limit */
function formValues(text: string): Map<string, unknown> {
  if (text === '') return new Map();
  const parsed = qs.parse(text, {
    delimiter: /[&;] */,
    depth: maxLevels,
    strictDepth: true,
    parameterLimit: maxPairs,
    arrayLimit: maxListItems,
    throwOnLimitExceeded: true,
    duplicates: 'last',
    // Names are the client's: they must not meet what objects inherit.
    plainObjects: true,
  });
  return new Map(Object.entries(parsed));
}

/** @throws SyntaxError not JSON, or not an object */
function jsonValues(text: string): Map<string, unknown> {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new SyntaxError('not a JSON object');
  }
  return new Map(Object.entries(value));
}
