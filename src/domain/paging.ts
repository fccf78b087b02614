/** Which part of a list is asked for: as the lists of resources and roles read it, and the versioned API. */
import { LatchkeyError } from './errors.ts';

/** An unlimited page has no `limit`. */
export interface Page {
  readonly offset: number;
  readonly limit: number | undefined;
}

/** The parameters as they were given. */
export interface GivenPage {
  readonly offset?: string | undefined;
  readonly limit?: string | undefined;
}

/** What a caller gets that only says where to begin. */
const limitOfOffset = 10;
/** The most that the versioned API shows, and what it shows unasked. */
const maxVersionedLimit = 1_000;

/**
 * Reads the page of a list of resources or roles: decimal digits alone, a limit from 1 on. Without
 * either parameter everything is meant, with an offset alone the ten from there on.
 * @param invalid the refusal
 * @throws LatchkeyError `PAGE_INVALID`, unless `invalid` makes another
 */
export function readPage(given: GivenPage, invalid = pageInvalid): Page {
  const limit = given.limit === undefined ? undefined : digits(given.limit);
  if (Number.isNaN(limit) || limit === 0) throw invalid('limit');
  const offset = given.offset === undefined ? undefined : digits(given.offset);
  if (Number.isNaN(offset)) throw invalid('offset');
  return { offset: offset ?? 0, limit: limit ?? (offset === undefined ? undefined : limitOfOffset) };
}

function pageInvalid(parameter: 'limit' | 'offset'): LatchkeyError {
  return new LatchkeyError('PAGE_INVALID', { detail: pageFault(parameter) });
}

/** What is wrong with a page, in Conjur's words. */
export function pageFault(parameter: 'limit' | 'offset'): string {
  const wanted = parameter === 'limit' ? 'a positive integer' : 'an integer greater than or equal to 0';
  return `'${parameter}' contains an invalid value. '${parameter}' must be ${wanted}.`;
}

function digits(text: string): number {
  return /^(?:0|[1-9]\d{0,14})$/.test(text) ? Number(text) : Number.NaN;
}

/**
 * Reads the page of a list of the versioned API. Without either parameter the first 1,000 are meant, with an
 * offset alone the ten from there on.
 * @throws LatchkeyError `FIELD_INVALID`: not a number, below 0, or a limit beyond 1,000; every fault
 * @see Conjur: paging of its versioned API
 */
export function readVersionedPage(given: GivenPage): Page {
  const offset = signed(given.offset);
  const limit = signed(given.limit);
  const faults = [
    ...faultsOf('Offset', offset, Number.MAX_SAFE_INTEGER),
    ...faultsOf('Limit', limit, maxVersionedLimit),
  ];
  if (faults.length > 0) throw new LatchkeyError('FIELD_INVALID', { detail: faults.join(' and ') });
  return { offset: offset ?? 0, limit: limit ?? (offset === undefined ? maxVersionedLimit : limitOfOffset) };
}

function signed(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  return /^[+-]?\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
}

function faultsOf(name: string, number: number | undefined, most: number): readonly string[] {
  if (number === undefined) return [];
  if (Number.isNaN(number)) return [`${name} is not a number`];
  if (number < 0) return [`${name} must be greater than or equal to 0`];
  return number > most ? [`${name} must be less than or equal to ${most}`] : [];
}

/** The part of a list that a page shows. */
export function partOn<T>(list: readonly T[], page: Page): readonly T[] {
  return list.slice(page.offset, page.offset + countOn(page, list.length));
}

/** How many of `total` a page shows. */
export function countOn({ offset, limit }: Page, total: number): number {
  return Math.max(0, Math.min(limit ?? total, total - offset));
}
