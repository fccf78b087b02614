/** The shape of the error catalogue. */
export type ErrorKind =
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'too_large'
  | 'unavailable'
  | 'internal';

/** One failure: its kind, what a caller may be told, and what Conjur calls it. */
export interface CatalogueEntry {
  readonly kind: ErrorKind;
  readonly text: string;
  readonly conjur?: { readonly code: string; readonly class: string };
}

/** The code and class of a failure in Conjur. */
export function conjur(code: string, className: string): { readonly code: string; readonly class: string } {
  return { code, class: `Errors::${className}` };
}
