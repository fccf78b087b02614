/** Long lists come in pages. */
import { invalid } from '../../domain/provider/akeyless/fields.ts';
import { textOf, type Parameters } from './body.ts';

const usualPageSize = 1_000;

export interface Page<T> {
  readonly page: readonly T[];
  /** What `pagination-token` is to be for the next page; undefined of the last. */
  readonly nextPage: string | undefined;
}

/**
 * The page of a list that `pagination-token` names, or the first.
 * @throws LatchkeyError `REGISTRY_FIELD_INVALID`: the token is none that was given
 */
export function pageOf<T>(all: readonly T[], parameters: Parameters, size = usualPageSize): Page<T> {
  const token = textOf(parameters, 'pagination-token') ?? '0';
  if (!/^\d{1,9}$/.test(token)) throw invalid('pagination-token', 'is not valid');
  const start = Number(token);
  const end = start + size;
  return { page: all.slice(start, end), nextPage: end < all.length ? String(end) : undefined };
}
