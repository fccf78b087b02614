/** Proof Key for Code Exchange (RFC 7636), with both of its methods. */
import { createHash, timingSafeEqual } from 'node:crypto';

export type ChallengeMethod = 'plain' | 'S256';

export interface Challenge {
  readonly value: string;
  readonly method: ChallengeMethod;
}

/** RFC 7636 section 4.2: as long as the shortest and the longest verifier. */
const minChallengeLength = 43;
const maxChallengeLength = 128;

/** Whether the name is that of a method; they are case-sensitive, and none at all means `plain`. */
export function isChallengeMethod(name: string | undefined): name is ChallengeMethod | '' | undefined {
  return name === undefined || name === '' || name === 'plain' || name === 'S256';
}

export function challengeLengthAllowed(challenge: string): boolean {
  const { length } = challenge;
  return length >= minChallengeLength && length <= maxChallengeLength;
}

/** Whether a verifier is the one that a challenge was made from (RFC 7636 section 4.6), in constant time. */
export function verifierMatches({ value, method }: Challenge, verifier: string): boolean {
  const derived = method === 'plain' ? verifier : createHash('sha256').update(verifier).digest('base64url');
  const actual = Buffer.from(derived);
  const expected = Buffer.from(value);
  return actual.length === expected.length && timingSafeEqual(actual, expected);
}
