import type { z } from 'zod';
import { readAnswer, refusal } from './answers.ts';
import type { Session } from './session.ts';

export type Parameters = Readonly<Record<string, unknown>>;

const json = { 'content-type': 'application/json' };

const hints = { 409: '' };

/**
 * Makes a call of the API that is named as Akeyless' as the user.
 * @param action completes "cannot …"
 * @throws CommandError `refused`, and those of the session
 */
export async function callAkeyless<Value>(
  session: Session,
  action: string,
  call: string,
  parameters: Parameters,
  form: z.ZodType<Value>,
): Promise<Value> {
  const { base64: token } = await session.accessToken();
  return sendAkeyless(session, action, call, { ...parameters, token }, form);
}

/** As {@link callAkeyless}, as nobody. */
export async function sendAkeyless<Value>(
  session: Session,
  action: string,
  call: string,
  parameters: Parameters,
  form: z.ZodType<Value>,
): Promise<Value> {
  const answer = await session.send({
    method: 'POST',
    path: [call],
    headers: json,
    body: JSON.stringify(parameters),
  });
  if (answer.status !== 200) throw refusal(action, answer, hints);
  return readAnswer(action, answer, form);
}
