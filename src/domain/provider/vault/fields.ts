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

/**
 * Makes sure that no object names one that is to be removed.
 * @param subject what is to be removed, with its name
 * @param users those that name it, of the kind that `by` calls them
 * @throws LatchkeyError `REGISTRY_RECORD_IN_USE`: its detail lists the users, for the caller
 */
export function requireUnused(
  subject: string,
  by: string,
  users: readonly { readonly name: string }[],
): void {
  if (users.length === 0) return;
  const names = users
    .map(({ name }) => name)
    .sort()
    .join(', ');
  throw new LatchkeyError('REGISTRY_RECORD_IN_USE', {
    detail: `${subject} is still used by these ${by}: ${names}`,
  });
}
