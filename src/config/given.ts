/** What a reader of one source found, before any value is understood. */
import type { Property } from './options.ts';

/** A setting's text and where it was found, as messages name it. */
export interface Given {
  readonly text: string;
  readonly origin: string;
  readonly source: 'flag' | 'environment' | 'file' | 'default';
}

export type GivenSettings = ReadonlyMap<Property, Given>;

/**
 * Reads a text file; may throw.
 * @param secret whether a file that is open to others than its owner is refused, by throwing
 */
export type ReadFile = (path: string, secret?: 'secret') => string;
