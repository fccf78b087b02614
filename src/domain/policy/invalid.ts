import { LatchkeyError, type Position } from '../errors.ts';

/**
 * The refusal of a policy text: `problem` in the wording that clients know, then advice on
 * how to write it.
 */
export function invalid(at: Position, problem: string, advice = ''): LatchkeyError {
  return new LatchkeyError('POLICY_INVALID', {
    at,
    detail: advice === '' ? problem : `${problem}. ${advice}`,
  });
}

/** The refusal of a policy text that is legal but too big; says which limit it passes. */
export function tooLarge(detail: string): LatchkeyError {
  return new LatchkeyError('POLICY_TOO_LARGE', { detail });
}

/** Text as it is quoted in messages: short, on one line, without control characters. */
export function excerpt(text: string): string {
  const line = text.slice(0, 80).replace(/\p{Cc}+/gu, ' ');
  return text.length > 80 ? `${line.slice(0, 77)}...` : line;
}
