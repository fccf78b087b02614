/** What a request says of an issuer: checked in Conjur's order and refused in its words. */
import { LatchkeyError } from '../errors.ts';

/** The body of a request, by its names. */
export type IssuerBody = ReadonlyMap<string, unknown>;

export interface NewIssuer {
  readonly id: string;
  readonly type: string;
  readonly maxTtlSeconds: number;
  readonly data: ReadonlyMap<string, string>;
}

/** What is to change; what is left out stays. */
export interface IssuerChange {
  readonly maxTtlSeconds?: number;
  readonly data?: ReadonlyMap<string, string>;
}

const idForm = /^[a-zA-Z0-9+\-_]+$/;
const maxIdCharacters = 60;
const minTtlSeconds = 900;
const maxTtlSeconds = 12 * 60 * 60;

/** A field of the data of AWS. Conjur finds the form anywhere in the value; AWS has up to 128 characters. */
interface DataField {
  readonly name: string;
  readonly form: RegExp;
  readonly malformed: string;
}
const maxDataCharacters = 128;
const dataFields: readonly DataField[] = [
  {
    name: 'access_key_id',
    form: /(A3T[A-Z0-9]|AKIA|AGPA|AIDA|AROA|AIPA|ANPA|ANVA|ASIA)[A-Z0-9]{16}/,
    malformed:
      "invalid 'access_key_id' parameter format. The access key ID must be a valid AWS access key ID. The valid " +
      'format is: (?-mix:(A3T[A-Z0-9]|AKIA|AGPA|AIDA|AROA|AIPA|ANPA|ANVA|ASIA)[A-Z0-9]{16})',
  },
  {
    name: 'secret_access_key',
    form: /[A-Za-z0-9/+]{40}/,
    malformed:
      "invalid 'secret_access_key' parameter format. The secret access key must be a valid AWS secret access key. " +
      'The valid format is: (?-mix:[A-Za-z0-9\\/+]{40})',
  },
];

/**
 * Reads a new issuer: `id`, `type`, `max_ttl` (seconds) and `data`, and nothing else.
 * @throws LatchkeyError `ISSUER_FIELD_INVALID`, `ISSUER_DATA_INVALID`: the first fault
 */
export function readNewIssuer(body: IssuerBody): NewIssuer {
  const type = body.get('type') ?? undefined;
  if (typeof type !== 'string' || type.toLowerCase() !== 'aws') throw invalid('issuer type is unsupported');
  const id = readId(body.get('id'));
  const maxTtl = readMaxTtl(body.get('max_ttl') ?? undefined);
  const data = body.get('data') ?? undefined;
  if (data === undefined) throw missing('data');
  if (body.size !== 4) {
    throw invalid(
      'invalid parameter received in the request body. Only id, type, max_ttl and data are allowed',
    );
  }
  return { id, type, maxTtlSeconds: maxTtl, data: readData(data) };
}

/**
 * Reads a change: `max_ttl` and `data`, either or both, and nothing else.
 * @throws LatchkeyError `ISSUER_FIELD_INVALID`, `ISSUER_DATA_INVALID`: the first fault
 */
export function readIssuerChange(body: IssuerBody): IssuerChange {
  const maxTtl = body.has('max_ttl') ? { maxTtlSeconds: readMaxTtl(body.get('max_ttl')) } : {};
  if ([...body.keys()].some((name) => name !== 'max_ttl' && name !== 'data')) {
    throw invalid('invalid parameter received in the request body. Only max_ttl and data are allowed');
  }
  return { ...maxTtl, ...(body.has('data') ? { data: readData(body.get('data')) } : {}) };
}

function readId(id: unknown): string {
  if (id === undefined || id === null || id === '') throw missing('id');
  if (typeof id !== 'string') throw wrongType('id', 'string');
  if (!idForm.test(id)) {
    throw invalid(
      "invalid 'id' parameter. Only the following characters are supported: A-Z, a-z, 0-9, +, -, and _",
    );
  }
  if (id.length > maxIdCharacters) {
    throw invalid(`'id' parameter length exceeded. Limit the length to ${maxIdCharacters} characters`);
  }
  return id;
}

function readMaxTtl(maxTtl: unknown): number {
  if (maxTtl === undefined) throw missing('max_ttl');
  if (typeof maxTtl !== 'number' || !Number.isInteger(maxTtl) || maxTtl <= 0) {
    throw wrongType('max_ttl', 'positive integer');
  }
  if (maxTtl < minTtlSeconds || maxTtl > maxTtlSeconds) {
    throw wrongType('max_ttl', `between ${minTtlSeconds} and ${maxTtlSeconds}`);
  }
  return maxTtl;
}

function readData(data: unknown): ReadonlyMap<string, string> {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) {
    throw invalid(
      "'data' is not a valid JSON object; ensure that 'data' is properly formatted as a JSON object.",
    );
  }
  const given = new Map<string, unknown>(Object.entries(data));
  const values = new Map<string, string>();
  for (const { name } of dataFields) {
    const value = given.get(name);
    if (value === undefined || value === null || value === '') throw invalidData(missing(name));
    if (typeof value !== 'string') throw invalidData(wrongType(name, 'string'));
    values.set(name, value);
  }
  if (given.size > dataFields.length) {
    throw new LatchkeyError('ISSUER_DATA_INVALID', {
      detail: 'invalid parameter received in data. Only access_key_id and secret_access_key are allowed',
    });
  }
  for (const { name, form, malformed } of dataFields) {
    const value = values.get(name) ?? '';
    if (!form.test(value) || value.length > maxDataCharacters || /\p{Cs}/u.test(value)) {
      throw new LatchkeyError('ISSUER_DATA_INVALID', { detail: malformed });
    }
  }
  return values;
}

function invalid(detail: string): LatchkeyError {
  return new LatchkeyError('ISSUER_FIELD_INVALID', { detail });
}

function missing(name: string): LatchkeyError {
  return invalid(`${name} is a required parameter and must be specified`);
}

function wrongType(name: string, wanted: string): LatchkeyError {
  return invalid(`the '${name}' parameter must be a ${wanted}`);
}

/** The same words about a field of the data. */
function invalidData({ message }: LatchkeyError): LatchkeyError {
  return new LatchkeyError('ISSUER_DATA_INVALID', { detail: message });
}
