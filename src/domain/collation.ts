/**
 * The order of ids in lists: that of a Conjur server, whose database sorts by the rules of a
 * language. Punctuation counts only between texts that are the same without it, case after that:
 * `data`, `data/Apps`, `data_own`, `data/sub`.
 */
const withoutPunctuation = new Intl.Collator('en-US', { ignorePunctuation: true });
const withPunctuation = new Intl.Collator('en-US', { ignorePunctuation: false });

/** Compares two ids, for `sort`; 0 only for the same text. */
export function compareIds(one: string, other: string): number {
  return (
    withoutPunctuation.compare(one, other) ||
    withPunctuation.compare(one, other) ||
    (one < other ? -1 : one > other ? 1 : 0)
  );
}
