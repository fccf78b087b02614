import { countOn, type Page } from '../paging.ts';

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
