/**
 * The log: JSON lines on stderr, for operators. Who did what is the audit's business; nothing
 * secret belongs in either, and what slips in is masked here, by its name or by its form.
 */
import {
  destination as openDestination,
  pino,
  stdTimeFunctions,
  type DestinationStream,
  type Logger,
} from 'pino';
import { catalogue } from './domain/errors.ts';

/** A log of one level also writes what is more severe: all that stand before it. */
export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';

export type Log = Pick<Logger, Exclude<LogLevel, 'silent'>>;

const standardError = 2;

/**
 * Makes a log. A line has `level`, `time` (ISO 8601), `pid`, the given fields
 * (of a request its `request_id`), and `msg`.
 *
 * Text under a name that speaks of a secret is written as `[masked]`, at any depth; so are tokens,
 * credentials in URLs and authorization headers inside other text. Bytes show as their number.
 *
 * @param destination where lines go; stderr unless given
 */
export function createLog(level: LogLevel, destination?: DestinationStream): Log {
  return pino(
    {
      level,
      base: { pid: process.pid },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: readableFields },
      // The formatter has made plain data of it.
      serializers: { err: (error: unknown) => error },
      hooks: { streamWrite: withoutCredentials },
    },
    // Written at once: the last lines before a crash are the ones that matter.
    destination ?? openDestination({ dest: standardError, sync: true }),
  );
}

const mask = '[masked]';
const maxDepth = 6;
const maxItems = 100;
const maxCharacters = 8_192;

/** Compared with names in lower case, without `_` and `-`. */
const secretName =
  /authorization|cookie|password|passwd|secret|token|jwt|apikey|credential|assertion|privatekey|datakey|signingkey|codeverifier|^code$|^nonce$/;

/** Credentials by their form, in a text of JSON. */
const credentialForms: readonly RegExp[] = [
  // JSON in base64, once or twice: ID tokens, access tokens, their parts.
  /(?:eyJ|ZXlK)[\w+/.=-]{12,}/g,
  /(?<=\b(?:Bearer|Basic) )[\w+/.~=-]{16,}/g,
  /(?<=:\/\/)[^\s/@"\\]+(?=@)/g,
  /(?<=[?&](?:\w*token|\w*secret|\w*password|code|code_verifier|nonce|state|api_key|\w*assertion)=)[^&\s"#\\]+/g,
];

function withoutCredentials(line: string): string {
  return credentialForms.reduce((text, form) => text.replace(form, mask), line);
}

function readableFields(fields: Record<string, unknown>): Record<string, unknown> {
  try {
    return readableObject(fields, 0);
  } catch {
    // A getter or toJSON of somebody else's object: no reason to fail what was being logged.
    return { fields: '[unreadable]' };
  }
}

function readableObject(object: object, depth: number): Record<string, unknown> {
  const entries = Object.entries(object).slice(0, maxItems);
  return Object.fromEntries(entries.map(([name, value]) => [name, readableField(name, value, depth + 1)]));
}

function readableField(name: string, value: unknown, depth: number): unknown {
  const harmless =
    value === undefined || value === null || typeof value === 'number' || typeof value === 'boolean';
  if (harmless || !secretName.test(name.toLowerCase().replaceAll(/[-_]/g, ''))) return readable(value, depth);
  // The code of an error shares its name with OAuth's authorization code.
  return name === 'code' && typeof value === 'string' && Object.hasOwn(catalogue, value) ? value : mask;
}

function readable(value: unknown, depth: number): unknown {
  if (typeof value === 'string')
    return value.length > maxCharacters ? `${value.slice(0, maxCharacters)}...` : value;
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth > maxDepth) return '[deeper]';
  if (value instanceof Error) return readableError(value, depth);
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (Array.isArray(value)) return value.slice(0, maxItems).map((item) => readable(item, depth + 1));
  if ('toJSON' in value && typeof value.toJSON === 'function') {
    return readable((value.toJSON as () => unknown)(), depth + 1);
  }
  return readableObject(value, depth);
}

/** Named fields only: libraries hang requests, answers and settings on their errors. */
function readableError(error: Error, depth: number): Record<string, unknown> {
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {};
  const cause = error.cause === undefined ? {} : { cause: readable(error.cause, depth + 1) };
  const errors = error instanceof AggregateError ? { errors: readable(error.errors, depth + 1) } : {};
  return {
    type: error.name,
    ...code,
    message: readable(error.message, depth),
    stack: error.stack,
    ...cause,
    ...errors,
  };
}
