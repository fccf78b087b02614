import { LatchkeyError } from './errors.ts';
import { splitId } from './ids.ts';

/**
 * `RESOURCE_NOT_FOUND` for what is missing, and for what the role may not know of or not do: a
 * caller cannot tell which.
 * @param subject a full id; its kind need not be one of policy: a branch, for example, is what a policy is
 *   called elsewhere
 * @param cause why, where the caller is not to know
 */
export function recordMissing(subject: string, cause?: LatchkeyError): LatchkeyError {
  const hidden = cause === undefined ? {} : { cause };
  return new LatchkeyError('RESOURCE_NOT_FOUND', { subject, detail: missingText(subject), ...hidden });
}

/** Conjur's words for a record that is not there: `Variable 'a/b' not found in account 'acct'`. */
export function missingText(subject: string): string {
  const { account, kind, identifier } = splitId(subject) ?? { account: '', kind: '', identifier: subject };
  const name = kind.charAt(0).toUpperCase() + kind.slice(1);
  return `${name} '${identifier}' not found in account '${account}'`;
}
