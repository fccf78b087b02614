/** What the server's answers mean to the user. */
import { z } from 'zod';
import { parseJson } from '../parse-json.ts';
import type { Answer } from './connection.ts';
import type { Exit } from './exit-codes.ts';
import { CommandError } from './exit-codes.ts';

/** Akeyless' dialect has the message itself there. */
const errorForm = z.object({ error: z.union([z.object({ message: z.string() }), z.string()]) });
/** Vault's dialect. */
const errorsForm = z.object({ errors: z.array(z.string()) });

const advice: Readonly<Record<number, string>> = {
  401: 'The credentials are not, or no longer, accepted. Run: latchkey login',
  403: 'Your role lacks the privilege for it. Ask whoever owns the policy',
  404: 'It does not exist, or your role may not see it',
  409: 'Somebody else changes it at this moment. Try again',
  413: 'It is larger than the server accepts',
  429: 'The server is busy. Try again later',
  503: 'The server is busy or not ready. Try again later',
};

/**
 * The failure of a request that the server did not do.
 * @param action completes "cannot …"
 * @param hints by status, instead of the usual advice
 * @param exit by default `not-logged-in` for a 401, and `refused` for the rest
 */
export function refusal(
  action: string,
  answer: Answer,
  hints: Readonly<Record<number, string>> = {},
  exit: Exit = answer.status === 401 ? 'not-logged-in' : 'refused',
): CommandError {
  const said = messageOf(answer);
  const parts = [
    `cannot ${action}: the server answered ${`${answer.status} ${plain(answer.statusText)}`.trim()}`,
    ...(said === '' ? [] : [`It says: ${said}`]),
    hints[answer.status] ?? advice[answer.status] ?? generalAdvice(answer),
  ];
  return new CommandError(exit, parts.filter((part) => part !== '').join('. '));
}

function generalAdvice(answer: Answer): string {
  if (answer.status >= 300 && answer.status < 400) {
    return 'It sends to another address, which is not followed, because credentials would go along. Check the URL';
  }
  const id = answer.headers['x-request-id'];
  if (answer.status < 500 || typeof id !== 'string') return '';
  return `Its log says why, under the request id ${plain(id)}`;
}

/** What the answer's JSON says went wrong; empty when it says nothing. */
function messageOf(answer: Answer): string {
  const body = jsonOf(answer);
  const several = errorsForm.safeParse(body);
  if (several.success) return several.data.errors.map(plain).join('. ');
  const result = errorForm.safeParse(body);
  if (!result.success) return '';
  const { error } = result.data;
  const text = plain(typeof error === 'string' ? error : error.message).replace(/\.$/, '');
  const place = /^line=(\d{1,9}), column=(\d{1,9})$/.exec(headerOf(answer, 'x-policy-position'));
  const where = place === null ? '' : ` (line ${place[1] ?? ''}, column ${place[2] ?? ''})`;
  const advice = decoded(headerOf(answer, 'x-policy-advice'));
  return `${text}${where}${advice === '' ? '' : `. ${plain(advice)}`}`;
}

/** A header of which there is one; otherwise empty. */
function headerOf(answer: Answer, name: string): string {
  const value = answer.headers[name];
  return typeof value === 'string' ? value : '';
}

function decoded(text: string): string {
  try {
    return decodeURI(text);
  } catch {
    return '';
  }
}

/** Text from elsewhere, fit for a terminal: one line, no control characters, not endless. */
export function plain(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim()
    .slice(0, 500);
}

/** The body as JSON; undefined when it is none. */
export function jsonOf({ body }: Answer): unknown {
  return parseJson(body.toString());
}

/**
 * Reads the body of an answer that the server gave as promised.
 * @throws CommandError `refused`: the body has another shape
 */
export function readAnswer<Value>(action: string, answer: Answer, form: z.ZodType<Value>): Value {
  const result = form.safeParse(jsonOf(answer));
  if (result.success) return result.data;
  throw new CommandError('refused', `cannot ${action}: the server's answer is not of the expected form`);
}
