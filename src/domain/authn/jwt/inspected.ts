import { catalogue, type LatchkeyError } from '../../errors.ts';

/** A failure within another's words, as Conjur shows it: `#<Errors::…: CONJ00104E …>`. */
export function inspected(error: LatchkeyError): string {
  return `#<${catalogue[error.code].conjur?.class ?? error.code}: ${error.conjurText}>`;
}
