/** The settings `enforced-claims` and `claim-aliases`. */
import { isFailure, LatchkeyError } from '../../errors.ts';
import { brief, requireClaimName } from './claim-names.ts';
import { inspected } from './inspected.ts';

/**
 * Reads `enforced-claims`: names of claims, separated by commas.
 * @throws LatchkeyError `ENFORCED_CLAIMS_EMPTY`, `ENFORCED_CLAIMS_INVALID` (a comma too many),
 *   `ENFORCED_CLAIMS_REPEATED`, and those of a claim's name
 */
export function parseEnforcedClaims(text: string): readonly string[] {
  if (text.trim() === '') throw new LatchkeyError('ENFORCED_CLAIMS_EMPTY');
  const names = text.split(',').map((name) => name.trim());
  if (names.includes('')) {
    throw new LatchkeyError('ENFORCED_CLAIMS_INVALID', {
      detail: `List of enforced claims '${brief(text)}' is in invalid format. Separate claim names with commas.`,
    });
  }
  if (new Set(names).size !== names.length) {
    throw new LatchkeyError('ENFORCED_CLAIMS_REPEATED', {
      detail: `List of enforced claims '${brief(text)}' must not contain duplications.`,
    });
  }
  for (const name of names) requireClaimName(name);
  return names;
}

/**
 * Reads `claim-aliases`: pairs `annotation:claim`, separated by commas.
 * @returns the claims by the names that annotations use for them
 * @throws LatchkeyError `CLAIM_ALIASES_EMPTY`, `CLAIM_ALIASES_BLANK_ITEM`, `CLAIM_ALIAS_INVALID`,
 *   `CLAIM_ALIAS_HAS_SLASH`, `CLAIM_ALIAS_NAME_INVALID`, `CLAIM_ALIAS_REPEATED`
 */
export function parseClaimAliases(text: string): ReadonlyMap<string, string> {
  if (text.trim() === '') throw new LatchkeyError('CLAIM_ALIASES_EMPTY');
  const claims = new Map<string, string>();
  const targets = new Set<string>();
  for (const pair of text.split(',').map((item) => item.trim())) {
    if (pair === '') {
      throw new LatchkeyError('CLAIM_ALIASES_BLANK_ITEM', {
        detail: `Failed to parse claim aliases: one or more mapping statements are blank or empty '${brief(text)}'.`,
      });
    }
    const [alias, claim] = readPair(pair);
    if (claims.has(alias)) throw repeated('annotation name', alias);
    if (targets.has(claim)) throw repeated('claim name', claim);
    claims.set(alias, claim);
    targets.add(claim);
  }
  return claims;
}

function readPair(pair: string): readonly [alias: string, claim: string] {
  const [alias = '', claim = '', ...rest] = pair.split(':').map((part) => part.trim());
  if (rest.length > 0 || alias === '' || claim === '') {
    throw new LatchkeyError('CLAIM_ALIAS_INVALID', {
      detail:
        `Failed to parse claim aliases: the claim alias value '${brief(pair)}' is in invalid format.` +
        `The correct format is: 'annotation_name:claim_name'`,
    });
  }
  if (alias.includes('/')) {
    throw new LatchkeyError('CLAIM_ALIAS_HAS_SLASH', {
      detail: `Failed to parse claim aliases: the claim alias name '${brief(alias)}' contains '/'.`,
    });
  }
  try {
    requireClaimName(alias);
    requireClaimName(claim);
  } catch (error) {
    if (!isFailure(error)) throw error;
    throw new LatchkeyError('CLAIM_ALIAS_NAME_INVALID', {
      detail:
        `Failed to parse claim aliases: one of the claims in the claim alias value '${brief(pair)}' ` +
        `is in an invalid format : ${inspected(error)}.`,
      cause: error,
    });
  }
  return [alias, claim];
}

function repeated(what: string, name: string): LatchkeyError {
  return new LatchkeyError('CLAIM_ALIAS_REPEATED', {
    detail: `Failed to parse claim aliases: ${what} value '${name}' appears more than once`,
  });
}
