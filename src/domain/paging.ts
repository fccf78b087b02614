/** Which part of a list is asked for. */
import { LatchkeyError } from './errors.ts';

export interface Paging {
  readonly offset: number;
  readonly limit: number;
}

const maxLimit = 1_000;
const limitWithOffset = 10;

/**
 * Reads the two parameters of a list. Without either the first 1,000 are meant, with an offset
 * alone the ten from there on.
 * @throws LatchkeyError `FIELD_INVALID`: not a number, below 0, or a limit beyond 1,000; every fault
 * @see Conjur: paging of its versioned API
 */
export function readPaging(given: { readonly offset?: string; readonly limit?: string }): Paging {
  const offset = numberOf(given.offset);
  const limit = numberOf(given.limit);
  const faults = [
    ...faultsOf('Offset', offset, Number.MAX_SAFE_INTEGER),
    ...faultsOf('Limit', limit, maxLimit),
  ];
  if (faults.length > 0) throw new LatchkeyError('FIELD_INVALID', { detail: faults.join(' and ') });
  return { offset: offset ?? 0, limit: limit ?? (offset === undefined ? maxLimit : limitWithOffset) };
}

/** The part of a list. */
export function pageOf<T>(list: readonly T[], { offset, limit }: Paging): readonly T[] {
  return list.slice(offset, offset + limit);
}

function numberOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  return /^[+-]?\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
}

function faultsOf(name: string, number: number | undefined, most: number): readonly string[] {
  if (number === undefined) return [];
  if (Number.isNaN(number)) return [`${name} is not a number`];
  if (number < 0) return [`${name} must be greater than or equal to 0`];
  return number > most ? [`${name} must be less than or equal to ${most}`] : [];
}
