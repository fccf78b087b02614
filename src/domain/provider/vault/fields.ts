/** What the objects of Vault's dialect have in common: how lists are kept, and how much they may hold. */
import { LatchkeyError } from '../../errors.ts';

const maxListItems = 1_000;
/** Of all items of a list together: every process keeps them in memory. */
const maxListCharacters = 64 * 1_024;
const maxTextCharacters = 2_048;

/**
 * A list as Vault keeps it: without blanks, each item once, in ascending order of bytes.
 * @throws LatchkeyError `REGISTRY_FIELD_INVALID`: more than 1,000 items, one of more than 2,048 characters, or
 *   more than 64 Ki characters in all
 */
export function keptList(field: string, items: readonly string[]): readonly string[] {
  const kept = [...new Set(items.filter((item) => item !== ''))];
  requireLimits(field, kept);
  return kept.sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
}

/** @throws LatchkeyError `REGISTRY_FIELD_INVALID`: as {@link keptList}, of a list that is kept as it was given */
export function requireLimits(field: string, items: readonly string[]): void {
  if (items.length > maxListItems)
    throw fieldInvalid(`${field} may have up to ${String(maxListItems)} items`);
  for (const item of items) requireText(field, item);
  if (items.join('').length > maxListCharacters) throw fieldInvalid(`${field} is too long`);
}

/** @throws LatchkeyError `REGISTRY_FIELD_INVALID`: too long, or not well-formed Unicode */
export function requireText(field: string, text: string, maxCharacters = maxTextCharacters): void {
  if (text.length > maxCharacters) {
    throw fieldInvalid(`${field} may have up to ${String(maxCharacters)} characters`);
  }
  if (/\p{Cs}/u.test(text)) throw fieldInvalid(`${field} is not well-formed Unicode`);
}

/** What is told to the caller of a field that is refused. */
export function fieldInvalid(detail: string): LatchkeyError {
  return new LatchkeyError('REGISTRY_FIELD_INVALID', { detail });
}

/** What is told to the caller of an object that others still name. */
export function inUse(what: string, name: string, by: string, names: readonly string[]): LatchkeyError {
  const users = [...names].sort().join(', ');
  return new LatchkeyError('REGISTRY_RECORD_IN_USE', {
    detail: `${what} "${name}" is still used by these ${by}: ${users}`,
  });
}

export function notFound(what: string, name: string): LatchkeyError {
  return new LatchkeyError('REGISTRY_RECORD_NOT_FOUND', { detail: `there is no ${what} "${name}"` });
}
