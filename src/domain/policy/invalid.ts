import { LatchkeyError, type Position } from '../errors.ts';

/**
 * The refusal of a policy text: `problem` in the wording that clients know, then advice on
 * how to write it.
 */
export function invalid(at: Position, problem: string, advice = ''): LatchkeyError {
  if (advice === '') return new LatchkeyError('POLICY_INVALID', { at, detail: problem });
  return new LatchkeyError('POLICY_INVALID', { at, detail: `${problem}. ${advice}`, advice });
}

/** The problem alone, without the advice that {@link invalid} put behind it. */
export function problemOf({ message, advice }: LatchkeyError): string {
  const end = advice === undefined ? '' : `. ${advice}`;
  return message.endsWith(end) ? message.slice(0, message.length - end.length) : message;
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
