/** Names of claims in settings and annotations: at the top level, or paths through nested objects. */
import type { Claims } from '../../../ports/id-token-verifier.ts';
import { LatchkeyError } from '../../errors.ts';
import { listed } from '../restrictions.ts';

const claimName = /^[a-zA-Z|$_][a-zA-Z|$_\-0-9.]*(?:\/[a-zA-Z|$_][a-zA-Z|$_\-0-9.]*)*$/;
/** The same in Conjur's spelling, which its messages show. */
const claimNameShown =
  '(?-mix:^[a-zA-Z|$|_][a-zA-Z|$|_|\\-|0-9|.]*(\\/[a-zA-Z|$|_][a-zA-Z|$|_|\\-|0-9|.]*)*$)';

/** Claims that say who made the token, for whom and when; they name no workload. */
export const reservedClaims: readonly string[] = ['iss', 'exp', 'nbf', 'iat', 'jti', 'aud'];

const maxShownCharacters = 200;

export function isClaimName(text: string): boolean {
  return claimName.test(text);
}

/**
 * Whether a setting may name this claim.
 * @throws LatchkeyError `CLAIM_NAME_EMPTY`, `CLAIM_NAME_INVALID`, `CLAIM_NAME_RESERVED`
 */
export function requireClaimName(text: string): void {
  if (text.trim() === '') throw new LatchkeyError('CLAIM_NAME_EMPTY');
  if (!isClaimName(text)) {
    throw new LatchkeyError('CLAIM_NAME_INVALID', {
      detail:
        `Failed to validate claim: claim name '${brief(text)}' does not match regular expression: ` +
        `'${claimNameShown}'.`,
    });
  }
  if (reservedClaims.includes(text)) {
    throw new LatchkeyError('CLAIM_NAME_RESERVED', {
      detail: `Failed to validate claim: claim name '${text}' is in denylist '${listed(reservedClaims)}'`,
    });
  }
}

/** @throws LatchkeyError `CLAIM_PATH_INVALID` */
export function requireClaimPath(text: string): void {
  if (isClaimName(text)) return;
  throw new LatchkeyError('CLAIM_PATH_INVALID', {
    detail:
      `Failed to parse claim path: '${brief(text)}'. The claim path is in an invalid format. ` +
      `The valid format should meet the following regex: '${claimNameShown}'`,
  });
}

/** The claim of exactly this name at the top level; undefined where there is none. */
export function literalClaim(claims: Claims, name: string): unknown {
  return Object.hasOwn(claims, name) ? (claims[name] ?? undefined) : undefined;
}

/** The claim of this name, else the one at this path; undefined where there is neither. */
export function claimAt(claims: Claims, path: string): unknown {
  const literal = literalClaim(claims, path);
  if (literal !== undefined || !path.includes('/')) return literal;
  let at: unknown = claims;
  for (const name of path.split('/')) {
    if (typeof at !== 'object' || at === null || Array.isArray(at)) return undefined;
    at = literalClaim(at as Claims, name);
  }
  return at;
}

/** A setting's text as a message may show it. */
export function brief(text: string): string {
  return text.length <= maxShownCharacters ? text : `${text.slice(0, maxShownCharacters)}...`;
}
