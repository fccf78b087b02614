/** What a host-factory token is to permit, read from what a client asked for. */
import { canonicalCidr } from '../cidr.ts';
import { isFailure, LatchkeyError } from '../errors.ts';
import { iso8601Instant } from './iso8601.ts';

/** As a client gave it: texts, or whatever else it sent. */
export interface TokenOrder {
  /** When the tokens expire, in ISO 8601. */
  readonly expiration: unknown;
  /** How many tokens; one where it is not said. */
  readonly count: unknown;
  /** Addresses and ranges that they may be used from; empty texts count for nothing. */
  readonly cidr: readonly string[];
}

export interface TokenTerms {
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  readonly count: number;
  /** Canonical. */
  readonly cidr: readonly string[];
}

/** How many tokens one request may ask for, and how many ranges a token may have. */
const maxTokensPerRequest = 1_000;
const maxRanges = 100;

/**
 * Reads the terms in Conjur's order, so that the first fault is the one that its clients expect.
 * @throws LatchkeyError `PARAMETER_MISSING`, `PARAMETER_INVALID`: expiration or count
 * @throws LatchkeyError `CIDR_INVALID`
 */
export function readTerms({ expiration, count, cidr }: TokenOrder, now: number): TokenTerms {
  if (expiration === undefined || expiration === null) {
    throw new LatchkeyError('PARAMETER_MISSING', { detail: 'expiration' });
  }
  const wanted = readCount(count);
  return { count: wanted, expiresAt: readExpiration(expiration, now), cidr: readRanges(cidr) };
}

function readCount(count: unknown): number {
  if (count === undefined || count === null) return 1;
  const text = typeof count === 'number' ? String(count) : count;
  if (typeof text === 'string' && /^\+?\d{1,9}$/.test(text.trim())) {
    const number = Number(text);
    if (number >= 1 && number <= maxTokensPerRequest) return number;
  }
  throw new LatchkeyError('PARAMETER_INVALID', {
    detail: `Invalid value for parameter 'count': ${excerptOf(count)}`,
  });
}

function readExpiration(expiration: unknown, now: number): number {
  const instant = typeof expiration === 'string' ? iso8601Instant(expiration) : undefined;
  if (instant === undefined) {
    throw new LatchkeyError('PARAMETER_INVALID', {
      detail: `Input is invalid ISO8601 datetime string: ${excerptOf(expiration)}`,
    });
  }
  if (instant.at > now) return instant.at;
  throw new LatchkeyError('PARAMETER_INVALID', {
    detail: `Value for parameter expiration must be in the future: ${instant.text}`,
  });
}

function readRanges(cidr: readonly string[]): readonly string[] {
  const ranges = cidr.filter((text) => text !== '');
  if (ranges.length > maxRanges) {
    throw new LatchkeyError('CIDR_INVALID', { detail: `More than ${maxRanges} CIDR ranges` });
  }
  try {
    return [...new Set(ranges.map(canonicalCidr))];
  } catch (error) {
    if (isFailure(error, 'PARAMETER_INVALID'))
      throw new LatchkeyError('CIDR_INVALID', { detail: error.message });
    throw error;
  }
}

const maxExcerpt = 80;

function excerptOf(value: unknown): string {
  return (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, maxExcerpt);
}
