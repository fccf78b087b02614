/** Which part of a list a caller asks for. */
import { LatchkeyError } from '../errors.ts';

/** An unlimited page has no `limit`. */
export interface Page {
  readonly offset: number;
  readonly limit: number | undefined;
}

/** What a caller gets that only says where to begin. */
const limitOfOffset = 10;

const numberForm = /^(?:0|[1-9]\d{0,14})$/;

/** The number that a text is in its only decimal form, up to 15 digits. */
export function plainNumber(text: string): number | undefined {
  return numberForm.test(text) ? Number(text) : undefined;
}

/**
 * The page of `limit` and `offset` as they were given; ten from the offset, where only that was.
 * @throws LatchkeyError `PAGE_INVALID`
 */
export function pageOf(limit: string | undefined, offset: string | undefined): Page {
  const limitNumber = limit === undefined ? undefined : plainNumber(limit);
  if (limit !== undefined && (limitNumber === undefined || limitNumber === 0)) {
    throw new LatchkeyError('PAGE_INVALID', {
      detail: "'limit' contains an invalid value. 'limit' must be a positive integer.",
    });
  }
  const offsetNumber = offset === undefined ? undefined : plainNumber(offset);
  if (offset !== undefined && offsetNumber === undefined) {
    throw new LatchkeyError('PAGE_INVALID', {
      detail: "'offset' contains an invalid value. 'offset' must be an integer greater than or equal to 0.",
    });
  }
  if (offsetNumber === undefined) return { offset: 0, limit: limitNumber };
  return { offset: offsetNumber, limit: limitNumber ?? limitOfOffset };
}

/** How many of `total` a page shows. */
export function countOn(page: Page, total: number): number {
  return Math.max(0, Math.min(page.limit ?? total, total - page.offset));
}

/**
 * The texts of a page, sorted by code units. Costs about as much as looking at each text a few
 * times and sorting the page, not as sorting them all.
 * @param texts are moved about
 */
export function sortedPage<Text extends string>(texts: Text[], page: Page): Text[] {
  const end = page.offset + countOn(page, texts.length);
  if (end === page.offset) return [];
  if (end < texts.length) select(texts, 0, texts.length - 1, end);
  if (page.offset > 0) select(texts, 0, end - 1, page.offset);
  return texts.slice(page.offset, end).sort();
}

/** Hoare's selection: moves what belongs before `index` before it, within `first` and `last`. */
function select(texts: string[], first: number, last: number, index: number): void {
  while (first < last) {
    const pivot = texts[first + Math.floor(Math.random() * (last - first + 1))];
    if (pivot === undefined) return;
    let low = first;
    let high = last;
    while (low <= high) {
      let left = texts[low];
      while (left !== undefined && left < pivot) left = texts[++low];
      let right = texts[high];
      while (right !== undefined && right > pivot) right = texts[--high];
      if (low > high || left === undefined || right === undefined) break;
      texts[low++] = right;
      texts[high--] = left;
    }
    if (index <= high) last = high;
    else if (index >= low) first = low;
    else return;
  }
}
