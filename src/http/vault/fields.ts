/** The fields of Vault's endpoints: declared once, and read with its leniency towards types. */
import { LatchkeyError } from '../../domain/errors.ts';
import { readSeconds } from '../../domain/provider/vault/duration.ts';

/** The types of fields, by what they are read as. */
interface FieldTypes {
  readonly string: string;
  readonly bool: boolean;
  readonly int: number;
  /** A list, or one text whose items are separated by commas. */
  readonly list: readonly string[];
  /** Whole seconds, `90s`, `1h30m`, `2d`. */
  readonly seconds: number;
  /** An object of texts, `k=v`, or a list of those. */
  readonly map: ReadonlyMap<string, string>;
}

export type FieldType = keyof FieldTypes;

/** What an endpoint takes: each name with its type. */
export type Fields = Readonly<Record<string, FieldType>>;

/** What was given, read: a field that was not given is absent. */
export type Values<F extends Fields> = { readonly [Name in keyof F]?: FieldTypes[F[Name]] };

/** What was given, by name, as it was sent. */
export type Given = ReadonlyMap<string, unknown>;

const maxItems = 10_000;

/**
 * Reads the declared fields of what was given; others are left alone.
 * @throws LatchkeyError `PARAMETER_INVALID`: a value cannot be taken for the field's type; the message names the field
 */
export function readFields<F extends Fields>(fields: F, given: Given): Values<F> {
  const values: Record<string, unknown> = {};
  for (const [name, type] of Object.entries(fields)) {
    if (!given.has(name)) continue;
    const raw = given.get(name);
    // A duration of null counts as not given; all other types have an empty value for it.
    if (type === 'seconds' && raw === null) continue;
    values[name] = readers[type](raw, name);
  }
  return values as Values<F>;
}

type Reader = (raw: unknown, name: string) => unknown;

const readers: Readonly<Record<FieldType, Reader>> = {
  string: readString,
  bool: readBool,
  int: readInt,
  list: readList,
  seconds: (raw, name) => {
    const seconds = typeof raw === 'string' || typeof raw === 'number' ? readSeconds(raw) : undefined;
    if (seconds === undefined) throw unreadable(name, 'a duration');
    return seconds;
  },
  map: readMap,
};

function readString(raw: unknown, name: string): string {
  if (raw === null) return '';
  if (typeof raw === 'string') return raw;
  if (typeof raw === 'boolean') return raw ? '1' : '0';
  if (typeof raw === 'number') return String(raw);
  throw unreadable(name, 'a string');
}

const truths: ReadonlyMap<string, boolean> = new Map([
  ...['1', 't', 'T', 'TRUE', 'true', 'True'].map((text) => [text, true] as const),
  ...['0', 'f', 'F', 'FALSE', 'false', 'False'].map((text) => [text, false] as const),
]);

/** A boolean as Go spells it; undefined for any other text. */
export function goBoolean(text: string): boolean | undefined {
  return truths.get(text);
}

function readBool(raw: unknown, name: string): boolean {
  if (raw === null || raw === '') return false;
  if (typeof raw === 'boolean') return raw;
  if (typeof raw === 'number') return raw !== 0;
  const value = typeof raw === 'string' ? goBoolean(raw) : undefined;
  if (value === undefined) throw unreadable(name, 'a boolean');
  return value;
}

function readInt(raw: unknown, name: string): number {
  if (raw === null || raw === '') return 0;
  if (typeof raw === 'boolean') return raw ? 1 : 0;
  const number = typeof raw === 'string' && !/^[+-]?\d+$/.test(raw) ? NaN : Number(raw);
  if (typeof raw === 'object' || !Number.isSafeInteger(number)) throw unreadable(name, 'an integer');
  return number;
}

function readList(raw: unknown, name: string): readonly string[] {
  if (raw === null || raw === '') return [];
  const items: readonly unknown[] = Array.isArray(raw)
    ? raw
    : typeof raw === 'string'
      ? raw.split(',')
      : [raw];
  if (items.length > maxItems) throw unreadable(name, `a list of up to ${String(maxItems)} items`);
  return items.map((item) => readString(item, name).trim());
}

function readMap(raw: unknown, name: string): ReadonlyMap<string, string> {
  if (raw === null || raw === '') return new Map();
  if (typeof raw === 'object' && !Array.isArray(raw)) {
    return new Map(Object.entries(raw).map(([key, value]) => [key, readString(value, name)]));
  }
  const pairs: readonly unknown[] = Array.isArray(raw) ? raw : [raw];
  return new Map(
    pairs.map((pair) => {
      const [, key, value] = /^([^=]+)=(.*)$/s.exec(readString(pair, name)) ?? [];
      if (key === undefined || value === undefined) throw unreadable(name, 'key=value');
      return [key, value];
    }),
  );
}

function unreadable(name: string, wanted: string): LatchkeyError {
  return new LatchkeyError('PARAMETER_INVALID', {
    detail: `error converting input for field "${name}": expected ${wanted}`,
  });
}
