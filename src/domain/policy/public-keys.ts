import { hasControlCharacter } from '../ids.ts';
import type { PublicKeyLine } from './statements.ts';

/** The parts of a public key line, `algorithm key name`; undefined when it has not all three. */
export function publicKeyOf(text: string): PublicKeyLine | undefined {
  const line = text.trim();
  const name = /^\S+ +\S+ +(\S.*)$/s.exec(line)?.[1];
  return name === undefined || hasControlCharacter(line) ? undefined : { name, line };
}
