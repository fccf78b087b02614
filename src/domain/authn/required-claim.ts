import type { Claims } from '../../ports/id-token-verifier.ts';
import { LatchkeyError } from '../errors.ts';

/**
 * A claim at the top level that a token must have, as text.
 * @throws LatchkeyError `JWT_CLAIM_MISSING`: not there, empty, or not a text
 */
export function requiredClaim(claims: Claims, name: string): string {
  const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
  if (typeof value === 'string' && value !== '') return value;
  throw new LatchkeyError('JWT_CLAIM_MISSING', { detail: `Claim '${name}' not found or empty in token` });
}
